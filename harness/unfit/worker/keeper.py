"""The keeper: starts one call behind walls of its own, watches it, ends it, and reads back what it wrote."""

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
from unfit.worker import limits, namespaces, processes, scratch

__all__ = ["Keeper"]

TICK: Final = 0.05
MOST_INODES: Final = 50_000
LONGEST_COMMAND: Final = 1 << 20
PATIENCE: Final = 30.0
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


class Keeper:
    """Answer the grader's commands about one call, and end with it.

    Where it is the first process of a namespace, the kernel takes everything down with it. No bytes that a submission
    wrote reach the zygote, from which the next call is forked: they are read here.

    Parameters
    ----------
    control : int
        The descriptor where commands come from; its other end is trusted.
    config : mapping
        The sandbox's settings.
    line : socket, optional
        The way to the porter, where that forked this process and has the zygote fork the submission's.
    """

    def __init__(self, control: int, config: dict[str, Any], line: socket.socket | None = None) -> None:
        nothing = os.open(os.devnull, os.O_RDWR)
        kept = {0: nothing, 1: nothing, 2: nothing, 3: control}
        limits.only(kept if line is None else {**kept, 4: line.detach()})
        self.link = socket.socket(fileno=3)
        self.line = None if line is None else socket.socket(fileno=4)
        self.config = config
        self.run: Run | None = None
        self.proc = -1
        self.namespace = "pid" in config["fresh"]

    def serve(self) -> None:
        """Loop: commands as they come, a look at the running call in between."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            self.proc = namespaces.enter(self.config)
        except OSError as error:
            self.send(b"R", {"broken": f"no namespaces for a call: {error}"})
            return
        if not self.namespace:
            limits.adopt_orphans()
        while True:
            ready, _, _ = select.select(self.heeded(), [], [], None if self.run is None else TICK)
            if self.link in ready and not self.command():
                break
            if self.run is not None:
                self.watch(self.run)
        processes.end_all(lambda: processes.reap(processes.Tally()), namespace=self.namespace)

    def heeded(self) -> list[socket.socket]:
        """List what may have something to say: the grader, and the porter while the call lives."""
        living = self.run is not None and not self.run.over
        return [self.link, self.line] if self.line is not None and living else [self.link]

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
        self.send(b"R", answer)
        return True

    def send(self, kind: bytes, content: dict[str, Any]) -> None:
        """Tell the grader, if it still listens."""
        with suppress(ConnectionError):
            wire.send(self.link, kind, wire.encode(content))

    def do_run(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Fork a process that answers over its own channel."""
        if self.run is not None:
            raise RuntimeError("a call is running already")
        pid = (
            self._fork(order, descriptors) if self.line is None else self._born(self.line, order, descriptors)
        )
        self.run = Run(pid, order["limits"])
        return {"pid": pid}

    def _fork(self, order: dict[str, Any], descriptors: list[int]) -> int:
        pid = os.fork()
        if pid == 0:
            self._become(order, descriptors)
        return pid

    def _born(self, line: socket.socket, order: dict[str, Any], descriptors: list[int]) -> int:
        """Have a fork of the zygote born into the namespaces of this process."""
        told, telling = socket.socketpair()
        with told, telling:
            wire.send(telling, b"O", wire.encode({name: order[name] for name in ("limits", "environment")}))
            socket.send_fds(line, [b"F"], [line.fileno(), told.fileno(), self.proc, *descriptors])
        pid: int = self._news(line)["born"]
        return pid

    def _news(self, line: socket.socket) -> dict[str, Any]:
        """Wait for what the porter tells."""
        line.settimeout(PATIENCE)
        _, body, _ = wire.receive(line, LONGEST_COMMAND)
        content: dict[str, Any] = wire.decode(body)
        return content

    def reap(self, run: Run) -> bool:
        """Take note of what has ended; return whether anything is left that this process would hear of."""
        left = processes.reap(run.ended)
        if self.line is None or run.pid in run.ended.statuses:
            return left
        if select.select([self.line], [], [], 0)[0]:
            news = self._news(self.line)
            run.ended.statuses[run.pid] = news["status"]
            run.ended.cpu += news["cpu"]
            run.ended.resident = max(run.ended.resident, news["resident"])
        return left or run.pid not in run.ended.statuses

    def end_all(self, run: Run) -> bool:
        """Kill until nobody is left; return whether that worked."""

        def pause() -> None:
            if self.line is None or run.pid in run.ended.statuses:
                time.sleep(MOMENT)
            else:
                select.select([self.line], [], [], TICK)

        return processes.end_all(lambda: self.reap(run), namespace=self.namespace, pause=pause)

    def _become(self, order: dict[str, Any], descriptors: list[int]) -> NoReturn:
        """Turn a fork into the submission's process, which never comes back."""
        try:
            from unfit.worker import fork

            self.link.detach()
            fork.live(self.config, order, descriptors, self.proc)
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
        """End the call: everybody dies, folders are read back, what stays is wiped."""
        run = self.running()
        self.look(run)
        if order["wait"]:
            self.hold(run)
        gone = self.end_all(run)
        run.weighed(processes.Weight())
        self.run = None
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
            self.reap(run)
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
        """Empty the scratch folder where the next call would find it; return whether that worked."""
        try:
            if "mount" not in self.config["fresh"]:
                scratch.wipe(self.config["scratch"])
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
        self.reap(run)
        pids = processes.descendants(namespace=self.namespace)
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
        if any(scratch.inodes(place) > MOST_INODES for place, _ in self.config["temporary"]):
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
                self.end_all(run)
            self.send(b"E", {"why": run.why})
