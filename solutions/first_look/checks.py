"""Hidden checks of `first_look`: each simulates, calls and compares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from unfit import Case, check, incident, measure

from .world import MINUTES, MONTHS, RANGES, STRANGERS, bookings, lost, ordinary_days, things, visits

TRAIN, EVALUATE, QUOTE = "repairs.train:train", "repairs.evaluate:evaluate", "repairs.quote:quote"

# Two answers that must be the same: what is left is the rounding of sums taken in another order.
SAME = 1e-6


def _model(case: Case, book: pd.DataFrame, **options: Any) -> Any:
    """Train on a book whose visits have other names."""
    folder = case.folder()
    case.call(TRAIN, case.relabel(book["visit_id"]).table(book, "visit_id"), folder, **options)
    return folder


def _small_model(case: Case) -> Any:
    """A model for exact comparisons, where its quality does not matter."""
    return _model(case, visits(150, seed=case.seed))


def _quotes(case: Case, model: Any, rows: list[dict[str, Any]]) -> np.ndarray:
    """Minutes in the order of the bookings; asked in another order, by other names."""
    labels = case.relabel(row["booking_id"] for row in rows)
    batch = labels.records(rows, "booking_id", shuffled=True)
    return _minutes(labels.records_back(case.call(QUOTE, model, batch), "booking_id"), rows)


def _minutes(answers: list[dict[str, Any]], rows: list[dict[str, Any]]) -> np.ndarray:
    """Minutes in the order of the bookings; missing where there are none."""
    found = {answer["booking_id"]: answer["minutes"] for answer in answers}
    return np.array([found.get(row["booking_id"]) for row in rows], dtype=float)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference; a missing number is as far from another as can be."""
    gap = np.where(np.isnan(one) & np.isnan(other), 0.0, np.abs(one - other))
    return float(np.nan_to_num(gap, nan=float(MINUTES[1])).max(initial=0.0))


# Guards


@check
def every_booking_is_answered_in_order(case: Case) -> None:
    """Every sound booking gets its own answer, in order, with a number of minutes."""
    model = _small_model(case)
    rows = bookings(things(40, seed=case.seed))
    answers, none = case.apart(lambda batch: case.call(QUOTE, model, batch), (rows, []))
    case.equal(
        "bookings in the answer",
        [answer["booking_id"] for answer in answers],
        [row["booking_id"] for row in rows],
    )
    case.equal("answers with status ok", sum(answer["status"] == "ok" for answer in answers), len(rows))
    case.confirm("every answer has minutes above zero", holds=bool((_minutes(answers, rows) > 0).all()))
    case.equal("answers to no bookings", none, [])


@check
def quotes_come_near_the_truth(case: Case) -> None:
    """New things take about as long as their visitors were told."""
    book = visits(300, seed=case.seed)
    new = things(400, seed=case.seed)
    rows = bookings(new)
    told = _minutes(case.call(QUOTE, _model(case, book), rows), rows)
    error = np.abs(told - new["minutes"].to_numpy()).mean()
    one_for_all = (new["minutes"] - book.loc[book["minutes"] > 0, "minutes"].median()).abs().mean()
    case.compare(
        "error over that of one number for all",
        seen=error / one_for_all,
        limit=FAR_OFF,
        sd=0.05,
    )


# The best number for all reaches .98. Of eleven kinds of model an unpruned tree is the worst, .74 with sd .05;
# a forest has .59.
FAR_OFF = 0.95


@check
def the_figure_is_that_of_the_latest_month(case: Case) -> None:
    """The figure is the one that the visits of the latest month give, each listed once with what it really took."""
    book = visits(600, seed=case.seed)
    report = case.call(EVALUATE, book)
    rows = report["held_out"]
    latest = _latest(book)
    truth = latest.set_index("visit_id")["minutes"].reindex(rows["visit_id"])
    case.equal("visits of the latest month in the list", sorted(rows["visit_id"]), sorted(latest["visit_id"]))
    case.equal("outcomes that are wrong", int((truth.to_numpy() != rows["minutes"].to_numpy()).sum()), 0)
    recomputed = (rows["estimate"] - rows["minutes"]).abs().mean()
    case.compare("claimed less recomputed figure", seen=abs(report["value"] - recomputed), limit=SAME)
    agreement = rows[["estimate", "minutes"]].rank().corr().iloc[0, 1]
    case.compare(
        "rank agreement of estimates and outcomes",
        seen=agreement,
        limit=AGREEMENT,
        direction="at least",
        sd=0.06,
    )


# On 94 visits chance has 0 with sd .10; the worst of eleven kinds of model, a tree, has .74 with sd .06.
AGREEMENT = 0.35


def _latest(book: pd.DataFrame) -> pd.DataFrame:
    return book[(book["month"] == MONTHS[-1]) & (book["minutes"] > 0)]


@check
def a_quote_depends_on_its_booking_alone(case: Case) -> None:
    """A booking gets the same quote in any company, with unknown fields, and however its kind is written."""
    model = _small_model(case)
    rows = bookings(things(30, seed=case.seed))
    company = [
        row | {"booking_id": f"C{at:04d}", "weight_kg": 60.0, "age_years": 120} for at, row in enumerate(rows)
    ]
    forms = {
        "in other company": company + rows[::-1],
        "with unknown fields": [row | {"note": "needed by Sunday", "table": 3} for row in rows],
        "with fields in another order": [dict(reversed(row.items())) for row in rows],
        "with a kind written otherwise": [row | {"kind": f" {row['kind'].title()} "} for row in rows],
    }
    usual, alone, *others = case.apart(
        lambda batch: _quotes(case, model, batch), (rows, rows[:1], *forms.values())
    )
    known = {row["booking_id"]: at for at, row in enumerate(rows)}
    for (label, form), seen in zip(forms.items(), others, strict=True):
        same_ones = [at for at, row in enumerate(form) if row["booking_id"] in known]
        before = usual[[known[form[at]["booking_id"]] for at in same_ones]]
        moved = _apart(before, seen[same_ones])
        case.compare(f"a quote moved by {{seen}} {label}", seen=moved, limit=SAME, unit="min")
    case.compare("a quote moved by {seen} alone", seen=_apart(usual[:1], alone), limit=SAME, unit="min")


@check
def a_rerun_gives_the_same(case: Case) -> None:
    """Training and evaluating once more on the same book gives the same quotes and the same figure."""
    book = visits(150, seed=case.seed)
    rows = bookings(things(40, seed=case.seed))

    def ask(seed: int) -> tuple[np.ndarray, float]:
        options = {"seed": seed, "hash_seed": seed}
        quotes = _quotes(case, _model(case, book, **options), rows)
        return quotes, case.call(EVALUATE, book, **options)["value"]

    quotes, figures = zip(*case.apart(ask, (0, 1)), strict=True)
    _same(case, quotes, figures)


def _same(case: Case, quotes: Any, figures: Any) -> None:
    """Compare what two books give, which must be the same."""
    case.compare("a quote moved by {seen}", seen=_apart(*quotes), limit=SAME, unit="min")
    case.compare("the figure moved by {seen}", seen=abs(figures[0] - figures[1]), limit=SAME, unit="min")


# The figure


# One estimate for all would not move either: hence `requires`.
@check(requires=("the_figure_is_that_of_the_latest_month",))
def the_latest_month_does_not_judge_itself(case: Case) -> None:
    """What the visits of the latest month took does not move the estimates that are held against it."""
    book, before = _with_kinds_of_its_own(case, visits(300, seed=case.seed))
    asked = before.reindex(_latest(book)["visit_id"]).to_numpy()
    long = asked > np.nanmedian(asked)
    # One rewards the boldest of several models and the other the most cautious, so a choice by outcomes shows.
    for label, ends in {"as estimated": MINUTES[::-1], "turned round": MINUTES}.items():
        case.unmoved(
            f"an estimate moved by {{seen}} when its month took extremes, {label}",
            lambda table: _estimates(case, table).reindex(before.index),
            book,
            _retold(book, np.where(long, *ends)),
            known=before,
            limit=SAME,
            missing=float(MINUTES[1]),
            unit="min",
        )


def _with_kinds_of_its_own(case: Case, book: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Let a tenth of the latest month be of kinds that no earlier month has; return the book with its estimates.

    Nothing promises a figure of such a month: whose program ends over it is asked about the book as it was.
    """
    few = _latest(book).index[::10]
    other = book.copy()
    other.loc[few, "kind"] = np.resize(list(STRANGERS), len(few))
    attempt = case.attempt(EVALUATE, other)
    if attempt.fault is not None:
        return book, _estimates(case, book)
    return other, _by_visit(attempt.value["held_out"])


def _estimates(case: Case, book: pd.DataFrame) -> pd.Series:
    """Evaluate a book whose visits have other names."""
    labels = case.relabel(book["visit_id"])
    return _by_visit(labels.back(case.call(EVALUATE, labels.table(book, "visit_id"))["held_out"], "visit_id"))


def _by_visit(rows: pd.DataFrame) -> pd.Series:
    return rows.drop_duplicates("visit_id").set_index("visit_id")["estimate"]


def _retold(book: pd.DataFrame, minutes: Any) -> pd.DataFrame:
    """Change what the visits of the latest month took."""
    changed = book.copy()
    changed.loc[_latest(book).index, "minutes"] = minutes
    return changed


# Bookings that no number fits


@check(requires=("every_booking_is_answered_in_order",))
def a_kind_never_brought_before_gets_no_number(case: Case) -> None:
    """A thing of a kind that is not in the book is answered `new` without minutes, and the others as usual."""
    model = _small_model(case)
    strangers = things(60, seed=case.seed, kinds=STRANGERS).groupby("kind").head(2)
    new = bookings(strangers.drop(columns="booking_id"))
    strange = {f"{row['kind']}, line {line}": row for line, row in enumerate(new)}
    _held_back(case, model, "new", strange | {kind: {"kind": kind} for kind in LIKE_KNOWN})


# Each looks like a kind of the book: with a word more in front or behind, a letter more or less, the same ending.
LIKE_KNOWN = ("table lamp", "lamp stand", "clamp", "amp", "tricycle", "wheelchair")


@check(requires=("every_booking_is_answered_in_order",))
def a_form_that_cannot_be_right_gets_no_number(case: Case) -> None:
    """A form with a number that cannot be right is answered `check` without minutes, and the others as usual."""
    model = _small_model(case)
    rows = bookings(things(4, seed=case.seed))
    ends = [row | {field: end} for row, (field, end) in zip(rows, _ends(), strict=True)]
    statuses = [row["status"] for row in case.call(QUOTE, model, ends)]
    case.equal("answers at the ends of the ranges", statuses, ["ok"] * 4)
    _held_back(case, model, "check", IMPOSSIBLE | _just_outside())
    _held_back(case, model, "check", UNREADABLE)


IMPOSSIBLE = {
    "an age below nought": {"age_years": -3},
    "a year for an age": {"age_years": 1987},
    "no weight at all": {"weight_kg": 0},
    "grams for kilograms": {"weight_kg": 1800.0},
}
A_LITTLE = 1e-4
UNREADABLE = {
    "words for an age": {"age_years": "about ten"},
    "words for a weight": {"weight_kg": "not heavy"},
    "an empty age": {"age_years": None},
    "an empty weight": {"weight_kg": None},
    "no number for an age": {"age_years": float("nan")},
    "no number for a weight": {"weight_kg": float("nan")},
}


def _ends() -> list[tuple[str, float]]:
    return [(field, end) for field, ends in RANGES.items() for end in ends]


def _just_outside() -> dict[str, dict[str, float]]:
    """Go beyond each end by so little that rounding loses it."""
    return {
        f"{field} at {value:.4f}": {field: value}
        for field, (low, high) in RANGES.items()
        for value in (low - A_LITTLE, high + A_LITTLE)
    }


def _held_back(case: Case, model: Any, status: str, changes: dict[str, dict[str, Any]]) -> None:
    """Change every fourth booking of a day: those get the status and no minutes, the others what they got before."""
    rows = bookings(things(5 * len(changes), seed=case.seed))
    changed = {1 + 4 * at: fields for at, fields in enumerate(changes.values())}
    batch = [row | changed.get(at, {}) for at, row in enumerate(rows)]
    usual, answers = case.apart(lambda asked: case.call(QUOTE, model, asked), (rows, batch))
    if not case.equal(
        "bookings in the answer", [row["booking_id"] for row in answers], [row["booking_id"] for row in rows]
    ):
        return
    for label, at in zip(changes, changed, strict=True):
        case.equal(label, (answers[at]["status"], answers[at]["minutes"]), (status, None))
    rest = [at for at in range(len(rows)) if at not in changed]
    moved = _apart(_minutes(usual, rows)[rest], _minutes(answers, rows)[rest])
    case.compare("another booking's quote moved by {seen}", seen=moved, limit=SAME, unit="min")


# What looks wrong and is right


@check
def visitors_who_never_came_count_for_nothing(case: Case) -> None:
    """Lines at 0 minutes change no quote and no figure."""
    book = visits(150, seed=case.seed, absent=0.0)
    never = visits(150, seed=case.seed + 1).assign(minutes=0, visit_id=lambda lines: "N" + lines["visit_id"])
    longer = pd.concat([book, never]).sort_values("month", kind="stable", ignore_index=True)
    rows = bookings(things(40, seed=case.seed))

    def ask(table: pd.DataFrame) -> tuple[np.ndarray, float]:
        return _quotes(case, _model(case, table), rows), case.call(EVALUATE, table)["value"]

    quotes, figures = zip(*case.apart(ask, (book, longer)), strict=True)
    _same(case, quotes, figures)


@check
def the_latest_month_teaches_the_quotes(case: Case) -> None:
    """Where repairs took three times as long in the latest month, quotes are longer."""
    book = visits(300, seed=case.seed)
    rows = bookings(things(60, seed=case.seed))
    longer = _retold(book, (_latest(book)["minutes"] * 3).clip(*MINUTES))
    before, after = case.apart(lambda table: _quotes(case, _model(case, table), rows), (book, longer))
    change = np.mean(after - before)
    case.compare("quotes grew by {seen}", seen=change, limit=LONGER, direction="at least", unit="min")


# Means follow by 14 minutes, the medians of each kind by 3.7 with sd 1.0, and never downward; a model that has not
# seen the month does not move at all.
LONGER = 0.3


# What it costs


@measure
def lost_time(case: Case) -> dict[str, float]:
    """Time that visitors and volunteers lose on ordinary café days, and what the figure keeps from them."""
    book = visits(300, seed=case.seed)
    model = _model(case, book)
    days = ordinary_days(8, seed=case.seed)
    minutes = sum(_lost_on(case, model, forms, took) for forms, took in days)
    new = things(400, seed=case.seed)
    rows = bookings(new)
    error = np.abs(_minutes(case.call(QUOTE, model, rows), rows) - new["minutes"]).mean()
    return {
        "minutes lost per 100 bookings": 100 * minutes / sum(len(forms) for forms, _ in days),
        "minutes a visit that the figure hides": float(error - case.call(EVALUATE, book)["value"]),
    }


def _lost_on(case: Case, model: Any, forms: list[dict[str, Any]], took: np.ndarray) -> float:
    """A day that ends in an error leaves every visitor without a quote."""
    attempt = case.attempt(QUOTE, model, forms)
    return lost([{"minutes": None}] * len(forms) if attempt.fault else attempt.value, took)


# Incidents, for the conversation


def _told(quotes: list[dict[str, Any]]) -> str:
    """Answers in words: how often each status, and the shortest and longest quote."""
    statuses = [quote["status"] for quote in quotes]
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses)) or "none"
    minutes = [quote["minutes"] for quote in quotes if quote["minutes"] is not None]
    return (
        f"{counts}; {min(minutes):.0f} to {max(minutes):.0f} minutes" if minutes else f"{counts}; no minutes"
    )


def _of(answers: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to some of the bookings."""
    wanted = {row["booking_id"] for row in rows}
    return [answer for answer in answers if answer["booking_id"] in wanted]


@incident(
    "How many answers come back for the 25?",
    "What are the five told?",
    "Do the other 20 get the same quotes as without them?",
)
def a_collector_books_five_harmoniums(case: Case) -> list[Any]:
    """Nobody has ever brought a harmonium. On Saturday a collector books five of them, of 28 kg and 90 years,
    among 20 ordinary things."""
    model = _small_model(case)
    rows = bookings(things(25, seed=case.seed))
    strange = [row | {"kind": "harmonium", "age_years": 90, "weight_kg": 28.0} for row in rows[:5]]
    batches = (strange + rows[5:], rows[5:])
    answers, usual = case.apart(lambda batch: case.call(QUOTE, model, batch), batches)
    same = _apart(_minutes(usual, rows[5:]), _minutes(answers, rows[5:])) <= SAME
    return [len(answers), _told(_of(answers, strange)), same]


@incident("How many of the 30 get a number of minutes?", "What are they told?")
def the_form_asks_for_the_year(case: Case) -> list[Any]:
    """On Friday somebody improves the booking form: it now asks for the year in which the thing was made and
    sends that as `age_years`. 30 bookings arrive."""
    rows = [row | {"age_years": 2025 - row["age_years"]} for row in bookings(things(30, seed=case.seed))]
    answers = case.call(QUOTE, _small_model(case), rows)
    return [sum(answer["minutes"] is not None for answer in answers), _told(answers)]


@incident("What are the ten told?", "What are the other 20 told?")
def weights_come_with_a_comma(case: Case) -> list[Any]:
    """Ten of 30 visitors use a telephone set to German: their weights arrive as text with a comma, such as
    `3,5`."""
    rows = bookings(things(30, seed=case.seed))
    rows = [
        row | {"weight_kg": f"{row['weight_kg']:.1f}".replace(".", ",")} if at < 10 else row
        for at, row in enumerate(rows)
    ]
    answers = case.call(QUOTE, _small_model(case), rows)
    return [_told(_of(answers, rows[:10])), _told(_of(answers, rows[10:]))]


@incident("How many answers come back for the 12?", "What does the unfinished one get?")
def a_booking_is_saved_too_early(case: Case) -> list[Any]:
    """A volunteer saves a booking before filling it in. Of 12 bookings the fourth has its number and its kind,
    a lamp, and nothing else."""
    rows = bookings(things(12, seed=case.seed))
    rows[3] = {"booking_id": rows[3]["booking_id"], "kind": "lamp"}
    answers = case.call(QUOTE, _small_model(case), rows)
    return [len(answers), _told(_of(answers, rows[3:4]))]


@incident(
    "How far off does the notice board say the estimates are, before and after?",
    "How long is the mean quote, before and after?",
)
def the_latest_month_took_three_times_as_long(case: Case) -> list[Any]:
    """In the latest month new volunteers took three times as long for everything. The model is trained and
    evaluated on a book with that month, and on one in which they had been as quick as ever."""
    book = visits(300, seed=case.seed)
    slower = _retold(book, (_latest(book)["minutes"] * 3).clip(*MINUTES))
    rows = bookings(things(60, seed=case.seed))
    figures = case.apart(lambda table: case.call(EVALUATE, table)["value"], (book, slower))
    quotes = case.apart(lambda table: _quotes(case, _model(case, table), rows), (book, slower))
    means = [float(np.nanmean(minutes)) if not np.isnan(minutes).all() else np.nan for minutes in quotes]
    return [f"{one:.1f} and {other:.1f} minutes" for one, other in (figures, means)]
