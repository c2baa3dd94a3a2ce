"""Listing: services that answer with lists, such as the films of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from unfit.case import Case
from unfit.experiments.service import Answers, Row, Service

__all__ = ["Listing"]


@dataclass(frozen=True)
class Listing(Service):
    """A `Service` whose answers are no numbers but lists, texts or other plain values.

    Experiments that look whether an answer moved work on it as on any other; an answer that is not the same has moved
    by one. `one_for_one` needs ``within=None``.

    Parameters
    ----------
    key, answer, train, evaluate, value, status, ok, held, gap
        See `Service`.
    """

    def answers(self, case: Case, model: Any, rows: Sequence[Row]) -> Answers:
        """Ask about a batch under ids that are drawn anew, and give the answers the ids of the question."""
        labels = case.relabel(row[self.key] for row in rows)
        results = labels.records_back(self.answer(case, model, labels.records(rows, self.key)), self.key)
        once: dict[str, Mapping[str, Any]] = {}
        for row in results:
            once.setdefault(str(row[self.key]), row)
        return Answers(
            ids=tuple(str(row[self.key]) for row in results),
            values=pd.Series({name: row.get(self.value) for name, row in once.items()}, dtype=object),
            statuses=pd.Series({name: row.get(self.status) for name, row in once.items()}, dtype=object),
        )
