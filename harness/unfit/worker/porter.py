"""The porter: the small first process of a sandbox, which starts a keeper for each call and waits for all that ends.

It starts before the packages are loaded, so a keeper that is forked from it costs a fraction of a fork of the zygote.
A submission's process is a fork of the zygote all the same, born into the keeper's namespaces as the porter's child:
what the kernel says about its end reaches the keeper and never the memory from which the next call is forked.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from unfit import wire
from unfit.worker import namespaces
from unfit.worker.keeper import Keeper

__all__ = ["Porter"]

LONGEST_COMMAND: Final = 1 << 20
FAILED: Final = 70
SPAWN: Final = b"S"
FORK: Final = b"F"
CREDENTIALS: Final = struct.Struct("3i")


@dataclass
class Lodge:
    """A keeper as the porter knows it: its line, and the submission's process that it keeps."""

    line: socket.socket
    keeper: int
    guest: int = 0


class Porter:
    """Pass the grader's commands on, start keepers, and tell each how its submission's process ended.

    Parameters
    ----------
    link : socket
        Where commands come from; its other end is trusted. The zygote answers on it.
    serve : callable
        What the zygote does with the link, and with a socket that its commands come from.
    """

    def __init__(self, link: socket.socket, serve: Callable[[socket.socket, socket.socket], None]) -> None:
        self.link = link
        self.lodges: list[Lodge] = []
        self.config: dict[str, Any] = {}
        self.own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.orders, theirs = socket.socketpair()
        self.zygote = os.fork()
        if self.zygote == 0:
            self.orders.close()
            serve(link, theirs)
            os._exit(0)
        theirs.close()

    def serve(self) -> NoReturn:
        """Loop until the grader hangs up or the zygote is gone; the kernel then ends everything else."""
        bell, rope = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        gc.freeze()
        while True:
            heeded = [self.link.fileno(), bell, *(lodge.line.fileno() for lodge in self.lodges)]
            ready, _, _ = select.select(heeded, [], [])
            if bell in ready:
                with suppress(BlockingIOError):
                    os.read(bell, 1 << 12)
            self.listen()
            self.reap()
            if self.link.fileno() in ready and not self.command():
                os._exit(0)

    def command(self) -> bool:
        """Obey one command of the grader or pass it on; return false once the grader is gone."""
        try:
            kind, body, descriptors = wire.receive(self.link, LONGEST_COMMAND)
        except (EOFError, ConnectionError):
            return False
        if kind == SPAWN and "pid" in self.config["fresh"]:
            self.spawn(descriptors[0])
        else:
            if kind != SPAWN and (order := wire.decode(body))["do"] == "hello":
                self.config = order["config"]
            wire.send(self.orders, kind, body, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def spawn(self, control: int) -> None:
        """Fork the keeper of a call, the first process of a namespace of its own."""
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        pid = namespaces.fork_apart(self.own)
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                Keeper(control, self.config, far).serve()
                os._exit(0)
            finally:
                os._exit(FAILED)
        far.close()
        self.lodges.append(Lodge(near, pid))

    def listen(self) -> None:
        """Take what has come in from keepers and from processes that have just been born."""
        for lodge in list(self.lodges):
            while self._heard(lodge):
                pass

    def _heard(self, lodge: Lodge) -> bool:
        """Take one message from a line; return whether there was one."""
        try:
            body, extra, _, _ = lodge.line.recvmsg(64, socket.CMSG_SPACE(8 * 4) + 64, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            body, extra = b"", []
        if not body:
            lodge.line.close()
            self.lodges.remove(lodge)
            return False
        kinds = {kind: data for _, kind, data in extra}
        if body == FORK:
            self._pass_on(lodge, kinds[socket.SCM_RIGHTS])
        else:
            lodge.guest = CREDENTIALS.unpack(kinds[socket.SCM_CREDENTIALS])[0]
            self._tell(lodge, {"born": int(body)})
        return True

    def _pass_on(self, lodge: Lodge, data: bytes) -> None:
        """Have the zygote fork the process that a keeper asks for, in the keeper's namespaces."""
        descriptors = list(struct.unpack(f"{len(data) // 4}i", data))
        descriptors.append(os.pidfd_open(lodge.keeper))
        wire.send(self.orders, FORK, b"", descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def reap(self) -> None:
        """Collect what has ended; a keeper hears of its own."""
        with suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, used = ended
                if pid == self.zygote:
                    os._exit(FAILED)
                self.listen()  # one that lived for a moment only may just have said that it was born
                for lodge in self.lodges:
                    if lodge.guest == pid:
                        cpu, resident = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
                        self._tell(lodge, {"status": status, "cpu": cpu, "resident": resident})

    def _tell(self, lodge: Lodge, content: dict[str, Any]) -> None:
        with suppress(ConnectionError):
            wire.send(lodge.line, b"N", wire.encode(content))
