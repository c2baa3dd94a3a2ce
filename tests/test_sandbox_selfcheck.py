from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import unfit
from sandbox_samples import ENVIRONMENT, Bench, bench_fixture
from strangers import python_of_a_stranger
from unfit.errors import SandboxError
from unfit.sandbox import Bubblewrap, Unprotected
from unfit.sandbox.selfcheck import selfcheck

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

SCRIPT = """
import sys
from pathlib import Path
from unfit.sandbox import Bubblewrap, Environment
from unfit.sandbox.selfcheck import selfcheck
print(Bubblewrap().check())
for denial in selfcheck(Bubblewrap(), Environment(Path(sys.executable), "test", ("numpy",))):
    if not denial.holds:
        print(denial)
print("done")
"""


def test_this_machines_sandbox_denies_what_it_must(bench: Bench) -> None:
    assert [denial for denial in selfcheck(Bubblewrap(), ENVIRONMENT) if not denial.holds] == []


def test_a_backend_that_protects_nothing_has_nothing_to_check() -> None:
    with pytest.raises(SandboxError, match="protects nothing"):
        selfcheck(Unprotected(), ENVIRONMENT)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; an ordinary user's run is the test above"
)
def test_an_ordinary_users_sandbox_denies_it_too(bench: Bench) -> None:
    values = {
        "PYTHONPATH": str(Path(unfit.__file__).parent.parent),
        "HOME": "/nonexistent",
        "PATH": os.environ["PATH"],
        "OMP_NUM_THREADS": "1",
    }
    python = python_of_a_stranger()
    done = subprocess.run(
        [*python, "-c", SCRIPT], env=values, capture_output=True, text=True, check=False, timeout=300, cwd="/"
    )
    assert done.stdout == "[]\ndone\n", done.stderr
