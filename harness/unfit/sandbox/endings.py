"""Endings: what the grader, the zygote and the kernel saw, as the named cause of a call without a value."""

from __future__ import annotations

import os
import signal
from typing import Any, Final

from unfit.sandbox.protocol import MIB, Fault, FaultKind, Limits

__all__ = ["ENDED", "claimed", "fault_of_ending", "fault_of_status"]

ENDED: Final = Fault(FaultKind.DIED, "the session had ended before this call")
CLAIMS: Final = frozenset(
    {
        FaultKind.RAISED,
        FaultKind.IMPORT,
        FaultKind.SYNTAX,
        FaultKind.MISSING,
        FaultKind.MEMORY,
        FaultKind.DIED,
        FaultKind.VALUE,
        FaultKind.CELL,
    }
)
LONGEST: Final = 20_000


def claimed(content: Any) -> Fault:
    """Return the fault that a submission's process says it had; a claim of no known form breaks the protocol."""
    match content:
        case {"kind": str(kind), "message": str(message)} if kind in CLAIMS:
            where, detail = content.get("where", ""), content.get("detail", "")
            if isinstance(where, str) and isinstance(detail, str):
                return Fault(FaultKind(kind), message[:LONGEST], where[:LONGEST], detail[:LONGEST])
    return Fault(FaultKind.PROTOCOL, "its answer has no known form")


def fault_of_ending(ending: str, refused: str, report: dict[str, Any], limits: Limits) -> Fault | None:
    """Name the cause of an ending; ``None`` where it was an answer."""
    if report["why"] == "processes":  # whatever they said in the crowd
        return fault_of_limit("processes", limits)
    if ending == "result":
        return None
    if ending == "broken":
        return Fault(FaultKind.PROTOCOL, f"it wrote {refused} to the bridge")
    broken = fault_of_limit(report["why"], limits)
    if broken is not None:
        return broken
    if ending == "late":
        return Fault(FaultKind.WALL, f"it gave no answer within {limits.wall:g} seconds")
    return fault_of_status(report["status"], report["cpu"], limits)


def fault_of_limit(why: str, limits: Limits) -> Fault | None:
    """Name the limit that the zygote saw broken."""
    match why:
        case "memory":
            return Fault(FaultKind.MEMORY, f"it used more than {limits.resident // MIB:,} MiB of memory")
        case "processes":
            return Fault(FaultKind.PROCESSES, f"it started more than {limits.processes} processes")
        case "cpu":
            return Fault(FaultKind.CPU, f"it used more than {limits.cpu:g} processor seconds")
        case "files":
            return Fault(FaultKind.MEMORY, "it made more files than the scratch folder takes")
    return None


def fault_of_status(status: int | None, cpu: float, limits: Limits) -> Fault:
    """Name how a process died, from the kernel's wait status."""
    if status is None:
        return Fault(FaultKind.DIED, "it hung up without an answer")
    if os.WIFEXITED(status):
        return Fault(FaultKind.DIED, f"it ended with exit status {os.WEXITSTATUS(status)} before it answered")
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu >= limits.cpu):
        return Fault(FaultKind.CPU, f"it used more than {limits.cpu:g} processor seconds")
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return Fault(FaultKind.DIED, f"it was ended by {name} before it answered")
