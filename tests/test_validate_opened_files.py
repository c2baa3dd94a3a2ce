"""An answer counts wherever the files that were opened for it are the same, and nowhere else."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest

from unfit.bank import load_bank
from unfit.environment import find
from unfit.remembered_answers import Store
from unfit.sandbox import Bubblewrap, Call
from unfit.validate.examining import ValidationJob, opened
from unfit.validate.opened_files import IN_Q_OVERFLOW, Opens, Shared, _names
from unfit.validate.planning import Tree
from unfit.worker.functions_run import compiled

BANK = Path(__file__).parent / "banks" / "miniature"
KEY = "k" * 64


class Told:
    """What was opened, as a test says it was."""

    def __init__(self, *names: str, lost: bool = False) -> None:
        self.names = None if lost else frozenset(names)

    def now(self) -> int:
        return 0

    def since(self, _: int) -> frozenset[str] | None:
        return self.names


def kept(folder: Path, files: Mapping[str, bytes], opens: Any) -> None:
    answers = Shared(Store(folder), files)
    answers.watch(opens)
    answers.put(KEY, 42)


def test_another_process_is_seen_to_open_a_file(tmp_path: Path) -> None:
    (tmp_path / "src" / "inner").mkdir(parents=True)
    for name in ("README.md", "src/one.py", "src/inner/two.py"):
        (tmp_path / name).write_text("")
    with Opens(tmp_path) as opens:
        before = opens.now()
        program = "import os, sys; [open(name).close() for name in sys.argv[1:]]; os.listdir('.')"
        names = ["README.md", "src/inner/two.py"]
        subprocess.run([sys.executable, "-c", program, *names], cwd=tmp_path, check=True)
        assert opens.since(before) == frozenset(names)
        assert opens.since(opens.now()) == frozenset()


def test_lost_notes_are_told() -> None:
    note = struct.pack("iIII", -1, IN_Q_OVERFLOW, 0, 0)
    assert list(_names(note, {})) == [None]


def test_a_tree_that_cannot_be_watched_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be watched"):
        Opens(tmp_path / "nowhere")


def test_an_answer_counts_where_what_was_opened_is_the_same(tmp_path: Path) -> None:
    kept(tmp_path, {"a.py": b"1", "README.md": b"old"}, Told("a.py"))
    assert Shared(Store(tmp_path), {"a.py": b"1", "README.md": b"new"}).get(KEY) == 42


@pytest.mark.parametrize("files", [{"a.py": b"2", "README.md": b"old"}, {"README.md": b"old"}])
def test_an_answer_does_not_count_where_what_was_opened_is_another(
    files: Mapping[str, bytes], tmp_path: Path
) -> None:
    kept(tmp_path, {"a.py": b"1", "README.md": b"old"}, Told("a.py"))
    assert Shared(Store(tmp_path), files).get(KEY) is None


@pytest.mark.parametrize("opens", [Told(), Told(lost=True), Told("elsewhere.py")])
def test_where_nothing_is_known_to_be_opened_an_answer_counts_for_its_tree(
    opens: Told, tmp_path: Path
) -> None:
    files = {"a.py": b"1", "README.md": b"old"}
    kept(tmp_path, files, opens)
    assert Shared(Store(tmp_path), files).get(KEY) == 42
    assert Shared(Store(tmp_path), files | {"README.md": b"new"}).get(KEY) is None


def test_several_answers_stand_side_by_side(tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        answers = Shared(Store(tmp_path), {"a.py": content})
        answers.watch(Told("a.py"))  # type: ignore[arg-type]  # stands in for the kernel
        answers.put(KEY, content.decode())
    found = [Shared(Store(tmp_path), {"a.py": content}).get(KEY) for content in (b"1", b"2")]
    assert found == ["1", "2"]


@pytest.mark.sandbox
def test_in_the_sandbox_only_what_a_change_can_have_touched_is_asked_again(tmp_path: Path) -> None:
    exercise = load_bank(BANK).exercise("tea_shop")
    job = ValidationJob(exercise, Bubblewrap(), find(BANK), tmp_path / "cache")
    own = {"src/one.py": b"def f():\n    import two\n    return two.VALUE\n", "src/two.py": b"VALUE = 2\n"}
    answers = []
    for more in ({}, {"src/three.py": b"a"}, {"src/three.py": b"b"}, {"src/two.py": b"VALUE = 3\n"}):
        asked = []
        with opened(job, Tree("t", "fixed", own | more)) as questions:
            for kind in ("call", "session"):
                if kind == "call":
                    reply = questions.call(Call("one:f"))
                else:
                    with questions.session() as session:
                        reply = session.call(Call("one:f"))
                asked.append(reply.value)
            answers.append((asked, questions._worker is not None))
    assert answers == [([2, 2], True), ([2, 2], True), ([2, 2], False), ([3, 3], True)]


SHOP = b'''
"""A shop."""

import functools
import inspect
import os
import pickle
import subprocess
import sys
import threading

RATE = 1


class Basket:
    """What somebody buys."""

    def __init__(self, price: int) -> None:
        self.price = price

    def total(self, by: int = 1) -> int:
        return self.price * by * RATE

    def emptied(self) -> int:
        """Say nought."""
        return 0


def doubled(value: int) -> int:
    return 2 * value


def kept(value: int) -> int:
    with open("/tmp/kept", "wb") as file:
        pickle.dump(functools.partial(doubled, value), file)
    with open("/tmp/kept", "rb") as file:
        return pickle.load(file)()


def basket() -> int:
    return Basket(3).total()


def in_a_thread() -> int:
    found = []
    thread = threading.Thread(target=lambda: found.append(doubled(3)))
    thread.start()
    thread.join()
    return found[0]


def by_turns() -> list[int]:
    return list(lazily())


def lazily():
    yield doubled(1)


def length_of_another() -> int:
    return len(inspect.getsource(doubled))


def in_another_process() -> int:
    program = "import sys; sys.path.insert(0, 'src'); import shop; print(shop.doubled(2))"
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)


def in_a_fork() -> int:
    out, into = os.pipe()
    if os.fork() == 0:
        os.write(into, b"%d" % doubled(2))
        os._exit(0)
    os.wait()
    return int(os.read(out, 9))


def fails() -> int:
    raise ValueError("no")
'''
DOUBLED = (b"return 2 * value", b"return value + value")


def asked_again(folder: Path, entry: str, change: tuple[bytes, bytes], *, session: bool = False) -> bool:
    """Ask about a shop, and say whether the same question is asked of another shop that differs by one change."""
    assert SHOP.count(change[0]) == 1
    exercise = load_bank(BANK).exercise("tea_shop")
    job = ValidationJob(exercise, Bubblewrap(), find(BANK), folder / "cache")
    for text in (SHOP, SHOP.replace(*change)):
        with opened(job, Tree("t", "fixed", {"src/shop.py": text})) as questions:
            if session:
                with questions.session() as process:
                    for name in (entry, "basket"):
                        process.call(Call(f"shop:{name}"))
            else:
                questions.call(Call(f"shop:{entry}", args=(2,) if entry == "kept" else ()))
            again = questions._worker is not None
    return again


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("entry", "change"),
    [
        ("basket", (b"return self.price * by * RATE", b"return RATE * self.price * by")),
        ("basket", (b"by: int = 1", b"by: int = 2")),
        ("basket", (b"RATE = 1", b"RATE = 2")),
        ("basket", (b'"""A shop."""', b'"""A small shop."""')),
        ("basket", (b"class Basket:", b"class Basket(object):")),
        ("basket", (b"def emptied(self)", b"def __len__(self)")),
        ("kept", DOUBLED),
        ("in_a_thread", DOUBLED),
        ("by_turns", DOUBLED),
        ("length_of_another", DOUBLED),
        ("in_another_process", DOUBLED),
        ("in_a_fork", DOUBLED),
        ("fails", DOUBLED),
    ],
)
def test_a_question_is_asked_again_where_something_that_it_rests_on_is_another(
    entry: str, change: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert asked_again(tmp_path, entry, change)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("entry", "change"),
    [
        ("basket", DOUBLED),
        ("basket", (b"        return 0", b"        return 1 - 1  # nothing")),
        ("in_a_thread", (b"return self.price * by * RATE", b"return RATE * self.price * by")),
        ("kept", (b"    yield doubled(1)", b"    yield 2")),
    ],
)
def test_a_question_is_not_asked_again_where_only_functions_that_did_not_run_are_others(
    entry: str, change: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert not asked_again(tmp_path, entry, change)


@pytest.mark.sandbox
def test_what_a_session_ran_before_counts_for_what_it_answers_later(tmp_path: Path) -> None:
    assert asked_again(tmp_path, "in_a_thread", DOUBLED, session=True)


ONE = b"""from __future__ import annotations

def f(by: int = 1) -> float:
    return half(by)

def half(by: Number) -> float:
    return by / 0
"""


@pytest.mark.sandbox
@pytest.mark.parametrize("ready", [ONE, ONE.replace(b"/ 0", b"/ 2"), None, b"def"])
def test_what_is_compiled_beforehand_runs_as_the_module_itself(ready: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_bytes(ONE)
    noting = {} if ready is None else {"one.py": compiled(ready, "one.py")}
    with Bubblewrap().open(tmp_path, find(BANK), paths=["."]) as worker:
        plain, noted = (worker.call(Call("one:f", noting=said)) for said in (None, noting))
    assert plain.fault is not None
    assert plain.fault.where == "one.py:7 in half"
    assert noted.fault == plain.fault


@pytest.mark.sandbox
def test_code_of_another_python_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_bytes(ONE.replace(b"/ 0", b"/ 2"))
    head = len(MAGIC_NUMBER)
    code = compiled(ONE.replace(b"/ 0", b"/ 2"), "one.py")
    with Bubblewrap().open(tmp_path, find(BANK), paths=["."]) as worker:
        reply = worker.call(Call("one:f", noting={"one.py": b"?" * head + code[head:]}))
    assert (reply.value, reply.ran) == (0.5, {"one.py": ["f 1", "half 1"]})
