"""The zygote: forks a process for each call, watches it, ends it, and cleans up after it."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from unfit import wire
from unfit.worker import decoder, fork, imports, limits, preload, processes, scratch

__all__ = ["Zygote"]

TICK: Final = 0.05
MOST_INODES: Final = 50_000
LONGEST_COMMAND: Final = 1 << 20
HOLD: Final = 1.0
MOMENT: Final = 0.002


@dataclass
class Run:
    """The call that is running.

    Parameters
    ----------
    pid : int
        The fork that runs it.
    limits : mapping
        What it may use.
    spent : float
        Processor seconds already spent when the present allowance began.
    why : str
        The limit that it broke, once it did.
    over : bool
        Whether the grader was told that it is over.
    living : float
        Processor seconds of the processes that live.
    resident : int
        Most resident bytes of all of them at a time.
    ended : Tally
        What the kernel accounted for those that have ended.
    """

    pid: int
    limits: Mapping[str, Any]
    spent: float = 0.0
    why: str = ""
    over: bool = False
    living: float = 0.0
    resident: int = 0
    ended: processes.Tally = field(default_factory=processes.Tally)

    @property
    def cpu(self) -> float:
        """Processor seconds of everything that it started, the living included."""
        return self.ended.cpu + self.living

    def weighed(self, weight: processes.Weight) -> None:
        """Take note of what the living use."""
        self.living = weight.cpu
        self.resident = max(self.resident, weight.resident)


class Zygote:
    """Answer the grader's commands until it hangs up.

    Parameters
    ----------
    link : socket
        Where commands come from; its other end is trusted.
    """

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.run: Run | None = None
        self.config: dict[str, Any] = {}
        self.decoders: set[int] = set()
        self.namespace = os.getpid() == 1

    def serve(self) -> None:
        """Loop: commands as they come, a look at the running call in between."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not self.namespace:
            limits.adopt_orphans()
        preload.stack()
        while True:
            ready, _, _ = select.select([self.link], [], [], None if self.run is None else TICK)
            if ready and not self.command():
                break
            if self.run is not None:
                self.watch(self.run)
        processes.end_all(processes.Tally(), namespace=self.namespace)
        os._exit(0)

    def command(self) -> bool:
        """Obey one command; return false once the grader is gone."""
        try:
            _, body, descriptors = wire.receive(self.link, LONGEST_COMMAND)
        except (EOFError, ConnectionError):
            return False
        order = wire.decode(body)
        try:
            answer = getattr(self, f"do_{order['do']}")(order, descriptors)
        except Exception as error:  # noqa: BLE001  (the grader is told)
            answer = {"broken": f"{type(error).__name__}: {error}"}
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        with suppress(ConnectionError):
            wire.send(self.link, b"R", wire.encode(answer))
        return True

    def do_hello(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Take the settings of this sandbox."""
        self.config = order["config"] | {"offered": imports.offered(order["config"]["packages"])}
        os.environ.pop("PYTHONPATH", None)
        return {"threads": len(os.listdir("/proc/self/task"))}

    def do_prepare(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Import what notebooks need, before the first of them."""
        preload.notebooks(kernel=order["kernel"])
        return {}

    def do_run(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Fork a process that answers over its own channel."""
        if self.run is not None:
            raise RuntimeError("a call is running already")
        pid = os.fork()
        if pid == 0:
            self._become(lambda: fork.live(self.config, order, descriptors))
        self.run = Run(pid, order["limits"])
        return {"pid": pid}

    def do_decode(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Fork a process that decodes, where no code of a submission ever ran."""
        pid = os.fork()
        if pid == 0:
            self._become(lambda: decoder.live(self.config, order, descriptors))
        self.decoders.add(pid)
        return {}

    def _become(self, live: Any) -> NoReturn:
        """Turn a fork into something else, which never comes back."""
        try:
            self.link.detach()
            live()
        finally:
            os._exit(70)

    def do_mark(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Begin a new allowance of processor time within a session."""
        run = self.running()
        self.look(run)
        run.limits = order["limits"]
        run.spent = run.cpu
        return {"cpu": run.cpu}

    def do_capture(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Read folders back while their writer lives."""
        run = self.running()
        self.look(run)
        return {"cpu": run.cpu, "resident": run.resident, "why": run.why, **self.captured(order)}

    def do_end(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """End the call: everybody dies, folders are read back, the rest is wiped."""
        run = self.running()
        self.look(run)
        if order["wait"]:
            self.hold(run)
        gone = processes.end_all(run.ended, namespace=self.namespace)
        run.weighed(processes.Weight())
        self.run = None
        self.decoders.clear()
        answer = {
            "status": run.ended.statuses.get(run.pid),
            "cpu": run.cpu,
            "resident": max(run.resident, run.ended.resident),
            "why": run.why,
            **self.captured(order),
        }
        return answer | {"clean": gone and self.wiped()}

    def hold(self, run: Run) -> None:
        """Give a process that has hung up a moment to die of its own cause."""
        deadline = time.monotonic() + HOLD
        while time.monotonic() < deadline:
            processes.reap(run.ended, ignore=frozenset(self.decoders))
            if run.pid in run.ended.statuses or run.why:
                return
            time.sleep(MOMENT)

    def captured(self, order: dict[str, Any]) -> dict[str, Any]:
        """Read back the folders that were written."""
        found: dict[str, dict[str, Any]] = {"folders": {}, "held": {}}
        room = order["most"]
        for place, kept in found.items():
            for name in order["capture"]:
                try:
                    kept[name] = scratch.capture(os.path.join(self.config["scratch"], place), name, most=room)
                except scratch.TooMuch as error:
                    return {"folders": {}, "held": {}, "refused": str(error)}
                room -= sum(map(len, kept[name].values()))
        return {**found, "refused": ""}

    def wiped(self) -> bool:
        """Empty every writable place; return whether that worked."""
        try:
            for place in self.config["wipe"]:
                scratch.wipe(place)
        except OSError:
            return False
        return True

    def running(self) -> Run:
        """Return the call that is running."""
        if self.run is None:
            raise RuntimeError("no call is running")
        return self.run

    def look(self, run: Run) -> None:
        """Measure what the call uses."""
        processes.reap(run.ended, ignore=frozenset(self.decoders))
        pids = [pid for pid in processes.descendants(namespace=self.namespace) if pid not in self.decoders]
        weight = processes.weigh(pids)
        if weight.resident > run.limits["resident"]:
            weight.resident = processes.shared_fairly(pids)
        run.weighed(weight)
        run.why = run.why or self.broken(run, weight)

    def broken(self, run: Run, weight: processes.Weight) -> str:
        """Name the limit that a call breaks, if it does."""
        if weight.resident > run.limits["resident"]:
            return "memory"
        if weight.count > run.limits["processes"]:
            return "processes"
        if run.cpu - run.spent > run.limits["cpu"]:
            return "cpu"
        if self.namespace and any(scratch.inodes(place) > MOST_INODES for place in self.config["wipe"]):
            return "files"
        return ""

    def watch(self, run: Run) -> None:
        """End a call that breaks a limit, and tell the grader when one is over."""
        if run.over:
            return
        self.look(run)
        if run.why or run.pid in run.ended.statuses:
            run.over = True
            if run.why:
                processes.end_all(run.ended, namespace=self.namespace)
            with suppress(ConnectionError):
                wire.send(self.link, b"E", wire.encode({"why": run.why}))
