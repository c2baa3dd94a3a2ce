"""Comments on a host: those of a pull request or a merge request, as GitHub's and GitLab's interfaces print them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

from unfit.errors import UsageError
from unfit.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["GIVEN", "MOST_BYTES", "Exported", "Given", "Remark", "exported", "given_before", "read_exported"]

GIVEN = "comments.json"
"""In the folder of a grade: the comments that an interviewer gave beside the submission."""
MOST_BYTES = 8 << 20
"""A comment with its diff takes some five thousand bytes; nobody writes so many."""
MOST_PAGES = 1_000
MOST_REMARKS = 1_000
MOST_LINE = 1_000_000
LONGEST_TEXT = 192 * 1024
LONGEST_HUNK = 64 * 1024
LONGEST_NAME = 400
DEEPEST = 3
"""Lists in lists: pages, and what `--slurp` puts around them."""
BEGIN = re.compile(r"\S")
BOT = re.compile(r".*\[bot\]|(?:project|group)_\d+_bot\w*", re.IGNORECASE)
STATES = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested"}
CALLS = (
    "write it anew: `gh api --paginate repos/OWNER/REPO/pulls/N/comments > comments.json`, or "
    "`glab api --paginate projects/ID/merge_requests/N/discussions > discussions.json`"
)


class Remark(Record):
    """One comment, as its host keeps it."""

    host: Literal["GitHub", "GitLab"]
    id: str
    text: str
    """Verbatim."""
    author: str = ""
    """The account's name; empty where the account is gone."""
    bot: bool = False
    thread: str = ""
    """Id of the comment or discussion that it belongs to."""
    path: str = ""
    """Of the file that it stands on; empty for a comment on the whole."""
    old_path: str = ""
    """Where that file was before the change, where the host says so."""
    line: int | None = None
    """In the file after the change."""
    old_line: int | None = None
    """In the file before the change."""
    above: int = 0
    """How many lines above it the comment begins."""
    hunk: str = ""
    """The part of the change that ends with the line, where the host sends it."""
    state: str = ""
    """How a review was handed in, in words; empty where the host does not say."""

    @property
    def called(self) -> str:
        """What findings call it."""
        return f"{self.host} comment {self.id}"


class Exported(Record):
    """What was read from files of comments."""

    remarks: tuple[Remark, ...] = ()
    complaints: tuple[str, ...] = ()
    """What in them is no comment, and what was too much."""

    def __add__(self, other: Exported) -> Exported:
        known = {(one.host, one.id) for one in self.remarks}
        more = tuple(one for one in other.remarks if (one.host, one.id) not in known)
        return Exported(remarks=self.remarks + more, complaints=self.complaints + other.complaints)


class Given(Record):
    """What an interviewer gave beside a submission: comments, and whose they are."""

    format: Literal[1] = 1
    exported: Exported = Exported()
    author: str = ""
    """The candidate's account, where the interviewer named it."""


def given_before(folder: Path) -> Given:
    """Read the comments that a grade was made with; none where there were none.

    Raises
    ------
    UsageError
        If they were changed.
    """
    path = folder / GIVEN
    if not path.is_file():
        return Given()
    try:
        return Given.model_validate_json(path.read_bytes())
    except ValueError:
        raise UsageError(
            f"{path}: is not what `unfit grade` wrote", fix="grade again with --comments FILE"
        ) from None


def read_exported(paths: Iterable[Path]) -> Exported:
    """Read files of comments.

    Parameters
    ----------
    paths : iterable of Path

    Raises
    ------
    UsageError
        If one is not there, is too large, is not JSON, or holds no comment of either host.
    """
    whole = Exported()
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be read: {error.strerror or error}", fix="name a file of comments"
            ) from None
        whole += exported(content, name=str(path))
    return whole


def exported(content: bytes, *, name: str) -> Exported:
    """Read the comments that a call of a host's interface printed.

    Parameters
    ----------
    content : bytes
        One JSON list, several one after the other, lists in a list, or one object a line.
    name : str
        What errors call it.

    Returns
    -------
    exported : Exported
        In the order of the file, each comment once.

    Raises
    ------
    UsageError
        If it is no JSON, or holds no comment of either host.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"{name}: is larger than the {MOST_BYTES >> 20} MiB that comments may take",
            fix="leave out what is not of this pull request",
        )
    entries = list(_entries(_documents(content, name), name))
    remarks: list[Remark] = []
    strange = 0
    for entry in entries:
        found = _remarks_of(entry)
        strange += found is None
        remarks += found or []
    if strange and not remarks:
        raise UsageError(
            f"{name}: is JSON, and holds no comment of a GitHub pull request or a GitLab merge request",
            fix=CALLS,
        )
    complaints = [f"{strange} of its entries are no comments, and were left out"] if strange else []
    if len(remarks) > MOST_REMARKS:
        complaints.append(f"only the first {MOST_REMARKS:,} of its comments were read")
    once = {(one.host, one.id): one for one in reversed(remarks[:MOST_REMARKS])}
    return Exported(
        remarks=tuple(reversed(once.values())),
        complaints=tuple(f"In a file of comments, {one}." for one in complaints),
    )


def _documents(content: bytes, name: str) -> Iterator[Any]:
    """Read one JSON value after the other, as pages are printed."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if utf16 else "utf-8-sig", "replace")
    decoder, at = json.JSONDecoder(), 0
    for _ in range(MOST_PAGES + MOST_REMARKS):
        begins = BEGIN.search(text, at)
        if begins is None:
            return
        at = begins.start()
        try:
            value, at = decoder.raw_decode(text, at)
        except RecursionError:
            raise UsageError(f"{name}: is nested too deeply to be comments", fix=CALLS) from None
        except ValueError as error:
            where = (
                f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "a number"
            )
            raise UsageError(f"{name}: is not JSON ({where})", fix=CALLS) from None
        yield value
    raise UsageError(f"{name}: holds more pages than a pull request has", fix=CALLS)


def _entries(values: Iterable[Any], name: str, *, level: int = 1) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list) and level <= DEEPEST:
            yield from _entries(value, name, level=level + 1)
        elif isinstance(value, dict) and set(value) & {"message", "error"} and "body" not in value:
            said = ascii(_text(value.get("message") or value.get("error"), 200))
            raise UsageError(f"{name}: holds an answer of the host, and no comments: {said}", fix=CALLS)
        else:
            yield value


def _remarks_of(entry: Any) -> Sequence[Remark] | None:
    """Read one entry; none of a comment that says nothing, None where it is no comment at all."""
    if not isinstance(entry, dict):
        return None
    notes = entry.get("notes")
    if isinstance(notes, list):
        found = [_of_gitlab(note, _id(entry)) for note in notes if isinstance(note, dict)]
        return [one for one in found if one is not None]
    if not isinstance(entry.get("body", ""), str | None) or not _id(entry):
        return None
    if "noteable_type" in entry or "author" in entry:
        note = _of_gitlab(entry, "")
        return [] if note is None else [note]
    if "body" in entry and "user" in entry:
        remark = _of_github(entry)
        return [remark] if remark.text.strip() or remark.state else []
    return None


def _of_github(entry: dict[str, Any]) -> Remark:
    user = entry["user"] if isinstance(entry["user"], dict) else {}
    author = _text(user.get("login"), LONGEST_NAME)
    line = _number(entry.get("line")) or _number(entry.get("original_line"))
    start = _number(entry.get("start_line")) or _number(entry.get("original_start_line"))
    left = entry.get("side") == "LEFT"
    path = _text(entry.get("path"), LONGEST_NAME)
    return Remark(
        host="GitHub",
        id=_id(entry),
        text=_text(entry.get("body"), LONGEST_TEXT),
        author=author,
        bot=user.get("type") == "Bot" or BOT.fullmatch(author) is not None,
        thread=str(_number(entry.get("in_reply_to_id"), most=None) or _id(entry)),
        path=path,
        line=None if left else line,
        old_line=line if left else None,
        above=max(0, line - start) if line and start else 0,
        hunk=_text(entry.get("diff_hunk"), LONGEST_HUNK) if entry.get("subject_type") != "file" else "",
        state=STATES.get(str(entry.get("state")), "") if not path else "",
    )


def _of_gitlab(note: dict[str, Any], discussion: str) -> Remark | None:
    """Read one note; None where GitLab itself wrote it, or it says nothing."""
    text = _text(note.get("body"), LONGEST_TEXT)
    if note.get("system") is True or not text.strip() or not _id(note):
        return None
    author = note["author"] if isinstance(note.get("author"), dict) else {}
    name = _text(author.get("username"), LONGEST_NAME)
    position = note["position"] if isinstance(note.get("position"), dict) else {}
    new, old = _number(position.get("new_line")), _number(position.get("old_line"))
    return Remark(
        host="GitLab",
        id=_id(note),
        text=text,
        author=name,
        bot=author.get("bot") is True or BOT.fullmatch(name) is not None,
        thread=discussion or _id(note),
        path=_text(position.get("new_path") or position.get("old_path"), LONGEST_NAME),
        old_path=_text(position.get("old_path"), LONGEST_NAME),
        line=new,
        old_line=old,
        above=_above(position.get("line_range"), new, old),
    )


def _above(span: Any, new: int | None, old: int | None) -> int:
    """Say how many lines above its last one a note of GitLab begins."""
    start = span.get("start") if isinstance(span, dict) else None
    if not isinstance(start, dict):
        return 0
    pairs = ((new, _number(start.get("new_line"))), (old, _number(start.get("old_line"))))
    return next((max(0, last - first) for last, first in pairs if last and first), 0)


def _id(entry: dict[str, Any]) -> str:
    value = entry.get("id")
    number = _number(value, most=None)
    return str(number) if number else ascii(value)[1:41] if isinstance(value, str) else ""


def _number(value: Any, *, most: int | None = MOST_LINE) -> int | None:
    """Take a number that counts something; None for anything else."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value <= (most or 1 << 63) else None


def _text(value: Any, most: int) -> str:
    """Take a text with line feeds only, and without what no file can hold; empty for anything else."""
    if not isinstance(value, str):
        return ""
    plain = value[:most].encode("utf-8", "replace").decode()
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
