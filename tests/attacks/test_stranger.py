"""An ordinary user's sandbox contains the same attacks."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import unfit
from strangers import python_of_a_stranger

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

HERE = Path(__file__).parent


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has run them already")
def test_every_attack_is_contained_for_an_ordinary_user(arena_works: None) -> None:
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    suites = [str(HERE / name) for name in ("test_submissions.py", "test_notebooks.py")]
    done = subprocess.run(
        [*python_of_a_stranger(), *words, "--confcutdir", str(HERE.parent), *suites],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{Path(unfit.__file__).parents[1]}:{HERE.parent}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/nonexistent",
        },
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    tried, contained = map(
        int, re.findall(r"^all +(\d+) tried +(\d+) contained", done.stdout, re.MULTILINE)[0]
    )
    assert tried == contained > 100
