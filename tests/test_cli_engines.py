"""Where an engine is to run a verb, it gets the same verb, with what it reads and writes mounted, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from unfit.cli import app
from unfit.regrade import Stored

TEA = Path(__file__).resolve().parent / "banks" / "miniature"
SHIPPED = TEA / "exercises" / "tea_shop"
Typed = Callable[..., tuple[Result, list[str]]]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a verb where an engine records its command line, a word a line, and ends with 4."""
    program, log = tmp_path / "bin" / "podman", tmp_path / "log"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("UNFIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def unfit(*words: str | Path, info: str = "exit 0") -> tuple[Result, list[str]]:
        program.write_text(
            f'#!/bin/sh\ncase "$1" in info) {info};; run) printf "%s\\n" "$@" > {log}; exit 4;; esac\n'
        )
        program.chmod(0o755)
        done = CliRunner().invoke(app, [*map(str, words)])
        return done, log.read_text().splitlines() if log.exists() else []

    return unfit


def test_a_verb_runs_inside_with_its_own_words_and_exit_code(typed: Typed) -> None:
    done, said = typed("grade", "tea_shop", SHIPPED, "--bank", TEA, "--seed", "7", "--engine", "podman")
    assert done.exit_code == 4
    assert said[said.index("grade") :][:3] == ["grade", "--seed", "7"]
    assert said[-3:] == ["--", "tea_shop", str(SHIPPED)]


def test_submission_and_bank_are_read_only_and_results_are_written_where_they_belong(
    typed: Typed, tmp_path: Path
) -> None:
    _, said = typed("grade", "tea_shop", SHIPPED, "--bank", TEA, "--out", "new/out", "--engine", "podman")
    assert f"--mount=type=bind,source={SHIPPED},target={SHIPPED},readonly" in said
    assert f"--mount=type=bind,source={TEA},target={TEA},readonly" in said
    out = tmp_path / "new" / "out"
    assert f"--mount=type=bind,source={out},target={out}" in said
    assert out.is_dir()


def test_the_ledger_is_mounted_where_it_is(typed: Typed, tmp_path: Path) -> None:
    _, said = typed("grade", "tea_shop", SHIPPED, "--bank", TEA, "--engine", "podman")
    place = tmp_path / "home" / "ledger"
    assert [f"--mount=type=bind,source={place},target={place}"] == [
        word for word in said if "ledger," in word
    ]
    assert said[said.index("--ledger") + 1] == str(place)


def test_a_list_of_submissions_brings_what_it_names(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    table = tmp_path / "lists" / "all.csv"
    table.write_text(f"submission\n{SHIPPED}\n")
    _, said = typed("cohort", table, "--out", "spring", "--bank", TEA, "--engine", "podman")
    assert f"--mount=type=bind,source={SHIPPED},target={SHIPPED},readonly" in said
    assert f"--mount=type=bind,source={table.parent},target={table.parent},readonly" in said


def test_grades_are_made_again_with_their_submissions_and_keys_mounted(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring, ada = tmp_path / "spring", tmp_path / "elsewhere" / "ada.zip"
    for path in (spring / "grades/c-1/grade.json", ada, tmp_path / "spring.key.toml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [Stored("c-1", spring / "grades/c-1", ada)]
    monkeypatch.setattr("unfit.regrade.stored", lambda *_, **__: found)
    _, said = typed("regrade", spring, "--out", "again", "--bank", TEA, "--engine", "podman")
    for place in (spring, ada, tmp_path / "spring.key.toml"):
        assert f"--mount=type=bind,source={place},target={place},readonly" in said
    assert f"--mount=type=bind,source={tmp_path / 'again'},target={tmp_path / 'again'}" in said
    assert said[-2:] == ["--", str(spring)]


def test_a_key_that_is_read_is_not_written(typed: Typed, tmp_path: Path) -> None:
    key, folder = tmp_path / "keys" / "spring.toml", tmp_path / "ada"
    for path in (key, folder / "grade.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    _, said = typed(
        "regrade",
        folder,
        "--out",
        "again",
        "--key",
        key,
        "--submission",
        SHIPPED,
        "--bank",
        TEA,
        "--engine",
        "podman",
    )
    assert f"--mount=type=bind,source={key},target={key},readonly" in said
    assert f"--mount=type=bind,source={key.parent},target={key.parent}" not in said


def test_a_grade_whose_submission_nobody_knows_is_told_before_an_engine_starts(
    typed: Typed, tmp_path: Path
) -> None:
    done, said = typed("regrade", tmp_path, "--out", "again", "--bank", TEA, "--engine", "podman")
    assert ("holds neither a grade nor a cohort" in str(done.exception), said) == (True, [])


def test_a_bank_is_written_to_only_where_harm_is(typed: Typed) -> None:
    _, said = typed("validate", "tea_shop", "--bank", TEA, "--engine", "podman")
    assert f"--mount=type=bind,source={TEA},target={TEA},readonly" in said
    _, said = typed("validate", "tea_shop", "--bank", TEA, "--write-harm", "--engine", "podman")
    assert f"--mount=type=bind,source={TEA},target={TEA}" in said


def test_an_engine_that_is_not_running_says_how_to_start_it(typed: Typed) -> None:
    done, said = typed("grade", "--engine", "podman", info="echo cannot connect >&2; exit 125")
    assert not said
    assert "does not run containers: cannot connect" in str(done.exception)
    assert "podman machine start" in str(done.exception)


def test_an_engine_that_is_not_installed_is_a_mistake_of_the_caller(typed: Typed) -> None:
    done, _ = typed("grade", "--engine", "docker")
    assert "docker is not installed" in str(done.exception)


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_elsewhere_than_on_linux_an_engine_is_taken_without_a_word(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    _, said = typed("grade", "tea_shop", SHIPPED, "--bank", TEA)
    assert "--userns=keep-id:uid=10001,gid=10001" in said


def test_elsewhere_than_on_linux_a_machine_without_an_engine_says_what_to_install(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("shutil.which", lambda _: None)
    done, _ = typed("grade", "tea_shop", SHIPPED, "--bank", TEA)
    assert "install Docker Desktop or podman" in str(done.exception)
