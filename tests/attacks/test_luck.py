"""No attack is contained by luck: each kind succeeds where its one defence is taken away."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from attacks.arena import SUBMISSIONS, Arena, Attack, attacks, loose
from attacks.test_archives import tarred
from attacks.test_notebooks import BOOKS
from unfit.errors import WireError
from unfit.sandbox import Bubblewrap, Call, Limits, bubblewrap
from unfit.wire import Frames
from unfit.wire.frames import HEADER

pytestmark = pytest.mark.sandbox


def named(name: str) -> Attack:
    return next(attack for attack in attacks() if attack.name == name)


@pytest.mark.parametrize("name", ["read_the_machine", "look_into_homes", "network", "processes_of_others"])
def test_without_walls_the_machine_is_reached(name: str) -> None:
    ending = loose().run(named(name))
    assert (ending.how, ending.cause != "[]") == ("answer", True), ending


@pytest.fixture(scope="module")
def unfiltered(arena_works: None) -> Iterator[Arena]:
    """Start a sandbox whose filter allows every system call."""
    with pytest.MonkeyPatch.context() as patch:
        real = bubblewrap.config
        patch.setattr(bubblewrap, "config", lambda *args: real(*args) | {"rules": b""})
        opened = Arena(Bubblewrap())
        opened.worker.call(Call("honest:f", ([1],)))
    yield opened
    opened.stack.close()


@pytest.mark.parametrize(
    ("name", "cause"), [("memory_files", "^None$"), ("sockets_of_every_family", ""), ("trace_a_child", "^0$")]
)
def test_without_the_filter_system_calls_reach_further(name: str, cause: str, unfiltered: Arena) -> None:
    attack, ending = named(name), unfiltered.run(named(name))
    assert ending.how == "answer"
    assert ending.cause not in {attack.says, "[1, 2, 10]", "-1"}


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("long_result", Limits()),
        ("arrow_bomb", Limits(cpu=30, wall=60, reply=512 << 20)),
        ("big_file", Limits(file_size=1 << 40)),
    ],
)
def test_with_limits_raised_more_is_taken(name: str, limits: Limits, arena: Arena) -> None:
    attack = named(name)
    reply = arena.worker.call(Call(attack.entry, (arena.bait,), limits=limits))
    if name == "big_file":  # then the size of the scratch folder stops it
        assert reply.fault is not None
        assert "No space left" in reply.fault.message
    else:
        assert reply.fault is None


def test_with_more_kept_a_flood_of_output_arrives(arena: Arena) -> None:
    attack = named("flood_of_output")
    reply = arena.worker.call(Call(attack.entry, (arena.bait,), limits=Limits(stream=1 << 27)))
    assert len(reply.stdout) == 50 << 20


def test_in_one_process_a_patch_would_stay(arena: Arena) -> None:
    patch = Call("forging.own_main:attack", (arena.bait,))
    with arena.worker.session() as session:
        session.call(patch)
        later = session.call(Call("honest:f", ([1],)))
    assert later.fault is not None


def test_beside_an_ordinary_python_a_fake_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import numpy"], cwd=SUBMISSIONS, capture_output=True, text=True, check=False
    )
    assert "a fake was imported" in done.stderr


def test_in_the_grader_an_input_would_be_emptied() -> None:
    place = SUBMISSIONS / "confusing" / "mutated_inputs.py"
    spec = importlib.util.spec_from_file_location("mutated_inputs", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = [1, 2, 3]
    module.attack(rows)
    assert rows == []


def test_without_a_bound_a_frame_of_huge_length_is_waited_for() -> None:
    stream = HEADER.pack(b"R", 1 << 60) + b"x"
    assert list(Frames(1 << 62, b"R").feed(stream)) == []
    with pytest.raises(WireError):
        list(Frames(1 << 20, b"R").feed(stream))


def test_unpacked_by_the_library_alone_an_archive_links_to_the_machine(tmp_path: Path) -> None:
    place = tmp_path / "unpacked"
    with tarfile.open(tarred(tmp_path, "a", tarfile.SYMTYPE, "/etc/passwd")) as archive:
        archive.extractall(place, filter="fully_trusted")
    assert (place / "a").read_text() == Path("/etc/passwd").read_text()


def test_read_instead_of_run_a_notebook_says_what_was_baked_into_it() -> None:
    _, content, _, _ = BOOKS["outputs baked beforehand"]
    read = nbformat.read(io.StringIO(content.decode()), as_version=4)
    assert [output.text for cell in read.cells for output in cell.outputs] == ["PASSED"]
