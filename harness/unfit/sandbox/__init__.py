"""Sandboxes: where submissions run, and the one seam through which they are reached."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from unfit.errors import SandboxError, UsageError
from unfit.sandbox import groups
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

if TYPE_CHECKING:
    from unfit.sandbox.bubblewrap import Bubblewrap
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
    "unbounded",
]


def choose(name: str) -> Backend:
    """Return a backend by name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in _BACKENDS:
        raise UsageError(f"there is no sandbox {name!r}", fix=f"choose one of: {', '.join(_BACKENDS)}")
    backend: Backend = __getattr__(_BACKENDS[name])()
    return backend


_BACKENDS = {"bubblewrap": "Bubblewrap", "unprotected": "Unprotected"}


def __getattr__(name: str) -> Any:
    """Import a backend on first use: what only asks for an environment or a list does not wait for pandas."""
    if name in _BACKENDS.values():
        return getattr(import_module(f"unfit.sandbox.{name.lower()}"), name)
    raise AttributeError(f"module 'unfit.sandbox' has no attribute {name!r}")


def unbounded(backend: Backend) -> str:
    """Say what a backend does not bound as tightly here as elsewhere; empty where it bounds everything."""
    missing = groups.missing() if backend.protected else ()
    return f"no control group for {', '.join(missing)}" if missing else ""


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
