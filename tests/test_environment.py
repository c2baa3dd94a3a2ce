"""The environment of exercises is built from a lock, found by its hash, and never half there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from unfit import environment
from unfit.errors import EnvironmentMissing, SandboxError


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNFIT_HOME", str(tmp_path / "home"))
    (tmp_path / "bank").mkdir()
    return tmp_path / "bank"


def test_a_bank_without_a_lock_uses_that_of_the_kit(bank: Path) -> None:
    assert b"scikit-learn==" in environment.lock_of(bank)


def test_every_locked_distribution_carries_its_hashes(bank: Path) -> None:
    lines = environment.lock_of(bank).decode().splitlines()
    pinned = [at for at, line in enumerate(lines) if "==" in line]
    assert pinned
    assert all("--hash=sha256:" in lines[at + 1] for at in pinned)


def test_the_digest_follows_the_lock() -> None:
    assert environment.digest_of(b"one") != environment.digest_of(b"two")


def test_an_environment_that_was_never_built_says_how_to_build_it(bank: Path) -> None:
    with pytest.raises(EnvironmentMissing, match="make setup"):
        environment.find(bank)


def test_what_is_built_is_found_and_runs(bank: Path) -> None:
    (bank / "environment.lock").write_text("")
    built = environment.build(bank)
    assert environment.find(bank) == built
    assert subprocess.run([built.python, "-c", ""], check=False).returncode == 0


def test_building_twice_builds_once(bank: Path) -> None:
    (bank / "environment.lock").write_text("")
    told: list[str] = []
    for _ in range(2):
        environment.build(bank, tell=told.append)
    assert len(told) == 1


def test_a_failed_build_leaves_nothing_and_shows_why(bank: Path) -> None:
    (bank / "environment.lock").write_text("no-hash-here==1.0\n")
    with pytest.raises(SandboxError, match="could not install"):
        environment.build(bank)
    assert not any(environment.folder_of("x").parent.iterdir())
