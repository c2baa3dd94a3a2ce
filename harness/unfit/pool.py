"""A pool: processes side by side that end with the one that started them."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

__all__ = ["end", "pool", "single_threaded"]

PR_SET_PDEATHSIG = 1


def pool(workers: int) -> ProcessPoolExecutor:
    """Make a pool whose processes are fresh, share nothing with this one, and never outlive it.

    Parameters
    ----------
    workers : int
        How many processes.
    """
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Bind this process to its parent's life, and keep the terminal's Ctrl-C from it and its sandboxes.

    Where Ctrl-C reached a sandbox, a submission would seem to have died of its own.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid != os.getppid():  # it ended before this process could ask
        os._exit(1)
    os.setpgid(0, 0)


def end(running: ProcessPoolExecutor) -> None:
    """End the processes at once; their sandboxes die with them."""
    for process in list((running._processes or {}).values()):  # noqa: SLF001 - a public way comes with Python 3.14
        process.terminate()
    running.shutdown(cancel_futures=True)


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """Let the libraries of processes that start meanwhile use one thread each; they read this when imported."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
