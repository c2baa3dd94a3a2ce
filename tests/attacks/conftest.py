"""What all attacks share: the arena, and the count at the end."""

from __future__ import annotations

from collections import Counter

import pytest

from attacks.arena import Arena, confined
from sandbox_samples import problems

collect_ignore = ["submissions"]


@pytest.fixture(name="arena")
def arena_fixture(arena_works: None) -> Arena:
    """Give the shared arena, where this machine can confine."""
    return confined()


@pytest.fixture(name="arena_works", scope="session")
def arena_works_fixture() -> None:
    """Skip where this machine cannot confine."""
    if problems():
        pytest.skip(problems())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many attacks were tried and how many contained, by kind."""
    tried: Counter[str] = Counter()
    contained: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for kind in dict(report.user_properties).get("attack", "").split():
                tried[kind] += 1
                contained[kind] += outcome == "passed"
    if tried:
        terminalreporter.section("attacks")
        for kind in tried:
            terminalreporter.write_line(f"{kind:<12} {tried[kind]:>4} tried {contained[kind]:>4} contained")
        terminalreporter.write_line(f"{'all':<12} {tried.total():>4} tried {contained.total():>4} contained")
