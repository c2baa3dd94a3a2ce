"""Imports: a courtesy that tells a candidate early about packages which the exercise does not offer.

It is no boundary: what must not be reached is not in the sandbox at all.
"""

from __future__ import annotations

import builtins
import importlib.metadata
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from unfit.worker.own_code import OwnCode

__all__ = ["guard", "normal", "offered"]

_import = builtins.__import__


def offered(packages: Sequence[str]) -> frozenset[str]:
    """List the modules that a submission may import: packages, what they depend on, and Python's own."""
    providers = importlib.metadata.packages_distributions()
    provided: dict[str, set[str]] = {}
    for module, distributions in providers.items():
        for distribution in distributions:
            provided.setdefault(normal(distribution), set()).add(module)
    waiting = [normal(name) for package in packages for name in providers.get(package, ())]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(requirements(name))
    modules = set(packages).union(*(provided.get(name, set()) for name in seen)) if seen else set(packages)
    return frozenset(modules) | sys.stdlib_module_names


def requirements(distribution: str) -> list[str]:
    """List what a distribution needs, extras left out."""
    try:
        lines = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name and "extra ==" not in line:
            found.append(normal(name.group()))
    return found


def normal(name: str) -> str:
    """Spell a distribution's name in the one way that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


def guard(code: OwnCode, offered: Iterable[str]) -> None:
    """Refuse packages that the exercise does not offer, when the submission's own code asks for them."""
    builtins.__import__ = guarded(code, code.modules | frozenset(offered))


def guarded(code: OwnCode, allowed: frozenset[str]) -> Callable[..., Any]:
    """Return an import function that looks at who asks."""

    def import_(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  (Python's own name for it)
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level == 0 and globals is not None and name.partition(".")[0] not in allowed:
            file = globals.get("__file__")
            if globals.get("__name__") == "__main__" or (isinstance(file, str) and code.inside(file)):
                top = name.partition(".")[0]
                raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        return _import(name, globals, locals, fromlist, level)

    return import_
