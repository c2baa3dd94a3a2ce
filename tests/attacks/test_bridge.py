"""Frames on the real bridge: whatever is written there mends no defect, and leaves the grader as it was."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacks.arena import SUBMISSIONS, Arena
from attacks.doors import samples
from bank_samples import tea_shop
from sandbox_samples import ENVIRONMENT
from unfit.checks import load_checks
from unfit.examination import examine
from unfit.grades import Outcome
from unfit.sandbox import Bubblewrap, Call, Limits, Worker

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

MIB = 1 << 20
VERDICTS = (
    {"outcome": "passed"},
    {"status": "mended", "checks": ["passed"]},
    {"fault": "passed"},
    {"value": True, "outcome": "passed"},
    {"why": "", "status": 0, "cpu": 0, "clean": True},
)
FORGER = '''
"""Answer as an unmended shop does, after writing to the bridge what the recipe says."""

import json
import os

from bridge import frame, head, record, send


def piece(step, honest):
    kind, what = step
    if kind == "honest":
        return honest * what
    if kind == "cut":
        return honest[: what % len(honest)]
    if kind == "flip":
        at = what % len(honest)
        return honest[:at] + bytes([honest[at] ^ (1 + what % 255)]) + honest[at + 1 :]
    if kind == "noise":
        return bytes.fromhex(what)
    return frame(what[0].encode(), head(record(**what[1])))


def forecast(sales):
    answer = [{"tea": tea, "amount": 1.0, "status": "ok"} for tea in sales]
    honest = frame(b"R", head(record(value=[record(**item) for item in answer])))
    with open("/submission/recipe.json") as file:
        recipe = json.load(file)
    send(b"".join(piece(step, honest) for step in recipe["steps"]))
    if recipe["leaves"]:
        os._exit(0)
    return answer
'''
STEPS = st.one_of(
    st.tuples(st.just("honest"), st.integers(1, 3)),
    st.tuples(st.just("cut"), st.integers(0, 10_000)),
    st.tuples(st.just("flip"), st.integers(0, 10_000)),
    st.tuples(st.just("noise"), st.binary(max_size=40).map(bytes.hex)),
    st.tuples(st.just("forged"), st.tuples(st.sampled_from("RPDVEACQX"), st.sampled_from(VERDICTS))),
)
RECIPES = st.fixed_dictionaries({"steps": st.lists(STEPS, max_size=5), "leaves": st.booleans()})


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("forger")
    for folder in (*tree.parents[:2], tree):
        folder.chmod(0o755)
    (tree / "tea").mkdir()
    (tree / "tea" / "forecast.py").write_text(FORGER)
    (tree / "bridge.py").write_text((SUBMISSIONS / "bridge.py").read_text())
    return tree


@pytest.fixture(scope="module")
def forger(arena_works: None, tree: Path) -> Iterator[Worker]:
    with Bubblewrap().open(tree, ENVIRONMENT, paths=(".",)) as worker:
        yield worker


@given(recipe=RECIPES)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_no_frame_on_the_real_bridge_mends_a_defect(
    recipe: dict[str, Any], forger: Worker, tree: Path
) -> None:
    (tree / "recipe.json").write_text(json.dumps(recipe))
    seen = examine(tea_shop(), forger, seed=1, checks=load_checks(tea_shop().solution))
    assert seen.verdicts["newest_day_counts"].outcome is not Outcome.PASSED


def held() -> tuple[int, int]:
    """Return the resident bytes of this process, and how many files it has open."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path("/proc/self/fd").iterdir()))


def names() -> set[str]:
    """Name the files that this process has open."""
    return {str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}


def thrown(draw: random.Random) -> bytes:
    """Draw what is written: honest frames and bodies, bent, cut, doubled, among noise."""
    pieces = [*samples("frames"), *samples("bulk"), draw.randbytes(draw.randint(0, 200))]
    body = bytearray(b"".join(draw.choices(pieces, k=draw.randint(1, 4))))
    for _ in range(draw.randint(0, 6)):
        at = draw.randrange(len(body) + 1)
        body[at : at + draw.randint(0, 4)] = draw.randbytes(draw.randint(0, 4))
    return bytes(body)


def test_thousands_of_streams_leave_the_grader_as_it_was(arena: Arena, tmp_path: Path) -> None:
    draw, limits = random.Random(11), Limits(cpu=5, wall=1, reply=MIB)
    entry = "thrown:attack"
    (arena.tree / "thrown.py").write_text(
        "import os\nfrom bridge import send\n\n\ndef attack(data, leaves):\n    send(data)\n"
        "    if leaves:\n        os._exit(0)\n    return len(data)\n"
    )
    try:
        arena.worker.call(Call(entry, (b"", True), limits=limits))  # what is loaded with the first is no leak
        before, opened = held(), names()
        for _ in range(1000):
            arena.worker.call(Call(entry, (thrown(draw), draw.random() < 0.5), limits=limits))
        after = held()
    finally:
        (arena.tree / "thrown.py").unlink()
    assert after[0] - before[0] < 64 * MIB
    assert after[1] == before[1], names() - opened
    assert arena.strays() == []
    assert arena.worker.call(Call("honest:f", ([1, 2, 3],))).value == {"mean": 2.0, "rows": 3}
