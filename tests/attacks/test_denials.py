"""The self-check names each denial that is taken away."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, cast

import pytest

from sandbox_samples import ENVIRONMENT
from stubs import Answers
from unfit.errors import SandboxError
from unfit.machine import refuse_open
from unfit.sandbox import Bubblewrap, Call, Fault, FaultKind, Worker, bubblewrap, system
from unfit.sandbox.selfcheck import Bait, plan, selfcheck, tried

pytestmark = pytest.mark.sandbox

BAIT = Bait("word", Path("/secret"), 1, 1, "abstract")
PLAN = list(plan(BAIT))


@pytest.mark.parametrize(("name", "entry", "args"), PLAN, ids=[name for name, *_ in PLAN])
def test_a_try_that_works_is_named(name: str, entry: str, args: tuple[Any, ...]) -> None:
    worker = cast("Worker", Answers({f"probes:{entry}": lambda *_: "it worked"}))
    denial = tried(worker, name, entry, args)
    assert (denial.name, denial.holds, denial.seen) == (name, False, "it worked")


def test_a_try_that_breaks_the_probe_is_no_denial() -> None:
    fault = Fault(FaultKind.DIED, "exit status 1")
    worker = cast("Worker", Answers({"probes:trace": lambda *_: fault}))
    assert not tried(worker, "trace or read the zygote", "trace", ()).holds


def failing(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> set[str]:
    for name, change in changes.items():
        real = getattr(bubblewrap, name)
        monkeypatch.setattr(bubblewrap, name, lambda *args, real=real, change=change: change(real(*args)))
    return {denial.name for denial in selfcheck(Bubblewrap(), ENVIRONMENT) if not denial.holds}


def cut(word: str, more: int = 0) -> Any:
    """Return what takes an option away, with what belongs to it."""
    return lambda options: [
        *options[: options.index(word)],
        *options[options.index(word) + 1 + more :],
    ]


def shared(*names: str) -> Any:
    """Return what has calls share namespaces with each other."""
    return lambda config: config | {"fresh": [name for name in config["fresh"] if name not in names]}


def unfiltered(config: dict[str, Any]) -> dict[str, Any]:
    return config | {"rules": b""}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"confinement": cut("--unshare-net"), "config": shared("net")}, "reach the network"),
        ({"config": unfiltered}, "use system calls that reach further"),
        ({"config": unfiltered}, "open sockets of other families"),
        (
            {"mounts": lambda options: ["--bind", "/var", "/var", *options]},
            "look into homes and other folders",
        ),
        ({"mounts": lambda options: [*options, "--ro-bind", "/etc", "/etc"]}, "read files of the machine"),
        ({"config": shared("pid")}, "know anything of the call before"),
        ({"config": shared("mount")}, "know anything of the call before"),
        ({"config": shared("net")}, "know anything of the call before"),
        ({"config": unfiltered}, "know how others use this machine"),
    ],
    ids=[
        "network",
        "system calls",
        "families",
        "folders",
        "files",
        "processes",
        "mounts",
        "networks",
        "counters",
    ],
)
def test_a_sandbox_without_a_denial_is_found_out(
    changes: dict[str, Any], name: str, arena_works: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name in failing(monkeypatch, **changes)


def test_a_bank_within_what_a_sandbox_shows_is_read_and_so_refused(
    arena_works: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = system.paths()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        for name, text in (("bank", "hidden"), ("tree", "def read(path): return open(path).read()")):
            folder = Path(place, name)
            folder.mkdir(mode=0o755)
            (folder / "thief.py").write_text(text)
        bank = Path(place, "bank")
        monkeypatch.setattr(system, "paths", lambda: (*shown, str(bank)))
        with Bubblewrap().open(Path(place, "tree"), ENVIRONMENT, paths=(".",)) as worker:
            reply = worker.call(Call("thief:read", (str(bank / "thief.py"),)))
        assert reply.value == "hidden"
        with pytest.raises(SandboxError, match=f"submissions could read the bank {bank}"):
            refuse_open(bank, ENVIRONMENT)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a user to give up")
def test_a_sandbox_that_stays_root_is_found_out(arena_works: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = failing(monkeypatch, config=lambda config: config | {"user": None})
    assert "hold or gain privileges" in found
