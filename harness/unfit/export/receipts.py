"""Receipts: what an export says of itself, signed, and what grading learns from it about what was handed out."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from pydantic import Field

from unfit.errors import UsageError
from unfit.export.ledger import KEY, ExportEntry, at_hand, entries, key_of_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from unfit.bank import Exercise

__all__ = ["RECEIPT", "Receipt", "carried_by", "named_by", "planted_by", "read_receipt", "receipt_file"]

RECEIPT = "receipt.json"
"""Name of the receipt in an export."""
LARGEST_RECEIPT = 4096
SIGNED = ("exercise", "version", "form", "seed", "tree", "nonce")
ASSUMED = "the default form is assumed"
"""How a note ends where nothing but the absence of a receipt is known."""


class Receipt(ExportEntry):
    """What grading knows about how a submission was handed out."""

    verified: bool
    """Whether a receipt proved it."""
    note: str = ""
    """Why not, or what else a reader must know of how it was handed out."""
    doubts: dict[str, str] = Field(default={})
    """By defect, why nothing shows that it was ever planted; see `unfit.export.form_recognition`."""
    certain: bool = False
    """Whether every file that was handed out is known byte for byte."""


def receipt_file(entry: ExportEntry, ledger: Path) -> bytes:
    """Write the receipt that goes into an export; nothing in it says which defects a form holds."""
    public = {name: getattr(entry, name) for name in SIGNED}
    with at_hand(ledger):
        key = key_of_ledger(ledger, make=True)
    return json.dumps({**public, "mac": _mac(public, key)}, indent=2).encode() + b"\n"


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
        with at_hand(ledger):
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


def carried_by(tree: Mapping[str, bytes], ledger: Path) -> ExportEntry | None:
    """Find the export whose receipt a submission carries, also where the receipt was edited; None where none is known.

    It says what the submission carries, and proves nothing about whose it is.
    """
    try:
        written = _written(tree)
    except _UnprovenError:
        return None
    with at_hand(ledger):
        if not (ledger / KEY).is_file():
            return None
        return _carried(written, entries(ledger), key_of_ledger(ledger, make=False))


def _carried(written: Mapping[str, Any], known: Sequence[ExportEntry], key: bytes) -> ExportEntry | None:
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
    key = key_of_ledger(ledger, make=False)
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


def _unsigned(public: Mapping[str, Any], entry: ExportEntry | None) -> _UnprovenError:
    """Tell a receipt of this ledger that somebody edited from one that another ledger signed."""
    if entry is None:
        return _UnprovenError("The submission's receipt is of another ledger: this one has no such export")
    changed = [name for name in SIGNED if public[name] != getattr(entry, name)]
    what = f"its {' and '.join(changed)}" if changed else "its signature"
    return _UnprovenError(
        f"The submission's receipt {entry.called} was changed: {what} is not what this ledger handed out",
        nonce=entry.nonce,
    )


def _mac(public: Mapping[str, Any], key: bytes) -> str:
    message = json.dumps({name: public[name] for name in SIGNED}, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, message.encode(), "sha256").hexdigest()
