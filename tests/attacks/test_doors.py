"""Whatever bytes come through a door, the grader stays up, within its memory, and refuses or understands."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import unfit
from attacks.doors import DOORS, samples

HERE = Path(__file__).parent
SECONDS = int(os.environ.get("UNFIT_FUZZ_SECONDS", "30"))
MEMORY = {"bulk": 3072, "table": 3072}  # the decoder's own limit and what the libraries take
EXAMPLES = {"archive": 300, "review": 300}


@st.composite
def mutated(draw: st.DrawFn, door: str) -> bytes:
    """Draw what honest people send, with pieces changed, removed, doubled or put in; or anything at all."""
    body = bytearray(draw(st.sampled_from(samples(door)) | st.binary(max_size=300)))
    for _ in range(draw(st.integers(0, 5))):
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 8))
        piece = draw(st.binary(max_size=8) | st.just(bytes(body[at : at + 40]) * 2))
        body[at : at + length] = piece
    return bytes(body)


@pytest.mark.parametrize("door", DOORS)
def test_thousands_of_mutations_are_refused_or_understood(door: str) -> None:
    @given(mutated(door))
    @settings(max_examples=EXAMPLES.get(door, 1000), suppress_health_check=list(HealthCheck))
    def through(data: bytes) -> None:
        DOORS[door](data)

    through()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs atheris: pip install atheris")
@pytest.mark.parametrize("door", DOORS)
def test_a_fuzzer_that_sees_coverage_breaks_nothing(door: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(samples(door)):
        (corpus / str(number)).write_bytes(sample)
    limits = [
        f"-max_total_time={SECONDS}",
        f"-rss_limit_mb={MEMORY.get(door, 1024)}",
        "-timeout=300",
        "-max_len=8192",
    ]
    done = subprocess.run(
        [sys.executable, str(HERE / "fuzz.py"), door, *limits, f"-artifact_prefix={tmp_path}/", str(corpus)],
        env={**os.environ, "PYTHONPATH": f"{HERE.parent}:{Path(unfit.__file__).parent.parent}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS + 3600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done " in done.stderr
