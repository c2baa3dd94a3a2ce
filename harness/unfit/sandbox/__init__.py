"""Sandboxes: where submissions run, and the one seam through which they are reached."""

from unfit.errors import SandboxError, UsageError
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
    "ensure_works",
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


def ensure_works(backend: Backend) -> None:
    """Refuse a backend that cannot confine a submission on this machine.

    Raises
    ------
    SandboxError
        If something stands in the way; the first of it is named.
    """
    obstacles = backend.check()
    if obstacles:
        raise SandboxError(
            f"this machine cannot confine a submission with {backend.name}: {obstacles[0]}",
            fix="run `unfit doctor`; to run a stranger's code unprotected all the same, say --sandbox unprotected",
        )
