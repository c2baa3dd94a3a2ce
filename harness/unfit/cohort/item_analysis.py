"""Item analysis: how a form's defects worked as items, once enough people met them; never how a person did."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from unfit.cohort.cohort_table import CohortRow, DefectCell
from unfit.grades import DefectStatus

__all__ = ["ENOUGH", "MANY", "FormFigures", "Interval", "ItemFigures", "analyse"]

ENOUGH = 30
"""People below whom an interval would span most of what is possible: counts only."""
MANY = 100
"""People below whom a correlation of 0.2 cannot be told from none."""
RESAMPLES = 1000
"""Enough for the ends of a 95 % interval to settle in the second digit."""
BATCH = 100
"""Resamples that are in memory at once."""
SEED = 20
"""Of the resampling, so that a page is the same every time."""
CONFIDENCE = 0.95

Fact = Literal["mended", "spotted"]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ItemFigures:
    """How one defect worked as an item, by one of the two facts.

    Parameters
    ----------
    defect, title : str
    counted, yes : int
        People of whom it is known, and those who did.
    errors, skips : int
        Left out: no experiment came to an end, or nothing was there to judge.
    difficulty : Interval or None
        Share of those counted who did; None below `ENOUGH`.
    discrimination : Interval or None
        Correlation with the count of the other items; None below `MANY`.
    readings : tuple of str
        Each figure in plain words.
    """

    defect: str
    title: str
    counted: int
    yes: int
    errors: int
    skips: int
    difficulty: Interval | None = None
    discrimination: Interval | None = None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormFigures:
    """How the items of one form worked, by one of the two facts.

    Parameters
    ----------
    group : str
        The form.
    fact : {"mended", "spotted"}
    people : int
        Those with a grade.
    whole : int
        Those of whom every item is known; reliability is computed on them.
    items : tuple of ItemFigures
    reliability : Interval or None
        KR-20; None below `MANY`.
    error : float or None
        Standard error of a person's count, in defects.
    readings : tuple of str
    """

    group: str
    fact: Fact
    people: int
    whole: int
    items: tuple[ItemFigures, ...]
    reliability: Interval | None = None
    error: float | None = None
    readings: tuple[str, ...] = ()


def analyse(rows: Sequence[CohortRow], titles: Mapping[str, str]) -> tuple[FormFigures, ...]:
    """Analyse each form by itself, what was mended and what was spotted apart.

    Parameters
    ----------
    rows : sequence of CohortRow
        All of a cohort; simulated players are left out.
    titles : mapping of str to str
        The defects' titles by id, in order.

    Returns
    -------
    figures : tuple of FormFigures
    """
    by_group: dict[str, list[CohortRow]] = {}
    for row in rows:
        if row.cells and row.kind == "person":
            by_group.setdefault(row.group, []).append(row)
    facts: tuple[Fact, ...] = ("mended", "spotted")
    return tuple(
        _form(group, fact, members, titles) for group, members in sorted(by_group.items()) for fact in facts
    )


def _form(group: str, fact: Fact, rows: Sequence[CohortRow], titles: Mapping[str, str]) -> FormFigures:
    answers = _answers(rows, fact, titles)
    whole = _whole(answers)
    others = _discriminations(whole) if len(whole) >= MANY else {}
    items = tuple(
        _item(name, titles[name], fact, [row.cells.get(name) for row in rows], others.get(name))
        for name in map(str, answers)
    )
    form = FormFigures(group, fact, len(rows), len(whole), items, readings=(_why_not(len(whole)),))
    return _with_reliability(form, whole) if len(whole) >= MANY else form


def _whole(answers: pd.DataFrame) -> pd.DataFrame:
    """Keep those of whom every item is known; an item that is known of nobody is no item."""
    known = answers.dropna(axis=1, how="all")
    return known.dropna() if known.shape[1] else known.iloc[:0]


def _answers(rows: Sequence[CohortRow], fact: Fact, titles: Mapping[str, str]) -> pd.DataFrame:
    """Lay out who did what: 1, 0, or missing where it is not known; only what was planted in this form."""
    planted = [name for name in titles if any(_planted(row.cells.get(name)) for row in rows)]
    return pd.DataFrame(
        {name: [_answer(row.cells.get(name), fact) for row in rows] for name in planted}, dtype="float64"
    )


def _planted(cell: DefectCell | None) -> bool:
    return cell is not None and cell.status is not DefectStatus.NOT_PLANTED


def _answer(cell: DefectCell | None, fact: Fact) -> float | None:
    if cell is None:
        return None
    if fact == "spotted":
        return None if cell.spotted is None else float(cell.spotted)
    known = {DefectStatus.MENDED: 1.0, DefectStatus.NOT_MENDED: 0.0}
    return known.get(cell.status)


def _item(
    name: str, title: str, fact: Fact, cells: Sequence[DefectCell | None], discrimination: Interval | None
) -> ItemFigures:
    answers = [answer for cell in cells if (answer := _answer(cell, fact)) is not None]
    counted, yes = len(answers), int(sum(answers))
    errored = [cell for cell in cells if cell is not None and cell.status is DefectStatus.ERRORED]
    errors = len(errored) if fact == "mended" else 0
    difficulty = _share(yes, counted) if counted >= ENOUGH else None
    readings = [_read_share(fact, yes, counted, difficulty)] if difficulty else []
    readings += [_read_discrimination(fact, discrimination)] if discrimination else []
    return ItemFigures(
        defect=name,
        title=title,
        counted=counted,
        yes=yes,
        errors=errors,
        skips=len(cells) - counted - errors,
        difficulty=difficulty,
        discrimination=discrimination,
        readings=tuple(readings),
    )


def _share(yes: int, counted: int) -> Interval:
    """Compute a share with its Wilson interval."""
    found = stats.binomtest(yes, counted).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(yes / counted, float(found.low), float(found.high))


def _discriminations(answers: pd.DataFrame) -> dict[str, Interval]:
    """Correlate each item with the count of the others; an item that all or none did has no correlation."""
    counts = answers.sum(axis=1)
    found = {}
    for name in answers:
        item, rest = answers[name].to_numpy(), (counts - answers[name]).to_numpy()
        if np.ptp(item) and np.ptp(rest):
            found[str(name)] = _bootstrapped(_correlation, item, rest, vectorized=True)
    return found


def _correlation(item: Matrix, rest: Matrix, axis: int) -> Any:
    return stats.pearsonr(item, rest, axis=axis).statistic


def _bootstrapped(statistic: Callable[..., Any], *data: Matrix, vectorized: bool) -> Interval:
    """Resample people; the interval is that of the plain percentiles."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a sample in which everybody did the same has no figure, and counts for none
        drawn = stats.bootstrap(
            data,
            statistic,
            n_resamples=RESAMPLES,
            batch=BATCH,
            vectorized=vectorized,
            paired=True,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        )
        value = statistic(*data, axis=-1) if vectorized else statistic(*data)
    low, high = np.nanpercentile(drawn.bootstrap_distribution, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def _with_reliability(form: FormFigures, answers: pd.DataFrame) -> FormFigures:
    """Compute KR-20, which is Cronbach's alpha of items that are 0 or 1, and what follows from it for a count."""
    counts = answers.sum(axis=1)
    if answers.shape[1] < 2 or counts.nunique() < 2:
        return _replace(
            form, readings=("Everybody's count is the same, so nothing can be said of its error.",)
        )
    if find_spec("pingouin") is None:
        return _replace(form, readings=("Reliability needs `pip install 'unfit[cohort]'`.",))
    from pingouin import cronbach_alpha  # noqa: PLC0415 - it takes seconds, and few cohorts need it

    def alpha(people: Matrix) -> float:
        return float(cronbach_alpha(answers.iloc[people.astype(int)])[0])

    reliability = _bootstrapped(alpha, np.arange(len(answers), dtype=np.float64), vectorized=False)
    error = float(counts.std(ddof=1)) * math.sqrt(max(0.0, 1.0 - reliability.value))
    return _replace(
        form,
        reliability=reliability,
        error=error,
        readings=tuple(_read_reliability(form.fact, reliability, error)),
    )


def _replace(form: FormFigures, **changes: Any) -> FormFigures:
    return FormFigures(**{**vars(form), **changes})


def _why_not(whole: int) -> str:
    if whole < ENOUGH:
        return (
            f"{whole} people with every item known are too few for any figure: under {ENOUGH}, counts only."
        )
    return (
        f"{whole} people with every item known are too few for figures about how items go together ({MANY})."
    )


DID = {"mended": "mended it", "spotted": "described it in the review"}


def _read_share(fact: Fact, yes: int, counted: int, share: Interval) -> str:
    return (
        f"{yes} of {counted} {DID[fact]}; among many such people the share is plausibly between "
        f"{share.low:.0%} and {share.high:.0%}."
    )


def _read_discrimination(fact: Fact, found: Interval) -> str:
    said = DID[fact]
    if found.low > 0:
        return f"Those who {said} also did so with more of the others."
    if found.high < 0:
        return f"Those who {said} did so with fewer of the others: look at this defect and its checks."
    return f"Whether those who {said} did so with more of the others cannot be told."


def _read_reliability(fact: Fact, found: Interval, error: float) -> Iterator[str]:
    yield (
        f"KR-20 says how much of the differences between people's counts of {fact} defects would show again with "
        f"other defects like these: about {max(0.0, found.value):.0%}, plausibly {max(0.0, found.low):.0%} to "
        f"{max(0.0, found.high):.0%}. The rest is which defects they happened to meet."
    )
    yield (
        f"By that chance alone a person's count has a standard error of {error:.1f} defects, and the difference "
        f"between two people's counts one of {error * math.sqrt(2):.1f}."
    )
