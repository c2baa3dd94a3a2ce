"""The adapter: how the experiments reach the service of one exercise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from unfit.case import Case
from unfit.errors import CheckError

__all__ = ["Answers", "Evaluated", "Row", "Service"]

Row = dict[str, Any]
"""A raw request, or one result."""


@dataclass(frozen=True)
class Answers:
    """What the service answered to one batch.

    Parameters
    ----------
    ids : tuple of str
        In the order of the results, as often as they come.
    values : Series
        The answered numbers, by id; the first where an id comes twice.
    statuses : Series
        The same of the statuses.
    """

    ids: tuple[str, ...]
    values: pd.Series
    statuses: pd.Series


@dataclass(frozen=True)
class Evaluated:
    """What the service's evaluation claims.

    Parameters
    ----------
    figure : float
    rows : DataFrame
        The held-out rows as reported, with the columns ``id``, ``fold``, ``truth`` and ``value``.
    """

    figure: float
    rows: pd.DataFrame

    @classmethod
    def of(
        cls,
        figure: float,
        held_out: pd.DataFrame,
        *,
        row: str,
        truth: str,
        value: str,
        fold: str | None = "fold",
    ) -> Self:
        """Read the held-out table of a contract, and leave its other columns out, whatever their names.

        Parameters
        ----------
        figure : float
        held_out : DataFrame
        row, truth, value : str
            The columns that hold the id of a row, its outcome and what was forecast.
        fold : str, optional
            The column that holds the fold; without one all rows are of one fold.
        """
        names = {"id": row, "truth": truth, "value": value} | ({"fold": fold} if fold else {})
        rows = pd.DataFrame({name: held_out[column] for name, column in names.items()})
        return cls(figure, rows if fold else rows.assign(fold=0))

    @property
    def known(self) -> pd.DataFrame:
        """The rows by id, each once."""
        return self.rows.drop_duplicates("id").set_index("id")

    def largest_fold(self, *, among: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the rows of the fold that holds most of them, as `known` does.

        Parameters
        ----------
        among : iterable of str, optional
            Ids that exist; others are left out.
        """
        rows = self.known if among is None else self.known[self.known.index.isin(list(among))]
        return rows[rows["fold"] == rows["fold"].value_counts().index[0]] if len(rows) else rows


@dataclass(frozen=True)
class Service:
    """How the experiments reach one exercise's service; write one in ``checks.py``.

    Parameters
    ----------
    key : str
        The field of a request and of a result that names the row. Its values hold a number, such as ``"R-00412"``.
    answer : callable
        ``(case, model, rows)`` to the list of results. The model is whatever `train` returns.
    train : callable, optional
        ``(case, data, again=0)`` to the model. The data are whatever the exercise's world makes. Another `again` is
        another seed.
    evaluate : callable, optional
        ``(case, data, again=0)`` to `Evaluated`.
    value, status : str
        The fields of a result that hold the number and the status.
    ok, held : str
        The status of a row that is answered, and of one that is set aside.
    gap : float
        How far two numbers may lie apart that must be equal: what is left is the rounding of sums in another order.

    Examples
    --------
    ::

        SERVICE = Service(
            key="load_id",
            answer=lambda case, model, rows: case.call(SCORE, model, rows)["results"],
            train=_train,
        )
    """

    key: str
    answer: Callable[[Case, Any, list[Row]], Sequence[Mapping[str, Any]]]
    train: Callable[..., Any] | None = None
    evaluate: Callable[..., Evaluated] | None = None
    value: str = "score"
    status: str = "status"
    ok: str = "ok"
    held: str = "held"
    gap: float = 1e-6

    def answers(self, case: Case, model: Any, rows: Sequence[Row]) -> Answers:
        """Ask about a batch under ids that are drawn anew, and give the answers the ids of the question."""
        labels = case.relabel(row[self.key] for row in rows)
        results = labels.records_back(self.answer(case, model, labels.records(rows, self.key)), self.key)
        once: dict[str, Mapping[str, Any]] = {}
        for row in results:
            once.setdefault(str(row[self.key]), row)
        return Answers(
            ids=tuple(str(row[self.key]) for row in results),
            values=pd.Series({name: row.get(self.value) for name, row in once.items()}, dtype=float),
            statuses=pd.Series({name: row.get(self.status) for name, row in once.items()}, dtype=object),
        )

    def values(self, case: Case, model: Any, rows: Sequence[Row]) -> pd.Series:
        """Ask about a batch, and keep only the numbers, by id."""
        return self.answers(case, model, rows).values

    def ids(self, rows: Iterable[Row]) -> list[str]:
        """Read the ids of some requests."""
        return [str(row[self.key]) for row in rows]

    def trained(self, case: Case, data: Any, *, again: int = 0) -> Any:
        """Train, where the adapter says how."""
        if self.train is None:
            raise CheckError(
                "an experiment trains, but the service has no `train`", fix="add it to the Service"
            )
        return self.train(case, data, again=again)

    def evaluated(self, case: Case, data: Any, *, again: int = 0) -> Evaluated:
        """Evaluate, where the adapter says how."""
        if self.evaluate is None:
            raise CheckError(
                "an experiment evaluates, but the service has no `evaluate`", fix="add it to the Service"
            )
        return self.evaluate(case, data, again=again)
