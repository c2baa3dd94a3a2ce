"""unfit: broken ML code, planted on purpose, and a judge that cannot be fooled.

Authors of exercises import ``check``, ``measure``, ``incident`` and ``Case`` from here.
Everything else is reached through the ``unfit`` command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unfit.checks import Case, check, incident, measure

__all__ = ["Case", "__version__", "check", "incident", "measure"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what authors need on first use, so that the worker's import of the package stays empty."""
    if name in {"Case", "check", "incident", "measure"}:
        from unfit import checks

        return getattr(checks, name)
    raise AttributeError(f"module 'unfit' has no attribute {name!r}")
