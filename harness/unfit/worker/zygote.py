"""The zygote: has the packages loaded, and forks what runs each call.

It never reads what a submission wrote, and does the same for every call, so that a fork learns nothing of the calls
before it.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from unfit import wire
from unfit.worker import decoder, fork, imports, namespaces, preload, proc_masks
from unfit.worker.keeper import Keeper
from unfit.worker.porter import FAILED, FORK, LONGEST_COMMAND, SPAWN
from unfit.worker.syscalls import setns

__all__ = ["Zygote"]


class Zygote:
    """Answer the grader's commands until it hangs up.

    Parameters
    ----------
    link : socket
        Where answers go to; its other end is trusted.
    orders : socket
        Where the porter passes commands on.
    """

    def __init__(self, link: socket.socket, orders: socket.socket) -> None:
        self.link = link
        self.orders = orders
        self.config: dict[str, Any] = {}
        self.own = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def serve(self) -> None:
        """Import the stack, then obey."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for forks, who report by themselves
        preload.stack()
        while self.command():
            pass
        os._exit(0)

    def command(self) -> bool:
        """Obey one command; return false once the grader is gone."""
        try:
            kind, body, descriptors = wire.receive(self.orders, LONGEST_COMMAND)
        except (EOFError, ConnectionError):
            return False
        try:
            if kind == FORK:
                self.bear(descriptors)
            elif kind == SPAWN:
                self.fork(lambda: Keeper(descriptors[0], self.config).serve())
            else:
                self.obey(wire.decode(body), descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        """Do what is asked, and answer."""
        try:
            answer = getattr(self, f"do_{order['do']}")(order, descriptors)
        except Exception as error:  # noqa: BLE001  (the grader is told)
            answer = {"broken": f"{type(error).__name__}: {error}"}
        with suppress(ConnectionError):
            wire.send(self.link, b"R", wire.encode(answer))

    def fork(self, live: Callable[[], None]) -> None:
        """Fork a process, first of a namespace of its own where the sandbox has those."""
        pid = namespaces.fork_apart(self.own) if "pid" in self.config["fresh"] else os.fork()
        if pid == 0:
            try:
                self.let_go()
                live()
                os._exit(0)
            finally:
                os._exit(FAILED)

    def bear(self, descriptors: list[int]) -> None:
        """Fork a submission's process into a keeper's namespaces; its order lies there, unread by the zygote."""
        *handed, keeper = descriptors
        setns(keeper, namespaces.NEW_PID)
        if namespaces.fork_beside():
            setns(self.own, namespaces.NEW_PID)
            return
        try:
            self.let_go()
            fork.born(self.config, handed, keeper)
        finally:
            os._exit(FAILED)

    def let_go(self) -> None:
        """Forget, in a fork, what is the zygote's; whoever lives on closes the open files."""
        os.close(self.own)
        self.link.detach()
        self.orders.detach()

    def do_hello(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Take the settings of this sandbox."""
        self.config = order["config"] | {"offered": imports.offered(order["config"]["packages"])}
        os.environ.pop("PYTHONPATH", None)
        if "mount" in self.config["fresh"]:
            namespaces.close_devices()
            proc_masks.prepare(self.config["shared"], self.config["figures"])
        return {"threads": len(os.listdir("/proc/self/task"))}

    def do_prepare(self, order: dict[str, Any], _: list[int]) -> dict[str, Any]:
        """Import what notebooks need, before the first of them."""
        preload.notebooks(kernel=order["kernel"])
        return {}

    def do_decode(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Fork a process that decodes, where no code of a submission ever ran."""
        self.fork(lambda: decoder.live(self.config, order, descriptors))
        return {}
