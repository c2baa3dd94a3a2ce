"""Relabel: give records other identifiers and another order, and map the answers back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from unfit.errors import CheckError

__all__ = ["Labels", "draw"]

_NUMBERED = re.compile(r"(.*\D|)(\d+)(\D*)")


@dataclass(frozen=True)
class Labels:
    """Identifiers that were drawn anew for one question.

    Parameters
    ----------
    new : mapping of str to str
        One-to-one. What stands for an identifier; those that share a form keep their alphabetical order.
    seed : int
        Draws the order of `shuffled`.
    """

    new: Mapping[str, str]
    seed: int
    old: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "old", {new: old for old, new in self.new.items()})

    def table(self, table: pd.DataFrame, column: str, *, shuffled: bool = False) -> pd.DataFrame:
        """Relabel a column of a table; shuffle its rows only where their order carries no meaning."""
        renamed = table.assign(**{column: _renamed(table[column], self.new)})
        if not shuffled:
            return renamed
        order = np.random.default_rng(self.seed).permutation(len(renamed))
        return renamed.iloc[order].reset_index(drop=True)

    def records(
        self, rows: Sequence[Mapping[str, Any]], key: str, *, shuffled: bool = False
    ) -> list[dict[str, Any]]:
        """Relabel records; shuffle them only where their order carries no meaning."""
        renamed = [{**row, key: self.new.get(row[key], row[key])} for row in rows]
        if not shuffled:
            return renamed
        return [renamed[at] for at in np.random.default_rng(self.seed).permutation(len(renamed))]

    def back(self, answer: pd.DataFrame, column: str) -> pd.DataFrame:
        """Give the rows of an answer their own identifiers again; one that was never asked about stays as it is."""
        return answer.assign(**{column: _renamed(answer[column], self.old)})

    def records_back(self, answer: Iterable[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
        """Give the records of an answer their own identifiers again."""
        return [{**row, key: self.old.get(row[key], row[key])} for row in answer]


def draw(identifiers: Iterable[Any], *, seed: int) -> Labels:
    """Draw other identifiers of the same form.

    Parameters
    ----------
    identifiers : iterable of str
        Texts with a number, such as ``"S017-00412"``, whose last one is drawn anew; repeated ones count once.
    seed : int

    Raises
    ------
    CheckError
        If an identifier holds no number, or there are not enough numbers of its length.
    """
    rng = np.random.default_rng(seed)
    forms: dict[tuple[str, int, str], list[str]] = {}
    for name in sorted({str(name) for name in identifiers}):
        match = _NUMBERED.fullmatch(name)
        if match is None:
            raise CheckError(
                f"{name!r} cannot be relabelled: it holds no number",
                fix="give the world's records identifiers such as S00412",
            )
        head, digits, tail = match.groups()
        forms.setdefault((head, len(digits), tail), []).append(name)
    new: dict[str, str] = {}
    for (head, length, tail), names in forms.items():
        room = 10**length
        if len(names) > room // 2:
            raise CheckError(
                f"{len(names)} identifiers such as {names[0]!r} leave no room for others",
                fix="give the world's records identifiers with one digit more",
            )
        numbers = np.sort(rng.choice(room, len(names), replace=False))
        new |= {name: f"{head}{number:0{length}d}{tail}" for name, number in zip(names, numbers, strict=True)}
    return Labels(new, seed=int(rng.integers(2**31)))


def _renamed(column: pd.Series, names: Mapping[str, str]) -> pd.Series:
    return column.map(lambda name: names.get(name, name))
