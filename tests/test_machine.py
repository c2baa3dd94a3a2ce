"""The machine is examined before the first grade, and never graded on where a denial fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stubs import Desk
from unfit import home, machine
from unfit.errors import SandboxError
from unfit.sandbox import Environment
from unfit.sandbox.selfcheck import Denial

PLACE = Environment(Path(sys.executable), digest="test")
HELD = Denial("read the home folder", holds=True, seen="")
OPEN = Denial("open a network connection", holds=False, seen="connected")


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Denial]:
    """Replace the trial of the sandbox by its result, which a test may change."""
    monkeypatch.setenv("UNFIT_HOME", str(tmp_path))
    denials = [HELD]
    monkeypatch.setattr(machine, "selfcheck", lambda *_: denials)
    return denials


def test_a_machine_that_denies_everything_is_trusted_once(tried: list[Denial]) -> None:
    told: list[str] = []
    for _ in range(2):
        machine.trust(PLACE, tell=told.append)
    assert len(told) == 1
    assert len(list((home.cache() / "proven").iterdir())) == 1


def test_a_machine_that_lets_something_through_is_never_trusted(tried: list[Denial]) -> None:
    tried.append(OPEN)
    for _ in range(2):
        with pytest.raises(SandboxError, match="does not deny: open a network connection"):
            machine.trust(PLACE)


def test_the_doctor_names_what_is_not_denied(tried: list[Denial], monkeypatch: pytest.MonkeyPatch) -> None:
    tried.append(OPEN)
    monkeypatch.setattr("unfit.machine.environment.find", lambda _: PLACE)
    bad = [finding.what for finding in machine.examine(Path()) if not finding.good]
    assert bad == ["not denied: open a network connection: connected"]


def test_the_doctor_says_when_the_environment_is_missing(tried: list[Denial]) -> None:
    last = machine.examine(Path())[-1]
    assert (last.good, "make setup" in last.fix) == (False, True)


def test_another_kernel_or_kit_is_tried_anew(tried: list[Denial], monkeypatch: pytest.MonkeyPatch) -> None:
    machine.trust(PLACE)
    monkeypatch.setattr("unfit.machine.platform.release", lambda: "99.0")
    told: list[str] = []
    machine.trust(PLACE, tell=told.append)
    assert told


def test_nothing_is_graded_where_the_backend_cannot_work(tried: list[Denial], tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="it is not installed"):
        machine.ensure_may_grade(Desk({}, obstacles=("it is not installed",)), PLACE, tmp_path)
    assert not (home.cache() / "proven").exists()


def test_a_backend_that_protects_is_tried_before_the_first_grade(tried: list[Denial], tmp_path: Path) -> None:
    tried.append(OPEN)
    with pytest.raises(SandboxError, match="does not deny"):
        machine.ensure_may_grade(Desk({}, protected=True), PLACE, tmp_path)
