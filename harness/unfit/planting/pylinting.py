"""Pylint over several folders, each as a project of its own: a script for where pylint is installed."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

__all__ = ["findings"]

QUIET = "C,R,I,import-error,no-name-in-module,unspecified-encoding,fixme"
"""Messages about style, size and layout; what is installed beside a project says nothing about it."""


def findings(folders: list[str]) -> list[tuple[str, int, str, str]]:
    """Ask pylint about every module of each folder.

    Returns
    -------
    findings : list of (str, int, str, str)
        Path from here, line, rule and message.

    Notes
    -----
    Neither libraries nor Python's own modules are looked into: a mistake is told by the text of the project, and
    following pandas takes minutes.
    """
    import astroid  # noqa: PLC0415 - optional
    from pylint.lint import Run  # noqa: PLC0415 - the same
    from pylint.reporters import CollectingReporter  # noqa: PLC0415 - the same

    _leave_libraries_alone()
    found = []
    for folder in folders:
        reporter = CollectingReporter()
        with contextlib.chdir(folder):
            modules = sorted(path.as_posix() for path in Path().rglob("*.py"))
            if modules:
                how = ["--rcfile=", "--persistent=n", f"--disable={QUIET}"]
                Run([*how, *modules], reporter=reporter, exit=False)
                astroid.MANAGER.clear_cache()
        found += [(one.path, one.line, one.msg_id, one.msg) for one in reporter.messages]
    return found


def _leave_libraries_alone() -> None:
    from importlib.metadata import packages_distributions  # noqa: PLC0415 - slow, and only here

    from astroid.exceptions import AstroidImportError  # noqa: PLC0415 - optional
    from astroid.manager import AstroidManager  # noqa: PLC0415 - the same

    libraries = {*packages_distributions(), *sys.stdlib_module_names} - {"builtins"}
    follow = AstroidManager.ast_from_module_name

    def near(self: AstroidManager, name: str | None, *args: object, **options: object) -> object:
        if (name or "").partition(".")[0] in libraries:
            raise AstroidImportError(f"{name} is left alone")
        return follow(self, name, *args, **options)

    AstroidManager.ast_from_module_name = near


if __name__ == "__main__":
    sys.stdout.write(json.dumps(findings(sys.argv[1:])))
