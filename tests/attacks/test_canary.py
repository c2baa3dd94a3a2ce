"""A submission that searches everything it can reach finds its own files, and nothing of what is hidden."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bank_samples import copied, tea_shop
from sandbox_samples import ENVIRONMENT, problems
from unfit.grade import examine
from unfit.sandbox import Bubblewrap, Call, Limits, Reply, Worker

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

MARK = re.compile(r"CANARY[0-9a-f]{32}")
SEARCH = '''
"""Search files, descriptors, the environment, frames, objects and memory for marks."""

import gc
import os
import re
import sys

MARK = re.compile(b"CAN" + b"ARY[0-9a-f]{32}")
LARGE = ("/usr", "/proc", "/sys", sys.prefix)


def marks():
    found = set()
    for top, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if not os.path.join(top, name).startswith(LARGE)]
        for name in files:
            try:
                with open(os.open(os.path.join(top, name), os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                    found |= set(MARK.findall(file.read(1 << 22) or b""))
            except OSError:
                pass
    for place in ("environ", "cmdline", "maps", "mountinfo", "../1/environ", "../1/cmdline", "../1/mountinfo"):
        try:
            found |= set(MARK.findall(open("/proc/self/" + place, "rb").read()))
        except OSError:
            pass
    for thing in gc.get_objects():
        if type(thing) in (dict, list, tuple, set):
            for text in thing:
                if type(text) in (str, bytes):
                    found |= set(MARK.findall(text if type(text) is bytes else text.encode("utf-8", "replace")))
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            place, rights, *_ = line.split()
            low, high = (int(end, 16) for end in place.split("-"))
            if "rw" in rights and high - low < 1 << 28:
                try:
                    memory.seek(low)
                    found |= set(MARK.findall(memory.read(high - low)))
                except (OSError, ValueError, OverflowError):
                    pass
    return sorted(mark.decode() for mark in found)


def forecast(sales):
    print(marks())
    return [{"tea": tea, "amount": 1.0, "status": "ok"} for tea in sales]
'''


@dataclass
class Overhearing:
    """A worker whose replies are kept; all calls get time to search."""

    worker: Worker
    replies: list[Reply] = field(default_factory=list)

    def call(self, call: Call) -> Reply:
        patient = Call(call.entry, call.args, call.kwargs, limits=Limits(cpu=60, wall=120), seed=call.seed)
        self.replies.append(self.worker.call(patient))
        return self.replies[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.worker, name)


def marked(bank: Path) -> None:
    """Plant a mark in every hidden file, and in a check's name, sentence and expected value."""
    hidden = bank / "solutions" / "tea_shop"
    for path in hidden.rglob("*"):
        if path.suffix in {".py", ".toml", ".md"}:
            path.write_text(path.read_text() + f"\n# CANARY{secrets.token_hex(16)}\n")
    checks = hidden / "checks.py"
    word = f"CANARY{secrets.token_hex(16)}"
    text = checks.read_text().replace("Each tea has one forecast", f"{word} Each tea has one forecast")
    checks.write_text(text.replace('["assam", "keemun"])', f'["assam", "{word}"])'))


def test_a_search_finds_nothing_hidden(tmp_path: Path) -> None:
    if problems():
        pytest.skip(problems())
    bank, tree, own = copied(tmp_path), tmp_path / "submission", f"CANARY{secrets.token_hex(16)}"
    marked(bank)
    shutil.copytree(bank / "exercises" / "tea_shop", tree)
    (tree / "src" / "tea" / "forecast.py").write_text(SEARCH + f"# {own}\n")
    with Bubblewrap().open(tree, ENVIRONMENT, paths=("src",)) as worker:
        ears = Overhearing(worker)
        examine(tea_shop(bank), ears, seed=1)
    assert len(ears.replies) >= 3
    assert [reply.fault for reply in ears.replies if reply.fault] == []
    assert {mark for reply in ears.replies for mark in MARK.findall(repr(reply))} == {own}
