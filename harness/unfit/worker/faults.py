"""Faults: what went wrong in a submission, told so that its author can find it."""

from __future__ import annotations

import linecache
import os
import traceback
from types import TracebackType
from typing import Any, Final

from unfit.worker.own_code import OwnCode

__all__ = ["CellFailed", "Missing", "Unreadable", "fault_of", "not_offered", "told"]

LONGEST: Final = 2_000
MOST_FRAMES: Final = 12


class Missing(Exception):
    """The entry point is not there."""


class Unreadable(Exception):
    """A notebook that cannot be read as one."""


class CellFailed(Exception):
    """A cell of a notebook raised.

    Parameters
    ----------
    where : str
        Notebook, cell and line.
    detail : str
        The cell's source with the line marked, and what it printed.
    cause : str
        The error.
    kind : str
        The kind of fault that this is.
    """

    def __init__(self, cause: str, *, where: str, detail: str, kind: str = "cell") -> None:
        super().__init__(cause)
        self.where = where
        self.detail = detail
        self.kind = kind


def fault_of(error: BaseException, code: OwnCode) -> dict[str, Any]:
    """Describe an error in plain data, whatever the error's own methods do."""
    if isinstance(error, CellFailed):
        return fault(error.kind, str(error), error.where, error.detail)
    if isinstance(error, Missing):
        return fault("missing", str(error))
    if isinstance(error, Unreadable):
        return fault("value", str(error))
    kind, message = kind_of(error, code)
    frames = own_frames(error.__traceback__, code)
    where = f"{frames[-1].where} in {frames[-1].name}" if frames else ""
    if kind == "syntax" and isinstance(error, SyntaxError):
        where = code.label(file_of(error)) + (f":{error.lineno}" if error.lineno else "")
    return fault(kind, message, where, detail_of(error, frames, code))


def fault(kind: str, message: str, where: str = "", detail: str = "") -> dict[str, Any]:
    """Return a fault's record, every text bounded and whole."""
    texts = {"message": message, "where": where, "detail": detail}
    bounded = {key: clipped(text, 4 * LONGEST if key == "detail" else LONGEST) for key, text in texts.items()}
    return {"kind": kind, **bounded}


def clipped(text: str, longest: int) -> str:
    """Return a text short enough to send, with halves of surrogate pairs replaced."""
    text = str.encode(text, errors="replace").decode()
    return text if len(text) <= longest else f"{text[: longest // 2]} [...] {text[-longest // 2 :]}"


def kind_of(error: BaseException, code: OwnCode) -> tuple[str, str]:
    """Tell what kind of fault an error is, and say it."""
    if isinstance(error, MemoryError):
        return "memory", f"ran out of memory: {told(error)}"
    if lacking := not_offered(error, code):
        return "import", lacking
    if isinstance(error, SyntaxError) and code.inside(file_of(error)):
        return "syntax", f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        return "died", f"ended itself by {told(error)}"
    return "raised", told(error)


def not_offered(error: BaseException, code: OwnCode) -> str:
    """Name the package that an import did not find and that is not the submission's; empty for any other error."""
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str) and error.name:
        top = error.name.partition(".")[0]
        if top not in code.modules:
            return f"needs {top}, which this exercise's environment does not offer"
    return ""


def file_of(error: SyntaxError) -> str:
    """Return the file that does not parse, which Python does not always put into the error."""
    if isinstance(error.filename, str):
        return error.filename
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "source_to_code":
            return str(frame.f_locals.get("path", ""))
    return ""


def told(error: BaseException) -> str:
    """Return type and message of an error, even of one that lies about them."""
    kind = type(error)
    if kind in {SyntaxError, IndentationError, TabError} and isinstance(error, SyntaxError):
        return f"{kind.__name__}: {error.msg}"
    try:
        text = str(str(error))
    except BaseException as second:  # noqa: BLE001  (a hostile ``__str__`` may raise anything)
        text = f"(its message cannot be read: {type(second).__name__})"
    name = (
        kind.__name__
        if kind.__module__ in {"builtins", "__main__"}
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"{name}: {text}" if text else name


class Frame:
    """One line of a traceback inside the submission."""

    def __init__(self, where: str, name: str, source: str) -> None:
        self.where = where
        self.name = name
        self.source = source


def own_frames(trace: TracebackType | None, code: OwnCode) -> list[Frame]:
    """List the frames of a traceback that are the submission's, outermost first."""
    frames = []
    for frame, number in traceback.walk_tb(trace):
        file = frame.f_code.co_filename
        if code.inside(file):
            source = linecache.getline(file, number).strip()
            frames.append(Frame(f"{code.label(file)}:{number}", frame.f_code.co_name, source))
    return frames


def detail_of(error: BaseException, frames: list[Frame], code: OwnCode) -> str:
    """Write the submission's part of a traceback, with the errors behind it."""
    lines = []
    cut = len(frames) - MOST_FRAMES
    for number, frame in enumerate(frames):
        if cut > 0 and number == MOST_FRAMES // 2:
            lines.append(f"  [{cut} more frames]")
        if cut <= 0 or number < MOST_FRAMES // 2 or number >= MOST_FRAMES // 2 + cut:
            lines.extend((f"  {frame.where} in {frame.name}", f"    {frame.source}"))
    if isinstance(error, SyntaxError) and error.text:
        lines.extend((f"  {code.label(str(error.filename))}:{error.lineno}", f"    {error.text.strip()}"))
    lines.append(told(error))
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(behind, BaseException):
        within = own_frames(behind.__traceback__, code)
        place = f" at {within[-1].where}" if within else ""
        lines.append(f"  from {told(behind)}{place}")
    return os.linesep.join(lines)
