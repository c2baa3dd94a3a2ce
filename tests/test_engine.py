"""An engine is found, is told exactly what it may show and write, and is waited for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest
from packaging.requirements import Requirement

from unfit import engine
from unfit.engine import Engine, Mount
from unfit.errors import SandboxError
from unfit.sandbox.bubblewrap import KEPT

ROOT = Path(__file__).resolve().parent.parent
TEA = ROOT / "tests" / "banks" / "miniature"
SHIPPED = TEA / "exercises" / "tea_shop"
PODMAN = Engine("podman", "/usr/bin/podman")
DOCKER = Engine("docker", "/usr/bin/docker")
ADA = (1000, 1000)
Double = Callable[..., Path]


def line(
    chosen: Engine = DOCKER,
    *mounts: Mount,
    user: tuple[int, int] | None = ADA,
    rootless: bool = False,
    terminal: bool = False,
    workers: int = 1,
) -> list[str]:
    return engine.command_line(
        chosen,
        ["grade"],
        image="unfit:1",
        mounts=mounts,
        folder=Path("/home/ada"),
        user=user,
        rootless=rootless,
        terminal=terminal,
        workers=workers,
    )


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Double:
    """Put an engine on the path that records how it is called, a word a line, and does what it is told."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(
        "shutil.which", lambda name: str(programs / name) if (programs / name).exists() else None
    )

    def make(
        name: str = "podman", *, info: str = "exit 0", run: str = "exit 0", image: str = "exit 0"
    ) -> Path:
        program, log = programs / name, tmp_path / f"{name}.log"
        cases = f"info) {info};; run) {run};; image) {image};; esac"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {log}\ncase "$1" in {cases}\n')
        program.chmod(0o755)
        return log

    return make


@pytest.mark.parametrize("chosen", [DOCKER, PODMAN], ids=lambda one: one.name)
def test_a_container_has_no_network_no_capability_and_bounds(chosen: Engine) -> None:
    said = line(chosen)
    assert {"--network=none", "--cap-drop=ALL", "--read-only", "--security-opt=no-new-privileges"} <= {*said}
    assert {"--memory=8g", "--pids-limit=1024", "--rm"} <= {*said}
    assert not [word for word in said if word.startswith(("--cap-add", "--privileged"))]


def test_more_workers_get_more_memory_and_processes() -> None:
    assert {"--memory=20g", "--pids-limit=2560"} <= {*line(workers=4)}


def test_root_gets_the_capabilities_that_bubblewrap_keeps_in_place_of_user_namespaces() -> None:
    said = line(user=(0, 0))
    given = {word.removeprefix("--cap-add=") for word in said if word.startswith("--cap-add")}
    assert given == {*KEPT}
    assert "--security-opt=seccomp=unconfined" not in said


def test_files_belong_to_the_caller() -> None:
    assert "--user=1000:1000" in line()
    assert "--userns=keep-id" not in line()
    assert {"--user=1000:1000", "--userns=keep-id"} <= {*line(PODMAN, rootless=True)}


def test_an_engine_in_a_virtual_machine_translates_users_itself() -> None:
    assert not [word for word in line(user=None) if word.startswith("--user")]
    assert "--userns=keep-id:uid=10001,gid=10001" in line(PODMAN, user=None)


def test_a_mount_is_read_only_unless_it_is_written_to() -> None:
    said = line(DOCKER, Mount(Path("/in")), Mount(Path("/out"), writable=True))
    assert "--mount=type=bind,source=/in,target=/in,readonly" in said
    assert "--mount=type=bind,source=/out,target=/out" in said


def test_a_comma_in_a_path_does_not_end_it() -> None:
    said = line(DOCKER, Mount(Path("/in/Kite, Ben")))
    assert '--mount=type=bind,"source=/in/Kite, Ben","target=/in/Kite, Ben",readonly' in said


def test_a_windows_path_is_mounted_below_the_letter_of_its_drive() -> None:
    said = line(DOCKER, Mount(PureWindowsPath(r"C:\Users\Ada\in")))
    assert r"--mount=type=bind,source=C:\Users\Ada\in,target=/c/Users/Ada/in,readonly" in said


def test_a_relative_windows_path_stays_relative() -> None:
    assert engine.inner(PureWindowsPath(r"handed-in\ada.zip")) == "handed-in/ada.zip"


def test_a_share_of_windows_is_refused() -> None:
    with pytest.raises(SandboxError, match="lies on a share"):
        engine.inner(PureWindowsPath(r"\\server\share\ada.zip"))


def test_a_person_gets_a_terminal_and_a_log_gets_none() -> None:
    assert ("--tty" in line(terminal=True), "--tty" in line()) == (True, False)


def test_an_engine_that_answers_comes_before_one_that_does_not(double: Double) -> None:
    double("docker", info="echo is the daemon running? >&2; exit 1")
    double("podman")
    found = engine.find()
    assert found is not None
    assert found.name == "podman"


def test_an_engine_that_does_not_answer_says_why(double: Double) -> None:
    double("docker", info="echo is the daemon running? >&2; exit 1")
    found = engine.find("docker")
    assert found is not None
    assert engine.obstacle(found) == "is the daemon running?"


def test_the_image_is_named_by_what_it_is_made_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = engine.image()
    for name in engine.RECIPE:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(engine, "_recipe", lambda name: tmp_path / name)
    assert engine.image() == before
    (tmp_path / "Containerfile").write_text("FROM another")
    assert engine.image() != before


def test_the_context_of_an_image_is_what_a_clone_would_build_from(tmp_path: Path) -> None:
    engine._lay(tmp_path)
    copied = [
        row.split()[1:-1]
        for row in (ROOT / "Containerfile").read_text().splitlines()
        if row.startswith("COPY ")
    ]
    wanted = {name for row in copied for name in row if not name.startswith("--") and name != "/opt"}
    assert wanted <= {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "solutions" / "hospital_triage" / "checks.py").is_file()


def test_the_image_holds_everything_that_the_kit_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    named = {Requirement(line).name for line in [*needed, *extras["cohort"], *extras["cluster"]]}
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "kit.lock").read_text(), re.MULTILINE))
    assert named - set(pinned) == set(), "run: make lock"


def test_the_recipe_keeps_to_the_rules_for_recipes() -> None:
    done = subprocess.run(
        [Path(sys.prefix) / "bin" / "hadolint", "--failure-threshold", "style", ROOT / "Containerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_an_engine_ends_with_is_what_the_verb_ends_with() -> None:
    assert engine.run([sys.executable, "-c", "raise SystemExit(4)"]) == 4


def test_ctrl_c_is_left_to_the_engine_which_is_waited_for() -> None:
    waiting = "import signal, sys, time; signal.signal(2, lambda *_: sys.exit(130)); print(flush=True); time.sleep(60)"
    code = f"from unfit import engine; import sys; sys.exit(engine.run([sys.executable, '-c', {waiting!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == 130
