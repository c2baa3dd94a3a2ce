"""The fork: one process that gives up its privileges, then answers requests with a submission's code."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from unfit import wire
from unfit.worker import limits, namespaces
from unfit.worker.bridge import Bridge
from unfit.worker.calls import Project
from unfit.worker.faults import fault_of

__all__ = ["born", "live"]

CHANNEL: Final = 3
LONGEST_ORDER: Final = 1 << 20


def born(config: dict[str, Any], descriptors: list[int], keeper: int) -> None:
    """Say to the porter that this process is born, join its keeper, and live as that orders.

    Parameters
    ----------
    config : mapping
        The sandbox's settings.
    descriptors : list of int
        The keeper's line to the porter, its order, its ``/proc``, and the three that `live` takes.
    keeper : int
        A descriptor of the keeper's process.
    """
    line, told, proc, *own = descriptors
    namespaces.join(keeper, config["fresh"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.write(line, b"%d" % os.getpid())
    with socket.socket(fileno=told) as order:
        _, body, _ = wire.receive(order, LONGEST_ORDER)
    live(config, wire.decode(body), own, proc)


def live(config: dict[str, Any], order: dict[str, Any], descriptors: list[int], proc: int) -> None:
    """Confine this process, then answer requests until the grader hangs up."""
    confine(config, order, descriptors, proc)
    bridge = Bridge(CHANNEL, config["scratch"], order["limits"]["reply"])
    project = Project(config, bridge.progress)
    while (request := bridge.request()) is not None:
        limits.bound_files(order["limits"]["file_size"])  # now that the grader's own files lie there
        bridge.answer(answered(project, request))
        if request.get("last"):
            break
    os._exit(0)


def confine(config: dict[str, Any], order: dict[str, Any], descriptors: list[int], proc: int) -> None:
    """Give up descriptors, resources and privileges; then look like an ordinary process."""
    channel, out, err = descriptors
    limits.bound(order["limits"], count_processes=config["count_processes"])
    limits.offer_to_die_first(proc)
    if config["inside"] is not None:
        namespaces.map_user(config["inside"], proc)
    nothing = os.open(os.devnull, os.O_RDONLY)
    limits.only({0: nothing, 1: out, 2: err, CHANNEL: channel})
    limits.drop(config["user"], config["rules"])
    limits.show()
    bound_figures(order["limits"]["resident"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(order["environment"])
    time.tzset()
    os.umask(0o022)
    os.makedirs(os.path.join(config["scratch"], "folders"), exist_ok=True)
    os.makedirs(os.environ["HOME"], exist_ok=True)
    os.chdir(config["submission"])
    sys.argv = [""]
    sys.modules["__main__"] = types.ModuleType("__main__")


def bound_figures(resident: int) -> None:
    """Have Python tell how much memory a call may use, where the kernel is not asked for that of the machine."""
    machine, pages = os.sysconf, resident // os.sysconf("SC_PAGE_SIZE")
    names = {name: os.sysconf_names[name] for name in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES")}
    asked = {*names, *names.values()}
    os.sysconf = lambda name: pages if name in asked else machine(name)


def answered(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    """Do what a request asks; whatever goes wrong is an answer too."""
    try:
        act: Callable[..., dict[str, Any]] = getattr(project, f"do_{request['do']}")
        return act(request)
    except BaseException as error:  # noqa: BLE001  (SystemExit and the like are endings as well)
        return {"fault": fault_of(error, project.code)}
    finally:
        flush()


def flush() -> None:
    """Push out what was printed, before the answer overtakes it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a submission may have replaced the stream by anything
            stream.flush()
