"""What a cohort costs: throughput with one and two workers, and how its cost grows with the number of submissions.

Run it with ``make bench-cohort``. Throughput is measured in the real sandbox, growth with a stub exercise in the fake
one, whose grades cost next to nothing, so that what is left is the cohort's own work.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import BANK, processor_of
from unfit.bank import load_bank

SLUG = "first_look"
GROWTH = (100, 1_000, 10_000)
ONE = """
import resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from cohort_samples import Here, graded
from unfit.cohort import side_by_side
side_by_side.pool = Here
graded(Path({handed!r}), Path({out!r}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def throughput(submissions: int) -> None:
    """Grade the same submissions with one worker and with two, and print the ratio."""
    seconds = {}
    with tempfile.TemporaryDirectory() as scratch:
        handed = Path(scratch) / "handed"
        for number in range(submissions):
            shutil.copytree(load_bank(BANK).exercise(SLUG).project, handed / f"candidate-{number:03}")
        for workers in (1, 2):
            command = [
                sys.executable,
                "-m",
                "unfit",
                "cohort",
                str(handed),
                "--exercise",
                SLUG,
                "--seed",
                "5",
            ]
            started = time.monotonic()
            out = ["--out", f"{scratch}/out-{workers}", "--workers", str(workers)]
            spent = processor_of([*command, *out])
            seconds[workers] = time.monotonic() - started
            print(
                f"{workers} worker(s): {submissions / seconds[workers] * 60:.1f} submissions a minute, "
                f"{spent / submissions:.2f} s of processor each"
            )
    print(f"two workers over one: {seconds[1] / seconds[2]:.2f} times (the aim is 1.7, on two idle cores)")


def growth(sizes: tuple[int, ...]) -> None:
    """Grade ever more simulated submissions, and print what each costs."""
    costs = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            handed, out = Path(scratch) / "handed", Path(scratch) / "out"
            tea = load_bank(BANK / "tests" / "banks" / "miniature").exercise("tea_shop")
            for number in range(size):
                shutil.copytree(tea.shipped_folder, handed / f"candidate-{number:05}")
            script = ONE.format(tests=str(Path(__file__).parent), handed=str(handed), out=str(out))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        costs.append(spent / size)
        print(
            f"{size:>6,} submissions: {1e3 * spent / size:6.1f} ms of processor each, parent at most "
            f"{float(done.stdout.split()[-1]):5.0f} MiB, {written / size / 1024:5.1f} KiB written each"
        )
    slope = np.polyfit(np.log(sizes), np.log(np.multiply(costs, sizes)), 1)[0]
    print(f"cost grows with the power {slope:.2f} of the number of submissions (1 is linear)")


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=12)
    parser.add_argument("--most", type=int, default=GROWTH[-1])
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    throughput(options.submissions)
    growth(tuple(size for size in GROWTH if size <= options.most))


if __name__ == "__main__":
    main()
