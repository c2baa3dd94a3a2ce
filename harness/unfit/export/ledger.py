"""Ledger: the interviewer's list of exports, and the receipts that point into it."""

from __future__ import annotations

import datetime as dt
import fcntl
import hmac
import json
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic import ValidationError

from unfit.errors import UnfitError, UsageError
from unfit.files import discard_unfinished, write_atomically
from unfit.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from unfit.bank import Exercise

__all__ = [
    "RECEIPT",
    "Entry",
    "Receipt",
    "carried_by",
    "enter",
    "entries",
    "named_by",
    "planted_by",
    "read_receipt",
    "receipt_file",
    "strike",
]

RECEIPT = "receipt.json"
"""Name of the receipt in an export."""
KEY, EXPORTS = "key", "exports.jsonl"
KEY_BYTES = 32
LARGEST_RECEIPT = 4096
SIGNED = ("exercise", "version", "form", "seed", "nonce")


class Entry(Record):
    """One export, as the ledger keeps it."""

    exercise: str
    version: str
    form: str
    defects: tuple[str, ...] = ()
    """Empty where the default form was exported without the hidden half."""
    seed: int | None = None
    nonce: str = ""
    candidate: str = ""
    when: dt.datetime | None = None


class Receipt(Entry):
    """What grading knows about how a submission was handed out."""

    verified: bool
    """Whether a receipt proved it."""
    note: str = ""
    """Why not."""


def receipt_file(entry: Entry, ledger: Path) -> bytes:
    """Write the receipt that goes into an export; nothing in it says which defects a form holds."""
    public = {name: getattr(entry, name) for name in SIGNED}
    with _at_hand(ledger):
        key = _key(ledger, make=True)
    return json.dumps({**public, "mac": _mac(public, key)}, indent=2).encode() + b"\n"


def enter(entry: Entry, ledger: Path) -> None:
    """Add an export to the ledger; exports at the same time wait for each other."""
    line = entry.model_copy(update={"when": dt.datetime.now(dt.UTC)}).model_dump_json() + "\n"
    with _at_hand(ledger), _alone(ledger / EXPORTS) as stream:
        stream.write(line.encode())
        stream.flush()
        os.fsync(stream.fileno())


def strike(nonce: str, ledger: Path) -> None:
    """Take an export out of the ledger; its receipt proves nothing any more."""
    path = ledger / EXPORTS
    if not path.is_file():
        return
    with _at_hand(ledger), _alone(path):
        discard_unfinished(ledger, EXPORTS)
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if f'"nonce":"{nonce}"' not in line]
        if len(kept) < len(lines):
            write_atomically(path, "".join(kept))
            path.chmod(0o600)


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """Open the list of exports for appending while nobody else does, also where somebody has just replaced it."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    while True:
        with os.fdopen(os.open(path, flags, 0o600), "ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if path.exists() and os.fstat(stream.fileno()).st_ino == path.stat().st_ino:
                yield stream
                return


@contextmanager
def _at_hand(ledger: Path) -> Iterator[None]:
    """Word what keeps a ledger from being read or written."""
    try:
        yield
    except OSError as error:
        raise UnfitError(
            f"{error.filename or ledger}: the ledger cannot be used: {error.strerror or error}",
            fix="name your ledger's folder with --ledger, and see that you may write to it",
        ) from error


def read_receipt(
    tree: Mapping[str, bytes], ledger: Path, *, exercise: str = "", version: str = ""
) -> Receipt:
    """Find out from the ledger what a submission was handed out as.

    Parameters
    ----------
    tree : mapping of str to bytes
        The submission's files.
    ledger : Path
        The interviewer's folder.
    exercise : str
        What it is graded as; a receipt of another one proves nothing.
    version : str
        The exercise's version now; a note says where another one was handed out.

    Returns
    -------
    receipt : Receipt
        With ``verified=False``, the default form and a note where no receipt proves more.
    """
    try:
        written = _written(tree.get(RECEIPT))
        with _at_hand(ledger):
            receipt = _proven(written, ledger, exercise)
    except _UnprovenError as unproven:
        note = f"{unproven}; {ASSUMED}."
        return Receipt(exercise=exercise, version="", form="default", verified=False, note=note)
    if version and version != receipt.version:
        note = f"Version {receipt.version} of the exercise was handed out, and this grade is of version {version}."
        return receipt.model_copy(update={"note": note})
    return receipt


def named_by(tree: Mapping[str, bytes]) -> str:
    """Say of which exercise a submission's receipt says that it is, proven or not; empty where it does not say."""
    try:
        return str(_written(tree.get(RECEIPT)).get("exercise") or "")
    except _UnprovenError:
        return ""


def carried_by(tree: Mapping[str, bytes], ledger: Path) -> Entry | None:
    """Find the export whose receipt a submission carries, also where the receipt was edited; None where none is known.

    It says what the submission carries, and proves nothing about whose it is.
    """
    try:
        written = _written(tree.get(RECEIPT))
    except _UnprovenError:
        return None
    with _at_hand(ledger):
        known = entries(ledger)
        if not known or not (ledger / KEY).is_file():
            return None
        key = _key(ledger, make=False)
    by_number = {entry.nonce: entry for entry in known}
    numbered = by_number.get(str(written.get("nonce")))
    if numbered is not None:
        return numbered
    given = written["mac"].encode("utf-8", "replace")
    return next(
        (
            entry
            for entry in reversed(known)
            if hmac.compare_digest(_mac({name: getattr(entry, name) for name in SIGNED}, key).encode(), given)
        ),
        None,
    )


def planted_by(receipt: Receipt, exercise: Exercise) -> tuple[str, ...]:
    """Name the defects that stood in what was handed out, whatever its form holds by now.

    Raises
    ------
    UsageError
        If the exercise has lost one of them since.
    """
    if not receipt.defects:
        return exercise.form(receipt.form).defects
    known = {defect.id for defect in exercise.defects}
    for name in receipt.defects:
        if name not in known:
            raise UsageError(
                f"{exercise.slug}: version {receipt.version} was handed out with the defect `{name}`, "
                f"which version {exercise.manifest.version} does not have",
                fix=f"grade it with a bank that holds version {receipt.version}: --bank DIR",
            )
    return receipt.defects


ASSUMED = "the default form is assumed"


class _UnprovenError(Exception):
    """Why a receipt proves nothing."""


def _written(content: bytes | None) -> dict[str, Any]:
    if content is None:
        raise _UnprovenError("The submission has no receipt")
    try:
        written = json.loads(content[:LARGEST_RECEIPT])
    except (ValueError, RecursionError):
        written = None
    if not isinstance(written, dict) or not isinstance(written.get("mac"), str):
        raise _UnprovenError("The submission's receipt cannot be read")
    return written


def _proven(written: dict[str, Any], ledger: Path, exercise: str) -> Receipt:
    public = {name: written.get(name) for name in SIGNED}
    if not (ledger / KEY).is_file():
        raise _UnprovenError("There is no ledger here that could prove the submission's receipt")
    right, given = _mac(public, _key(ledger, make=False)), written["mac"]
    if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
        raise _UnprovenError("The submission's receipt was changed, or comes from another ledger")
    if exercise and public["exercise"] != exercise:
        raise _UnprovenError("The submission's receipt belongs to another exercise")
    for entry in reversed(entries(ledger)):
        if entry.nonce == public["nonce"]:
            return Receipt(**entry.model_dump(), verified=True)
    raise _UnprovenError("The submission's receipt is not in the ledger")


def entries(ledger: Path) -> list[Entry]:
    """Read the list of exports, the oldest first; empty where there is none."""
    path = ledger / EXPORTS
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else [], start=1):
        try:
            found.append(Entry.model_validate_json(line))
        except ValidationError:
            raise UnfitError(
                f"{path}:{number}: is no entry of a ledger",
                fix="restore the line from a backup, or remove it",
            ) from None
    return found


def _mac(public: Mapping[str, Any], key: bytes) -> str:
    message = json.dumps({name: public[name] for name in SIGNED}, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, message.encode(), "sha256").hexdigest()


def _key(ledger: Path, *, make: bool) -> bytes:
    path = ledger / KEY
    if make and not path.exists():
        ledger.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise UnfitError(
            f"{path}: is no key of {KEY_BYTES} bytes",
            fix="restore it from a backup; a new one voids receipts",
        )
    return key
