"""The inbox: files of messages, one JSON object a line, taken into the database once."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reserve.common.errors import MessageError
from reserve.common.journal import Journal
from reserve.ingest import forms, gde

KINDS = ("estimate", "claim", "note")


def take(connection: sqlite3.Connection, folder: str | Path, journal: Journal) -> Counter[str]:
    """Take all messages of a folder.

    Parameters
    ----------
    connection : Connection
        Open for writing.
    folder : path
        With files ``*.jsonl``; files that were taken before may be there still.
    journal : Journal

    Returns
    -------
    counts : Counter of str
        Messages that are ``new``, ``known`` and ``refused``.
    """
    counts: Counter[str] = Counter()
    for path in sorted(Path(folder).glob("*.jsonl")):
        for number, envelope in _envelopes(path):
            try:
                taken = _take_one(connection, envelope)
            except MessageError as error:
                journal.note("refused", file=path.name, line=number, why=str(error))
                counts["refused"] += 1
                continue
            counts["new" if taken else "known"] += 1
    journal.note("inbox", **counts)
    return counts


def _envelopes(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError:
                yield number, None


def _take_one(connection: sqlite3.Connection, envelope: Any) -> bool:
    """Take one message; return whether it was new."""
    if not isinstance(envelope, dict):
        raise MessageError("no envelope")
    missing = [key for key in ("id", "received_at", "source", "kind", "body") if not envelope.get(key)]
    if missing:
        raise MessageError(f"the envelope has no {', '.join(missing)}")
    if envelope["kind"] not in KINDS:
        raise MessageError(f"kind {envelope['kind']!r} is unknown")
    body = envelope["body"] if isinstance(envelope["body"], str) else json.dumps(envelope["body"])
    claim = _claim_of(envelope["kind"], body)
    known = connection.execute("SELECT 1 FROM raw_messages WHERE message_id = ?", (envelope["id"],)).fetchone()
    if known:
        return False
    if envelope["kind"] == "claim":
        forms.store(connection, forms.parse(body))
    connection.execute(
        "INSERT INTO raw_messages VALUES (?, ?, ?, ?, ?, ?)",
        (envelope["id"], envelope["received_at"], envelope["source"], envelope["kind"], claim, body),
    )
    return True


def _claim_of(kind: str, body: str) -> str | None:
    """Say which claim a message is about."""
    if kind == "estimate":
        return gde.parse(body).claim_id
    if kind == "claim":
        return forms.parse(body).claim_id
    return None
