"""The doors through which a stranger's bytes come in, each as a function of bytes that must not raise."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd

from unfit import wire
from unfit.errors import SubmissionError, WireError
from unfit.review import comments
from unfit.review.markdown_reading import parse, text_of
from unfit.sandbox.double_answers import Answers
from unfit.sandbox.endings import claimed
from unfit.submission import Bounds, take
from unfit.wire import Frames
from unfit.wire.encode import HEAD
from unfit.wire.frames import HEADER

LONGEST: Final = 1 << 16
KINDS: Final = b"RDP"
SMALL: Final = Bounds(files=20, file_bytes=1 << 16, total_bytes=1 << 18, entries=200, unpacked_bytes=1 << 22)
FILES: Final = {"README.md": b"# Tea\n", "src/tea/forecast.py": b"WINDOW = 7\n", "src/tea/__init__.py": b""}
REVIEW: Final = (
    b"# Review\n\n## Decision\n\nHold.\n\n## Findings\n\n### The window\n\n"
    b"- Where: src/tea/forecast.py:7\n- Category: skew\n\n| where | category |\n|---|---|\n| a.py:3 | leakage |\n"
)
COMMENTED: Final = (
    b"x = 1\n# REVIEW (leakage, high): the window\n# looks ahead\ny = x  # REVIEW: so does this\n"
)
TABLE: Final = pd.DataFrame(
    {
        "a": [1, 2],
        "b": ["x", None],
        "c": pd.Categorical(["u", "v"]),
        "d": pd.to_datetime(["2024-01-01", "2024-06-01"]).tz_localize("Europe/Paris"),
        "e": pd.array([True, None], dtype="boolean"),
    }
)


def parted(body: bytes) -> tuple[dict[str, Any], bytes]:
    """Part a body into its head and its bulk."""
    end = HEAD.size + HEAD.unpack_from(body)[0]
    head: dict[str, Any] = json.loads(body[HEAD.size : end])
    return head, body[end:]


TABLE_HEAD, TABLE_COLUMNS = parted(wire.encode(TABLE))


def frames(data: bytes) -> None:
    """Cut a stream into frames, whatever the pieces that it comes in."""
    size = 1 + (data[0] if data else 0)
    cut = Frames(LONGEST, KINDS)
    try:
        for at in range(1, len(data), size):
            for kind, body in cut.feed(data[at : at + size]):
                assert kind in KINDS
                assert len(body) <= LONGEST
            assert len(cut._buffer) < HEADER.size + LONGEST
    except WireError:
        pass


def answer(data: bytes) -> None:
    """Read an answer that the grader reads by itself."""
    if not wire.simple(data):
        return
    try:
        content = wire.decode(data)
    except WireError:
        return
    assert len(wire.encode(content)) <= 64 * len(data) + 4096
    match content:
        case {"fault": fault} if len(content) == 1:
            assert claimed(fault).kind
        case {"value": _} if len(content) == 1:
            pass
        case _:
            assert claimed(None).kind == "protocol"


def bulk(data: bytes) -> None:
    """Read an answer as the decoder does, and what it wrote as the grader does."""
    try:
        again = wire.encode(wire.decode(data))
    except WireError:
        return
    assert wire.encode(wire.decode(again)) == again


def table(data: bytes) -> None:
    """Read a table whose description is honest and whose columns are anything."""
    head = json.dumps({"v": TABLE_HEAD["v"], "b": [len(data)]}).encode()
    bulk(HEAD.pack(len(head)) + head + data)


def question(data: bytes) -> None:
    """Take a question to a double; there is none, so nothing may be called."""
    answers = Answers(_refused)
    answers.number(wire.Double(Untouchable(), methods=("get",)))
    try:
        answers.ask(data)
    except WireError:
        return
    finally:
        answers.close()


class Untouchable:
    """What a double stands for."""

    def get(self, *_: Any, **__: Any) -> str:
        """Answer, since it was asked by its name."""
        return "x"


def _refused(_: bytes) -> NoReturn:
    raise WireError("read in a process of its own")


def archive(data: bytes) -> None:
    """Take an archive: refused with a reason, or copied as plain, bounded files."""
    with tempfile.TemporaryDirectory(dir=_memory()) as holder:
        source, copy = Path(holder, "in"), Path(holder, "copy")
        source.write_bytes(data)
        try:
            taken = take(source, copy, limits=SMALL)
        except SubmissionError:
            assert not copy.exists()
        else:
            files = [path for path in walked(copy) if path.is_file()]
            assert len(files) == taken.files <= SMALL.files
            assert sum(path.stat().st_size for path in files) == taken.size <= SMALL.total_bytes
        assert {path.name for path in Path(holder).iterdir()} <= {"in", "copy"}


def walked(copy: Path) -> Iterator[Path]:
    """List a copy, which holds files and folders and nothing else."""
    for path in copy.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode), path
        yield path


def review(data: bytes) -> None:
    """Read a review, and the same as comments in code."""
    text, complaints = text_of(data)
    found = parse(text)
    assert all(map(str, (*complaints, *found.complaints)))
    assert all(one.title for one in comments({"src/a.py": data, "a.ipynb": data}, {"src/a.py": b"x = 1\n"}))


DOORS: Final[dict[str, Callable[[bytes], None]]] = {
    "frames": frames,
    "answer": answer,
    "bulk": bulk,
    "table": table,
    "question": question,
    "archive": archive,
    "review": review,
}


def samples(door: str) -> list[bytes]:
    """Give what honest people send through a door."""
    asked = {"id": 1, "double": 0, "method": "get", "args": [1], "kwargs": {"a": "b"}}
    values = [
        {"value": [1, 2.5, "é", None, {"tea": "assam"}]},
        {"value": [{"id": 1, "score": 0.5}, {"id": 2, "score": None}]},
        {"fault": {"kind": "raised", "message": "x", "where": "a.py:1", "detail": ""}},
    ]
    plain = [wire.encode(value) for value in values]
    return {
        "frames": [b"\x05" + b"".join(_framed(body) for body in plain), b"\x00" + _framed(b"note", b"P")],
        "answer": plain,
        "bulk": [wire.encode({"value": TABLE}), wire.encode({"value": np.arange(6.0).reshape(2, 3)}), *plain],
        "table": [TABLE_COLUMNS],
        "question": [wire.encode(asked)],
        "archive": [zipped(), tarred("w"), tarred("w:gz"), tarred("w:xz")],
        "review": [REVIEW, REVIEW.decode().encode("utf-16"), COMMENTED],
    }[door]


def _framed(body: bytes, kind: bytes = b"R") -> bytes:
    return HEADER.pack(kind, len(body)) + body


def zipped() -> bytes:
    """Pack a small project as a zip."""
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in FILES.items():
            made.writestr(name, content)
    return store.getvalue()


def tarred(mode: str) -> bytes:
    """Pack a small project as a tar."""
    store = io.BytesIO()
    with tarfile.open(fileobj=store, mode=mode) as made:  # type: ignore[call-overload]
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return store.getvalue()


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
