"""A submission that searches everything it can reach finds its own marks, and nothing of what is hidden."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bank_samples import copied, rewritten, tea_shop
from sandbox_samples import ENVIRONMENT, problems
from unfit.examination import examine
from unfit.sandbox import Bubblewrap, Call, Limits, Reply, Worker

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

MARK = re.compile(r"CANARY[0-9a-f]{32}")
SEARCH = '''
"""Plant a mark of its own in each kind of place, and search all of them: what is found shows that the search sees."""

import gc
import json
import os
import re
import sys

MARK = re.compile(b"CAN" + b"ARY[0-9a-f]{32}")
LARGE = ("/usr", "/proc", "/sys", sys.prefix)
PLACES = ("environ", "cmdline", "maps", "mountinfo", "status", "comm", "stack", "auxv", "limits", "cgroup")


def fresh():
    return "CAN" + "ARY" + os.urandom(16).hex()


def marks(text):
    return set(MARK.findall(text if type(text) is bytes else str(text).encode("utf-8", "replace")))


def readable(path, most=1 << 22):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    with open(descriptor, "rb") as file:
        try:
            return file.read(most) or b""
        except OSError:
            return b""


def of_files():
    found = set()
    for top, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if not os.path.join(top, name).startswith(LARGE)]
        for name in files:
            found |= marks(os.path.join(top, name)) | marks(readable(os.path.join(top, name)))
    return found


def of_processes():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for place in PLACES:
            found |= marks(readable(f"/proc/{pid}/{place}"))
    return found


def of_descriptors():
    found = set()
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        try:
            found |= marks(os.readlink(f"/proc/self/fd/{name}"))
            found |= marks(os.pread(number, 1 << 20, 0))
        except OSError:
            found |= marks(readable(f"/proc/self/fd/{name}"))
    return found


def of_environment():
    return marks(dict(os.environ)) | marks(readable("/proc/self/environ"))


def of_frames():
    found = set()
    for frame in sys._current_frames().values():
        while frame:
            names = (*frame.f_code.co_consts, *frame.f_code.co_names, frame.f_code.co_filename)
            for thing in (*frame.f_locals.values(), *frame.f_globals.values(), *names):
                found |= marks(thing) if isinstance(thing, (str, bytes, list, dict, tuple)) else set()
            frame = frame.f_back
    return found


def of_objects():
    found = set()
    for thing in gc.get_objects():
        for text in gc.get_referents(thing):
            found |= marks(text) if type(text) in (str, bytes) else set()
    return found


def of_memory():
    found = set()
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            place, rights, *_ = line.split()
            low, high = (int(end, 16) for end in place.split("-"))
            if "r" in rights and high - low < 1 << 28:
                try:
                    memory.seek(low)
                    found |= marks(memory.read(high - low))
                except (OSError, ValueError, OverflowError):
                    pass
    return found


class Holder:
    pass


def planted():
    mark = {kind: fresh() for kind in ("files", "descriptors", "environment", "frames", "objects", "memory")}
    with open("/tmp/mark", "w") as file:
        file.write(mark["files"])
    near, far = os.pipe()
    os.write(far, mark["descriptors"].encode())
    os.environ["MARK"] = mark["environment"]
    holder = Holder()
    holder.kept = [mark["objects"]]
    raw = bytearray(mark["memory"].encode())
    return mark, mark["frames"], holder, raw


def forecast(sales):
    mark, local, holder, raw = planted()
    searches = (of_files, of_processes, of_descriptors, of_environment, of_frames, of_objects, of_memory)
    found = {search.__name__[3:]: sorted(one.decode() for one in search()) for search in searches}
    print(json.dumps({"planted": mark, "found": found}))
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


def canary() -> str:
    return f"CANARY{secrets.token_hex(16)}"


def marked(bank: Path) -> int:
    """Plant a mark in every hidden file, and in a check's name, sentence, expected value and simulator; count them."""
    hidden = bank / "solutions" / "tea_shop"
    checks = hidden / "checks.py"
    rewritten(
        checks, "from unfit import Case, check", "from unfit import Case, check\n\nfrom .world import WORD"
    )
    rewritten(checks, "Each tea has one forecast", f"{canary()} Each tea has one forecast")
    rewritten(checks, "every_tea_gets_a_forecast", f"every_tea_{canary()}")
    rewritten(checks, '["assam", "keemun"])', f'["assam", "{canary()}", WORD])')
    (hidden / "world.py").write_text(f'WORD = "{canary()}"\n')
    for path in hidden.rglob("*"):
        if path.suffix in {".py", ".toml", ".md"} and path != checks:
            path.write_text(path.read_text() + f"\n# {canary()}\n")
    return len(
        MARK.findall("".join(path.read_text("latin-1") for path in hidden.rglob("*") if path.is_file()))
    )


def test_a_search_finds_nothing_hidden(tmp_path: Path) -> None:
    if problems():
        pytest.skip(problems())
    bank, tree, own = copied(tmp_path), tmp_path / "submission", canary()
    assert marked(bank) > 10
    shutil.copytree(bank / "exercises" / "tea_shop", tree)
    (tree / "src" / "tea" / "forecast.py").write_text(SEARCH + f"# {own}\n")
    with Bubblewrap().open(tree, ENVIRONMENT, paths=("src",)) as worker:
        ears = Overhearing(worker)
        examine(tea_shop(bank), ears, seed=1)
    assert len(ears.replies) >= 3
    for reply in ears.replies:
        assert reply.fault is None
        told = json.loads(reply.stdout)
        planted, found = told["planted"], defaultdict(list, told["found"])
        assert [kind for kind, mark in planted.items() if mark not in found[kind]] == []
        assert set(MARK.findall(repr(reply))) == {own, *planted.values()}
