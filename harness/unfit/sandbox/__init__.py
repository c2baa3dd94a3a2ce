"""Sandboxes: where submissions run, and the one seam through which they are reached."""

from unfit.errors import UsageError
from unfit.sandbox.bubblewrap import Bubblewrap
from unfit.sandbox.protocol import (
    Backend,
    Call,
    Environment,
    Fault,
    FaultKind,
    Limits,
    Notebook,
    Reply,
    Session,
    Usage,
    Worker,
)
from unfit.sandbox.unprotected import Unprotected

__all__ = [
    "Backend",
    "Bubblewrap",
    "Call",
    "Environment",
    "Fault",
    "FaultKind",
    "Limits",
    "Notebook",
    "Reply",
    "Session",
    "Unprotected",
    "Usage",
    "Worker",
    "choose",
]


def choose(name: str) -> Backend:
    """Return a backend by name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    backends: dict[str, type[Bubblewrap | Unprotected]] = {
        "bubblewrap": Bubblewrap,
        "unprotected": Unprotected,
    }
    if name not in backends:
        raise UsageError(f"there is no sandbox {name!r}", fix=f"choose one of: {', '.join(backends)}")
    return backends[name]()
