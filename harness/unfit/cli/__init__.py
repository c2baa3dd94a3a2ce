"""The ``unfit`` command: arguments, progress, printing, exit codes.

Exit codes: 0 done (a low grade is still done), 1 the bank was found wanting, 2 the command was called wrongly,
3 it could not run.
"""

from __future__ import annotations

import errno
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from unfit import __version__

from unfit.cli import grading, talking, rating, cohorts, machines, handing_out, authoring  # isort: skip - the order of the help
from unfit.cli.shared import STDERR, STDOUT, app
from unfit.errors import UnfitError, UsageError

__all__ = ["app", "authoring", "cohorts", "grading", "handing_out", "machines", "main", "rating", "talking"]

_INTERRUPTED = 128 + signal.SIGINT
_Misuse: Any = typer.BadParameter.__base__  # what its parser raises; typer gives it no name of its own
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_MISNAMED = {
    errno.EACCES: "ask for the right to read and write there, or name another place",
    errno.EISDIR: "name a file, and not a folder",
    errno.ELOOP: "name a place whose links do not lead back to it",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.ENOTDIR: "name a folder, and not a file",
    errno.EPERM: "ask for the right to read and write there, or name another place",
}
_LONGEST_NAME = 120
"""How many letters of a path are told."""


def main() -> None:
    """Run the command; a user's mistake ends in a sentence, never in a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was opened is closed
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="unfit", standalone_mode=False) or 0)
    except _Misuse as error:
        command = error.ctx.command_path if error.ctx else "unfit"
        usage = f"{error.ctx.get_usage().removeprefix('Usage: ')}\n       " if error.ctx else ""
        STDERR.print(
            Text(f"error: {error.format_message()}\n  fix: {usage}every option: {command} --help"),
            soft_wrap=True,
        )
        sys.exit(2)
    except UnfitError as error:
        STDERR.print(Text(f"error: {error}"))
        sys.exit(error.exit_code)
    except OSError as error:
        fix = _place_to_mend(error)
        if not fix:
            raise
        place = str(error.filename or "")
        place = f"{place[:_LONGEST_NAME]} …" if len(place) > _LONGEST_NAME else place
        STDERR.print(Text(f"error: {place}{': ' if place else ''}{error.strerror or error}\n  fix: {fix}"))
        sys.exit(3)
    except KeyboardInterrupt:
        _interrupted()
        sys.exit(_INTERRUPTED)
    except SystemExit as ending:  # the command line's library catches Ctrl-C itself, and ends without a word
        if ending.code == _INTERRUPTED:
            _interrupted()
        raise


def _place_to_mend(error: OSError) -> str:
    """Say what to do about a place that cannot be read or written; empty where it is nobody's place."""
    if error.errno in _NO_ROOM or "usable temporary directory" in str(error):
        return (
            "make room on the disk, or name another folder for temporary files (TMPDIR=FOLDER), "
            "then run the command again"
        )
    return _MISNAMED.get(error.errno or 0, "") if error.filename else ""


def _interrupted() -> None:
    STDERR.print("interrupted: nothing was written")


def _version(wanted: bool) -> None:
    if wanted:
        STDOUT.print(f"unfit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """Broken ML code, planted on purpose, and a judge that cannot be fooled."""
    del version
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError(
            "the folder that you are in has been deleted",
            fix="go to one that is there, then repeat the command",
        ) from None
