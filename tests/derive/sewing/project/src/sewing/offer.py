"""One evening of tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from sewing.leaflets import believable
from sewing.maker import SAVED, Maker, expect, plain


def offer(shelf: str | Path, tickets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Go through the mailbox, top to bottom, and say something to everybody."""
    maker: Maker = joblib.load(Path(shelf) / SAVED)
    offers: dict[int, dict[str, Any]] = {}
    familiar: dict[int, dict[str, Any]] = {}
    for place, ticket in enumerate(tickets):
        if not believable(ticket):
            offers[place] = _reply(ticket, None, "check")
        elif plain(ticket["garment"]) not in maker.garments:
            offers[place] = _reply(ticket, None, "fresh")
        else:
            familiar[place] = ticket
    if familiar:
        effort = expect(maker, pd.DataFrame(list(familiar.values())))
        for place, amount in zip(familiar, effort, strict=True):
            offers[place] = _reply(tickets[place], float(amount), "ok")
    return [offers[place] for place in range(len(tickets))]


def _reply(ticket: dict[str, Any], effort: float | None, answer: str) -> dict[str, Any]:
    return {"ticket_id": ticket["ticket_id"], "effort": effort, "answer": answer}
