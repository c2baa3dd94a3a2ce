"""The launcher: starts sandboxes from one thread that lives as long as the grader.

The kernel ends a sandbox with the *thread* that started it, so a thread of a pool must not be the one.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from concurrent.futures import Future
from typing import Any

__all__ = ["start"]

_lock = threading.Lock()
_jobs: dict[int, queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], list[str], dict[str, Any]]]] = {}


def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process as `subprocess.Popen` does, from the launcher's thread."""
    with _lock:
        jobs = _jobs.get(os.getpid())
        if jobs is None:
            jobs = _jobs[os.getpid()] = queue.SimpleQueue()
            threading.Thread(target=_launch, args=(jobs,), name="unfit-launcher", daemon=True).start()
    future: Future[subprocess.Popen[bytes]] = Future()
    jobs.put((future, command, options))
    return future.result()


def _launch(
    jobs: queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], list[str], dict[str, Any]]],
) -> None:
    """Start what is asked for, for ever."""
    while True:
        future, command, options = jobs.get()
        try:
            future.set_result(subprocess.Popen(command, **options))
        except BaseException as error:  # noqa: BLE001  (whoever asked is told)
            future.set_exception(error)
