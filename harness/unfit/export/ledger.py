"""Ledger: the interviewer's list of exports, and the receipts that point into it."""

from __future__ import annotations

import datetime as dt
import fcntl
import hmac
import json
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from pydantic import Field, ValidationError

from unfit.errors import UnfitError, UsageError
from unfit.files import discard_unfinished, write_atomically
from unfit.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from unfit.bank import Exercise

__all__ = [
    "RECEIPT",
    "Entry",
    "Receipt",
    "called",
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
SIGNED = ("exercise", "version", "form", "seed", "tree", "nonce")
ASSUMED = "the default form is assumed"
"""How a note ends where nothing but the absence of a receipt is known."""
CALLED = 8
"""Digits of its nonce that a receipt is called by: few enough to compare by eye, enough to be nobody else's."""


class Entry(Record):
    """One export, as the ledger keeps it."""

    exercise: str
    version: str
    form: str
    defects: tuple[str, ...] = ()
    """Empty where the default form was exported without the hidden half."""
    seed: int | None = None
    minutes: int | None = None
    """The time that the task gives, where it is another than the exercise's own."""
    assistants: Literal["allowed", "none"] = "allowed"
    pull_request: bool = False
    """Whether it was handed out as a pull request."""
    tree: str = ""
    """Digest of every file that was handed out but the receipt; see `unfit.bank.trees.digest_of`."""
    nonce: str = ""
    candidate: str = ""
    when: dt.datetime | None = None

    @property
    def called(self) -> str:
        """What people call the receipt by, the same wherever it is shown; empty where there is none."""
        return called(self.nonce)


def called(nonce: str) -> str:
    """Say what people call the receipt of an export by."""
    return nonce[:CALLED]


class Receipt(Entry):
    """What grading knows about how a submission was handed out."""

    verified: bool
    """Whether a receipt proved it."""
    note: str = ""
    """Why not, or what else a reader must know of how it was handed out."""
    doubts: dict[str, str] = Field(default={})
    """By defect, why nothing shows that it was ever planted; see `unfit.export.fitting`."""
    certain: bool = False
    """Whether every file that was handed out is known byte for byte."""


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
        written = _written(tree)
        with _at_hand(ledger):
            receipt = _proven(written, ledger, exercise)
    except _UnprovenError as unproven:
        note = f"{unproven}; {ASSUMED}."
        return Receipt(
            exercise=unproven.exercise or exercise,
            version="",
            form="default",
            nonce=unproven.nonce,
            verified=False,
            note=note,
        )
    if version and version != receipt.version:
        note = f"Version {receipt.version} of the exercise was handed out, and this grade is of version {version}."
        return receipt.model_copy(update={"note": note})
    return receipt


def named_by(tree: Mapping[str, bytes]) -> str:
    """Say of which exercise a submission's receipt says that it is, proven or not; empty where it does not say."""
    try:
        return str(_written(tree)["exercise"] or "")
    except _UnprovenError:
        return ""


def carried_by(tree: Mapping[str, bytes], ledger: Path) -> Entry | None:
    """Find the export whose receipt a submission carries, also where the receipt was edited; None where none is known.

    It says what the submission carries, and proves nothing about whose it is.
    """
    try:
        written = _written(tree)
    except _UnprovenError:
        return None
    with _at_hand(ledger):
        if not (ledger / KEY).is_file():
            return None
        return _carried(written, entries(ledger), _key(ledger, make=False))


def _carried(written: Mapping[str, Any], known: Sequence[Entry], key: bytes) -> Entry | None:
    """Find an entry by the number on a receipt, or else by its signature."""
    latest = list(reversed(known))
    by_number = (entry for entry in latest if entry.nonce == written["nonce"])
    given = written["mac"].encode("utf-8", "replace")
    signed = (
        entry
        for entry in latest
        if hmac.compare_digest(_mac({name: getattr(entry, name) for name in SIGNED}, key).encode(), given)
    )
    return next(by_number, None) or next(signed, None)


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


class _UnprovenError(Exception):
    """Why a receipt proves nothing, with the exercise that it is of and the export that it names, where known."""

    def __init__(self, why: str, *, exercise: str = "", nonce: str = "") -> None:
        super().__init__(why)
        self.exercise = exercise
        self.nonce = nonce


def _written(tree: Mapping[str, bytes]) -> dict[str, Any]:
    """Read the signed fields of a submission's receipt, and its signature; nothing else of it is believed."""
    content = tree.get(RECEIPT)
    if content is None:
        elsewhere = sorted(path for path in tree if path.rpartition("/")[2] == RECEIPT)
        where = f" at its top; {elsewhere[0]} may be another's, and is not read" if elsewhere else ""
        raise _UnprovenError(f"The submission has no receipt{where}")
    try:
        written = json.loads(content[:LARGEST_RECEIPT])
    except (ValueError, RecursionError):
        written = None
    fields = {name: written.get(name) for name in (*SIGNED, "mac")} if isinstance(written, dict) else {}
    if not isinstance(fields.get("mac"), str) or any(
        not isinstance(value, str | int | None) for value in fields.values()
    ):
        raise _UnprovenError("The submission's receipt cannot be read")
    return fields


def _proven(written: dict[str, Any], ledger: Path, exercise: str) -> Receipt:
    public = {name: written[name] for name in SIGNED}
    if not (ledger / KEY).is_file():
        raise _UnprovenError("There is no ledger here that could prove the submission's receipt")
    key = _key(ledger, make=False)
    entry = _carried(written, entries(ledger), key)
    right, given = _mac(public, key), written["mac"]
    if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
        raise _unsigned(public, entry)
    if exercise and public["exercise"] != exercise:
        name = public["exercise"]
        raise _UnprovenError(
            f"The submission's receipt belongs to another exercise, {name}",
            exercise=name,
            nonce=entry.nonce if entry else "",
        )
    if entry is None:
        raise _UnprovenError("The submission's receipt is not in the ledger, or was struck from it")
    return Receipt(**entry.model_dump(), verified=True)


def _unsigned(public: Mapping[str, Any], entry: Entry | None) -> _UnprovenError:
    """Tell a receipt of this ledger that somebody edited from one that another ledger signed."""
    if entry is None:
        return _UnprovenError("The submission's receipt is of another ledger: this one has no such export")
    changed = [name for name in SIGNED if public[name] != getattr(entry, name)]
    what = f"its {' and '.join(changed)}" if changed else "its signature"
    return _UnprovenError(
        f"The submission's receipt {entry.called} was changed: {what} is not what this ledger handed out",
        nonce=entry.nonce,
    )


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
