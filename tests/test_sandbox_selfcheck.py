from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unfit
from sandbox_samples import ENVIRONMENT, Bench, bench_fixture
from unfit.errors import SandboxError
from unfit.sandbox import Bubblewrap, Unprotected
from unfit.sandbox.selfcheck import selfcheck

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

STRANGER = 61_234
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


READABLE = "import subprocess, sys, pandas, unfit; subprocess.run([sys.executable, '-c', ''], check=True)"


def test_this_machines_sandbox_denies_what_it_must(bench: Bench) -> None:
    assert [denial for denial in selfcheck(Bubblewrap(), ENVIRONMENT) if not denial.holds] == []


def test_a_backend_that_protects_nothing_has_nothing_to_check() -> None:
    with pytest.raises(SandboxError, match="protects nothing"):
        selfcheck(Unprotected(), ENVIRONMENT)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; an ordinary user's run is the test above"
)
def test_an_ordinary_users_sandbox_denies_it_too(bench: Bench) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    harness = str(Path(unfit.__file__).parent.parent)
    user = ["setpriv", "--reuid", str(STRANGER), "--regid", str(STRANGER), "--clear-groups"]
    values = {
        "PYTHONPATH": harness,
        "HOME": "/nonexistent",
        "PATH": os.environ["PATH"],
        "OMP_NUM_THREADS": "1",
    }
    python = [*user, os.environ.get("UNFIT_TEST_PYTHON", sys.executable)]
    tried = subprocess.run([*python, "-c", READABLE], env=values, capture_output=True, check=False, cwd="/")
    if tried.returncode != 0:
        pytest.skip("an ordinary user cannot read this Python; name another in UNFIT_TEST_PYTHON")
    done = subprocess.run(
        [*python, "-c", SCRIPT], env=values, capture_output=True, text=True, check=False, timeout=300, cwd="/"
    )
    assert done.stdout == "[]\ndone\n", done.stderr
