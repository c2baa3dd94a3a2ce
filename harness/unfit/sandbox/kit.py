"""The kit's files that a sandbox needs, and the settings that every backend shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["ARGUMENTS", "kit_files", "variables"]

HERE: Final = Path(__file__).parent.parent
ARGUMENTS: Final = ("-s", "-P", "-m", "unfit.worker")
ONE: Final = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "POLARS_MAX_THREADS",
    "ARROW_IO_THREADS",
]


def kit_files() -> Iterator[tuple[Path, str]]:
    """List the worker's own files, with their places relative to the kit's folder inside."""
    for part in ("__init__.py", "errors.py", "wire", "worker"):
        path = HERE / part
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        for file in files:
            yield file, f"unfit/{file.relative_to(HERE)}"


def variables(python: Path, *, scratch: str, kit: str, hash_seed: int) -> dict[str, str]:
    """Return the environment of a zygote, which its forks inherit."""
    return {
        **dict.fromkeys(ONE, "1"),
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",  # the zygote must not have a second thread when it forks
        "JOBLIB_MULTIPROCESSING": "0",  # several jobs cost seconds of imports in a sandbox, and give the same result
        "HOME": f"{scratch}/home",
        "LANG": "C.UTF-8",
        "LOGNAME": "candidate",
        "MPLBACKEND": "Agg",
        "PATH": os.pathsep.join((str(python.parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": kit,
        "TMPDIR": scratch,
        "TZ": "UTC",
        "USER": "candidate",
    }
