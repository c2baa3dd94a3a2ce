"""The decoder: turns a submission's bytes into canonical ones, in a process that may die of them."""

from __future__ import annotations

import os
import resource
import socket
from typing import Any, Final

from unfit import wire
from unfit.errors import WireError
from unfit.worker import limits

__all__ = ["live"]

CPU: Final = 15
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def live(config: dict[str, Any], order: dict[str, Any], descriptors: list[int]) -> None:
    """Read one body, decode it whole, write it again as we write it, and end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    limits.only({0: nothing, 1: nothing, 2: nothing, 3: descriptors[0]})
    bound(order["memory"])
    limits.drop(config["decoder_user"], config["rules"])
    channel = socket.socket(fileno=3)
    kind, body, _ = wire.receive(channel, order["longest"])
    try:
        answer = wire.encode(wire.decode(body))
        kind = b"R"
    except WireError as error:
        answer, kind = wire.encode(error.message[:2000].encode(errors="replace").decode()), b"X"
    if len(answer) > order["longest"]:
        answer, kind = wire.encode(f"unpacks to {len(answer):,} bytes"), b"L"
    wire.send(channel, kind, answer)
    os._exit(0)


def bound(memory: int) -> None:
    """Limit this process, on top of the address space that it was born with."""
    with open("/proc/self/statm", "rb") as file:
        born = int(file.read().split()[0]) * PAGE
    resource.setrlimit(resource.RLIMIT_AS, (born + memory, born + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
