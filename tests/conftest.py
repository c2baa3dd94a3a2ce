"""What pytest leaves alone, and what it tells at the end: the attacks that were tried and contained."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import settings

# Machines are noisy: an example that takes long is no failure. And a change is judged by the same examples as the one
# before; `make test-all` draws others each time.
settings.register_profile("kit", deadline=None, derandomize="UNFIT_FRESH_EXAMPLES" not in os.environ)
settings.load_profile("kit")

collect_ignore = ["adopt", "banks", "derive"]  # exercises that are kept there bring tests of their own


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
