"""The insurer's world: claims, what garages, policies and the ledger say of them, and what they cost in the end.

Books are tidy when they are drawn. What happens to them afterwards, such as a portal that sends another unit, is laid
over them by functions of their own, here and in the shipped months alike.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

FILE = "claims.sqlite"
SCHEMA = {
    "claims": "claim_id TEXT PRIMARY KEY, policy_id TEXT NOT NULL, customer_no TEXT NOT NULL, "
    "notified_on TEXT NOT NULL, plate TEXT, peril TEXT NOT NULL, region TEXT NOT NULL",
    "claim_events": "event_no INTEGER PRIMARY KEY, claim_id TEXT NOT NULL, happened_on TEXT NOT NULL, "
    "event TEXT NOT NULL",
    "payments": "payment_no INTEGER PRIMARY KEY, claim_id TEXT NOT NULL, booked_on TEXT NOT NULL, "
    "amount REAL NOT NULL, booking_ref TEXT, attempt INTEGER NOT NULL DEFAULT 1",
    "policy_terms": "policy_id TEXT NOT NULL, valid_from TEXT NOT NULL, no_claims_years INTEGER, excess REAL, "
    "written_on TEXT, load_no INTEGER",
    "loads": "load_no INTEGER PRIMARY KEY, file TEXT NOT NULL, taken_on TEXT NOT NULL",
    "vehicles": "plate TEXT PRIMARY KEY, built_on TEXT, power_kw REAL",
    "raw_messages": "message_id TEXT PRIMARY KEY, received_at TEXT NOT NULL, source TEXT NOT NULL, "
    "kind TEXT NOT NULL, claim_id TEXT, body TEXT NOT NULL",
    "customer_merges": "old_no TEXT PRIMARY KEY, new_no TEXT NOT NULL, merged_on TEXT NOT NULL",
    "answers": "claim_id TEXT NOT NULL, night TEXT NOT NULL, model TEXT NOT NULL, reserve REAL, "
    "status TEXT NOT NULL, PRIMARY KEY (claim_id, night)",
}
INDEXES = (
    "CREATE INDEX claims_by_day ON claims (notified_on)",
    "CREATE INDEX events_by_claim ON claim_events (claim_id)",
    "CREATE INDEX payments_by_claim ON payments (claim_id)",
    "CREATE INDEX terms_by_policy ON policy_terms (policy_id, valid_from)",
    "CREATE INDEX messages_by_claim ON raw_messages (claim_id, kind)",
)
PERILS = {"collision": 0.5, "parking": 0.2, "glass": 0.15, "hail": 0.1, "theft": 0.05}
EFFECTS = {"collision": 0.15, "parking": -0.1, "glass": -0.3, "hail": 0.05, "theft": 0.5}
REGIONS = ("border", "city", "coast", "hills")
PORTALS = {"karos": 0.35, "lindt": 0.3, "weyer": 0.2, "autodata": 0.15}
LETTERS = "BCDFGHJKLMNPRSTVWXYZ"
MATURE = 90
AS_OF = "2026-03-31"
NIGHT = "2026-03-30"
SHIPPED_SEED = 14
FIRST, LAST = "2024-09-01", "2025-09-30"
"""Days of the claims that worlds of checks learn from; all are old enough on `AS_OF`."""


@dataclass(frozen=True)
class Books:
    """The tables of the database, as the data card describes them."""

    claims: pd.DataFrame
    claim_events: pd.DataFrame
    payments: pd.DataFrame
    policy_terms: pd.DataFrame
    loads: pd.DataFrame
    vehicles: pd.DataFrame
    raw_messages: pd.DataFrame
    customer_merges: pd.DataFrame
    answers: pd.DataFrame

    @cached_property
    def content(self) -> bytes:
        """What the file of the database holds."""
        return written(self)

    def files(self) -> dict[str, bytes]:
        """Return the folder of the database."""
        return {FILE: self.content}

    def joined(self, other: Books) -> Books:
        """Return both in one; their claims have names of their own."""
        pairs = {
            field.name: pd.concat([getattr(self, field.name), getattr(other, field.name)], ignore_index=True)
            for field in fields(self)
        }
        for name, key in (("claim_events", "event_no"), ("payments", "payment_no")):
            pairs[name] = pairs[name].assign(**{key: np.arange(1, len(pairs[name]) + 1)})
        pairs["loads"] = pairs["loads"].drop_duplicates("load_no", ignore_index=True)
        return Books(**pairs)


def written(books: Books) -> bytes:
    """Write books as SQLite does; the version of the library is left out, so that equal books are equal bytes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, columns in SCHEMA.items():
            table = getattr(books, name)
            table = table.astype(object).where(table.notna(), None)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * table.shape[1])
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", table.to_numpy().tolist())  # noqa: S608
        for index in INDEXES:
            connection.execute(index)
        connection.commit()
        content = bytearray(connection.serialize())
    content[96:100] = struct.pack(">I", 3_040_000)
    return bytes(content)


def plus(day: str, count: float) -> str:
    """Return the day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=int(count))).isoformat()


def load_no(day: str, *, extra: bool = False) -> int:
    """Number the load of terms of a day: one each night, and at times another one by day."""
    return 2 * (date.fromisoformat(day) - date(2022, 1, 1)).days + extra


def _loads(terms: pd.DataFrame) -> pd.DataFrame:
    """List the nightly loads that brought terms."""
    nights = sorted(set(terms["written_on"]))
    return pd.DataFrame(
        {
            "load_no": [load_no(day) for day in nights],
            "file": [f"terms-{day}.csv" for day in nights],
            "taken_on": nights,
        }
    )


def claims(n: int, *, seed: int, first: str = FIRST, last: str = LAST, start: int = 0) -> pd.DataFrame:
    """Draw claims, with all that can be known about them in the end.

    Parameters
    ----------
    n : int
        Number of claims; at least 20, so that every peril and region occurs.
    seed : int
        Seed of the generator; the same seed gives the same table.
    first, last : str
        Days of notification.
    start : int, default=0
        Where their numbers start, so that several draws stand in one book.

    Returns
    -------
    claims : DataFrame of shape (n, 16)
        What the books hold, in order of notification, and ``repair`` (euros, what the damage would cost anywhere),
        ``expected`` (euros, what the claim costs on average) and ``cost`` (euros, in the end).

    Raises
    ------
    ValueError
        If `n` is below 20.
    """
    if n < len(PERILS) * len(REGIONS):
        raise ValueError(f"n must be at least 20. Got {n} instead.")
    rng = np.random.default_rng([seed, 1])
    days = np.sort(rng.integers(0, (pd.Timestamp(last) - pd.Timestamp(first)).days + 1, n))
    perils = rng.choice(list(PERILS), n, p=list(PERILS.values()))
    regions = rng.choice(REGIONS, n)
    spots = rng.permutation(n)[: len(PERILS) * len(REGIONS)]
    perils[spots] = np.repeat(list(PERILS), len(REGIONS))
    regions[spots] = np.tile(REGIONS, len(PERILS))
    age = rng.gamma(2.2, 3.2, n).clip(0.1, 28)
    repair = np.exp(rng.normal(7.2, 0.75, n)).clip(200, 20_000)
    numbers = start + np.arange(n)
    table = pd.DataFrame(
        {
            "claim_id": [
                f"C{plus(first, day)[2:4]}-{number:06d}" for day, number in zip(days, numbers, strict=True)
            ],
            "policy_id": [f"P{number:06d}" for number in numbers],
            "customer_no": [f"K{number:06d}" for number in numbers],
            "notified_on": [plus(first, day) for day in days],
            "plate": _plates(n, rng),
            "peril": perils,
            "region": regions,
            "age": age,
            "power_kw": rng.normal(90, 28, n).clip(35, 300).round(),
            "no_claims_years": rng.integers(0, 25, n),
            "excess": rng.choice([150.0, 300.0, 500.0, 1000.0], n),
            "portal": rng.choice(list(PORTALS), n, p=list(PORTALS.values())),
            "repair": repair,
            "estimate": (repair * np.exp(rng.normal(0, 0.12, n))).round(2),
        }
    )
    table.loc[rng.random(n) < 0.2, "estimate"] = np.nan
    table["expected"] = expected(table)
    table["cost"] = (table["expected"] * np.exp(rng.normal(-0.03, 0.25, n))).round(2)
    return table


def expected(table: pd.DataFrame) -> pd.Series:
    """Know what claims cost on average."""
    logarithm = (
        0.09
        + 0.93 * np.log(table["repair"])
        + table["peril"].map(EFFECTS)
        + 0.06 * table["age"]
        - 0.012 * table["no_claims_years"]
        + 0.004 * table["power_kw"]
    )
    return np.exp(logarithm)


def _plates(n: int, rng: np.random.Generator) -> list[str]:
    """Draw plates such as ``LK482TZ``, all different."""
    found: dict[str, None] = {}
    while len(found) < n:
        letters = "".join(rng.choice(list(LETTERS), 4))
        found[f"{letters[:2]}{rng.integers(100, 1000)}{letters[2:]}"] = None
    return list(found)


def tidy(table: pd.DataFrame, *, seed: int, settled: bool = True, slow: pd.Series | None = None) -> Books:
    """Write down what is known of claims, with nothing out of the ordinary.

    Parameters
    ----------
    table : DataFrame
        As `claims` draws it.
    seed : int
    settled : bool, default=True
        Whether they have been paid and settled, within `MATURE` days; else they are new.
    slow : Series, optional
        Days until the settlement, by row, in place of those that are drawn.
    """
    rng = np.random.default_rng([seed, 2])
    n = len(table)
    table = table.reset_index(drop=True)
    takes = pd.Series(rng.integers(20, 85, n)) if slow is None else slow.reset_index(drop=True)
    opened = table[["claim_id"]].assign(happened_on=table["notified_on"], event="opened")
    closed = table[["claim_id"]].assign(
        happened_on=[plus(day, count) for day, count in zip(table["notified_on"], takes, strict=True)],
        event="settled",
    )
    events = pd.concat([opened, closed] if settled else [opened], ignore_index=True)
    events = events.sort_values(["happened_on", "claim_id", "event"], ignore_index=True)
    old = table[rng.random(n) < 0.5]
    terms = [
        table[["policy_id", "no_claims_years", "excess"]].assign(
            valid_from=[
                plus(day, -int(back))
                for day, back in zip(table["notified_on"], rng.integers(5, 360, n), strict=True)
            ]
        ),
        old[["policy_id", "excess"]].assign(
            no_claims_years=(old["no_claims_years"] - 1).clip(lower=0),
            valid_from=[
                plus(day, -int(back))
                for day, back in zip(old["notified_on"], rng.integers(370, 700, len(old)), strict=True)
            ],
        ),
    ]
    agreed = pd.concat(terms, ignore_index=True).assign(
        written_on=lambda one: one["valid_from"],
        load_no=lambda one: [load_no(day) for day in one["valid_from"]],
    )
    built = [
        plus(day, -int(365.25 * age)) for day, age in zip(table["notified_on"], table["age"], strict=True)
    ]
    return Books(
        claims=table[["claim_id", "policy_id", "customer_no", "notified_on", "plate", "peril", "region"]],
        claim_events=_numbered(events, "event_no"),
        payments=_payments(table if settled else table[:0], takes, rng),
        policy_terms=agreed[
            ["policy_id", "valid_from", "no_claims_years", "excess", "written_on", "load_no"]
        ],
        loads=_loads(agreed),
        vehicles=table[["plate"]].assign(built_on=built, power_kw=table["power_kw"]),
        raw_messages=_messages(table.dropna(subset=["estimate"]), rng),
        customer_merges=pd.DataFrame(columns=["old_no", "new_no", "merged_on"]),
        answers=pd.DataFrame(columns=["claim_id", "night", "model", "reserve", "status"]),
    )


def _numbered(table: pd.DataFrame, key: str) -> pd.DataFrame:
    table = table.reset_index(drop=True)
    table.insert(0, key, np.arange(1, len(table) + 1))
    return table


def _payments(table: pd.DataFrame, takes: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Pay each claim in one to three parts until it is settled; one in twenty gets more, and some of it back."""
    lines = []
    for row, days in zip(table.itertuples(index=False), takes, strict=False):
        count = int(rng.integers(1, 4))
        shares = rng.dirichlet(np.full(count, 4.0))
        when = np.sort(rng.integers(3, max(int(days), 4), count))
        amounts = [round(float(row.cost * share), 2) for share in shares]
        amounts[-1] = round(float(row.cost) - sum(amounts[:-1]), 2)
        if rng.random() < 0.05:
            back = round(0.3 * amounts[0], 2)
            amounts, when = [amounts[0] + back, *amounts[1:], -back], np.append(when, int(days))
        lines += [
            (
                row.claim_id,
                plus(row.notified_on, day),
                amount,
                f"B{row.claim_id[1:3]}{row.claim_id[4:]}/{part}",
            )
            for part, (day, amount) in enumerate(zip(when, amounts, strict=True), 1)
        ]
    paid = pd.DataFrame(lines, columns=["claim_id", "booked_on", "amount", "booking_ref"])
    paid = paid.sort_values(["booked_on", "claim_id"], kind="stable", ignore_index=True)
    return _numbered(paid.assign(attempt=1), "payment_no")


def _messages(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Let the garage of each claim send its estimate on the day of the notification."""
    n = len(table)
    hours, minutes, parts = rng.integers(7, 18, n), rng.integers(0, 60, n), rng.uniform(0.3, 0.6, n)
    # What a garage grants is a negative line, as it always was.
    granted = np.where(rng.random(n) < 0.12, rng.uniform(0.05, 0.15, n), 0.0)
    extra = np.where(rng.random(n) < 0.2, rng.uniform(0.05, 0.2, n), 0.0)
    kinds = rng.choice(list(EXTRA), n)
    lines = []
    for at, row in enumerate(table.itertuples(index=False)):
        total, off = float(row.estimate), round(float(row.estimate) * float(granted[at]), 2)
        first = round(total * float(parts[at]), 2)
        more = round(total * float(extra[at]), 2)
        told = [("parts", round(first + off, 2)), ("labour", round(total - first - more, 2))]
        told += [(str(kinds[at]), more)] if more else []
        told += [(DEDUCTED[at % 2], -off)] if off else []
        lines.append(
            (
                f"M{row.claim_id[1:]}-1",
                f"{row.notified_on}T{hours[at]:02d}:{minutes[at]:02d}:00",
                row.portal,
                "estimate",
                row.claim_id,
                body(row.claim_id, told, total),
            )
        )
    return pd.DataFrame(lines, columns=["message_id", "received_at", "source", "kind", "claim_id", "body"])


def body(claim: str, lines: Iterable[tuple[str, float]], total: float, *, version: str = "3.1") -> str:
    """Write an estimate: its lines, and what the garage asks for."""
    told = [{"kind": kind, "amount": amount} for kind, amount in lines]
    return json.dumps({"gde": version, "claim": claim, "currency": "EUR", "lines": told, "total": total})


# What happens to books


DEDUCTED = ("wear", "residual")
"""Kinds of lines that are taken off: new for old, and what old parts bring. Their amounts are negative at first."""
EXTRA = ("rental", "disposal", "assessment")
"""Kinds of lines that are added like all others, though they stand in no table."""


def deducted(
    books: Books,
    names: Collection[str],
    *,
    seed: int,
    kinds: Sequence[str] = DEDUCTED,
    share: tuple[float, float] = (0.15, 0.35),
    lines: int = 1,
) -> Books:
    """Let some estimates be written in another way: with something to be taken off, whose amount is positive.

    It is a `share` of what the garage asks for, on so many `lines`.
    """
    rng = np.random.default_rng([seed, 6])

    def told(row: dict[str, Any], part: float, kind: str) -> str:
        if row["kind"] != "estimate" or row["claim_id"] not in names:
            return str(row["body"])
        read = json.loads(row["body"])
        asked = [(line["kind"], line["amount"]) for line in read["lines"]]
        if any(amount < 0 for _, amount in asked):
            asked = [(kind, abs(amount)) for kind, amount in asked]
        else:
            off, (first, amount) = round(part * read["total"], 2), asked[0]
            each = round(off / lines, 2)
            asked = [(first, round(amount + lines * each, 2)), *asked[1:], *[(kind, each)] * lines]
        return body(read["claim"], asked, read["total"], version="3.2")

    messages = books.raw_messages
    shares, chosen = rng.uniform(*share, len(messages)), rng.choice(list(kinds), len(messages))
    told_ = [told(*one) for one in zip(messages.to_dict("records"), shares, chosen, strict=True)]
    return replace(books, raw_messages=messages.assign(body=told_))


def newer(books: Books, names: Collection[str]) -> Books:
    """Let some estimates be of version 3.2, and nothing else."""
    messages = books.raw_messages
    bodies = [
        one.replace('"gde": "3.1"', '"gde": "3.2"') if claim in names else one
        for claim, one in zip(messages["claim_id"], messages["body"], strict=True)
    ]
    return replace(books, raw_messages=messages.assign(body=bodies))


def spelled(claim: str, way: int) -> str:
    """Write the number of a claim as people do."""
    year, number = claim[1:3], claim[4:]
    ways = (
        *(f"C{year}-{int(number)}", f"c{year}-{number}", f"C{year} {number}", f"C{year}/{int(number)}"),
        *(f"c{year}-{int(number)}", f"C{year} {int(number)}", f"c{year}/{number}"),
    )
    return ways[way % len(ways)]


def respelled(
    books: Books,
    names: Collection[str],
    *,
    way: int | None = None,
    mixed: bool = False,
    messages: Collection[str] = ("1", "2", "3"),
) -> Books:
    """Let garages write the numbers of some claims in their own way.

    Only in those of their messages whose ids end so; where `mixed`, two habits meet in one number.
    """
    rows = []
    for at, row in enumerate(books.raw_messages.to_dict("records")):
        if row["claim_id"] in names and row["message_id"].endswith(tuple(messages)):
            number = spelled(row["claim_id"], 4 + at % 3 if mixed else at % 4 if way is None else way)
            row |= {"claim_id": number, "body": json.dumps(json.loads(row["body"]) | {"claim": number})}
        rows.append(row)
    return replace(books, raw_messages=pd.DataFrame(rows, columns=books.raw_messages.columns))


def for_others(books: Books, names: Collection[str]) -> Books:
    """Let garages write to us about claims of other years that end like some of ours: they are none of ours."""
    own = books.raw_messages[books.raw_messages["claim_id"].isin(names)]
    rows = []
    for row in own.to_dict("records"):
        number = f"C{int(row['claim_id'][1:3]) - 4}{row['claim_id'][3:]}"
        read = json.loads(row["body"])
        lines = [(line["kind"], 4 * line["amount"]) for line in read["lines"]]
        moment = f"{row['received_at'][:10]}T18:30:00"
        told = body(number, lines, 4 * read["total"])
        rows.append(
            row
            | {
                "message_id": f"{row['message_id'][:-1]}7",
                "claim_id": number,
                "body": told,
                "received_at": moment,
            }
        )
    more = pd.DataFrame(rows, columns=books.raw_messages.columns)
    return replace(books, raw_messages=pd.concat([books.raw_messages, more], ignore_index=True))


def typed(plate: str, way: int) -> str:
    """Write a plate as people do."""
    first, digits, last = plate[:2], plate[2:-2], plate[-2:]
    return (
        f"{first}-{digits}-{last}",
        f"{first} {digits} {last}",
        plate.lower(),
        f"{first}.{digits}.{last}",
    )[way % 4]


def retyped(books: Books, names: Collection[str]) -> Books:
    """Let people type the plates of some claims."""
    table = books.claims
    plates = [
        typed(plate, way) if claim in names else plate
        for way, (claim, plate) in enumerate(zip(table["claim_id"], table["plate"], strict=True))
    ]
    return replace(books, claims=table.assign(plate=plates))


def without_vehicle(books: Books, plates: Collection[str]) -> Books:
    """Leave some vehicles out of the authority's file."""
    return replace(
        books, vehicles=books.vehicles[~books.vehicles["plate"].isin(plates)].reset_index(drop=True)
    )


def replated(
    books: Books, names: Collection[str], *, seed: int, days: Sequence[int] = range(20, 90)
) -> Books:
    """Let the plates of some claims be on a younger vehicle by now, one that was built so many days after the claim."""
    rng = np.random.default_rng([seed, 7])
    own = books.claims[books.claims["claim_id"].isin(names)].drop_duplicates("plate", keep="last")
    built = {
        plate: plus(day, int(rng.integers(days[0], days[-1] + 1)))
        for plate, day in zip(own["plate"], own["notified_on"], strict=True)
    }
    cars, power = books.vehicles, rng.normal(150, 30, len(books.vehicles)).clip(60, 400).round()
    new = cars["plate"].isin(set(built))
    return replace(
        books,
        vehicles=cars.assign(
            built_on=[
                built.get(plate, old) for plate, old in zip(cars["plate"], cars["built_on"], strict=True)
            ],
            power_kw=cars["power_kw"].where(~new, power),
        ),
    )


def retried(
    books: Books,
    names: Collection[str],
    *,
    corrected: Collection[str] = (),
    renamed: Collection[str] = (),
    jumbled: bool = False,
    seed: int,
) -> Books:
    """Let some bookings be tried again: one or two attempts more, of which the ledger pays one.

    The first attempts of those that are `corrected` had another amount. Later attempts of those that are `renamed`
    have their number behind the name, such as ``B25001234/1-2``. Where they are `jumbled`, there are up to four
    attempts, all of a booking on one day, and those that came first stand last.
    """
    rng = np.random.default_rng([seed, 5])
    paid = books.payments
    again = paid[paid["booking_ref"].isin(names)]
    twice = again[rng.random(len(again)) < 0.4]
    later = [again.assign(attempt=2), twice.assign(attempt=3)]
    if jumbled:
        later.append(twice[::2].assign(attempt=4))
    wrong = paid["booking_ref"].isin(corrected) & paid["booking_ref"].isin(names)
    paid = paid.assign(amount=paid["amount"].where(~wrong, (paid["amount"] * 1.7 + 40).round(2)))
    last = pd.concat(later, ignore_index=True)
    newest = last["attempt"] == last.groupby("booking_ref")["attempt"].transform("max")
    last["amount"] = last["amount"].where(newest | (not jumbled), last["amount"] + 30)
    shifts = last["attempt"] * 0 if jumbled else last["attempt"] - 2
    last = last.assign(
        booked_on=[plus(day, shift) for day, shift in zip(last["booked_on"], shifts, strict=True)],
        booking_ref=[
            f"{ref}-{attempt}" if ref in renamed else ref
            for ref, attempt in zip(last["booking_ref"], last["attempt"], strict=True)
        ],
    )
    table = pd.concat([paid, last], ignore_index=True).drop(columns="payment_no")
    table = table.sort_values(["booked_on", "booking_ref", "attempt"], kind="stable")
    table = table[::-1] if jumbled else table
    return replace(books, payments=_numbered(table, "payment_no"))


def unsettled(books: Books, names: Collection[str], day: str, *, again: bool = False) -> Books:
    """Let some claims be open on a day: some of their payments and the settlement are still to come.

    `again` lets them have been settled and opened once more, as happens when a hidden damage turns up.
    """
    events, paid = books.claim_events, books.payments
    if again:
        rows = pd.DataFrame({"claim_id": sorted(names), "happened_on": plus(day, -3), "event": "reopened"})
        return replace(
            books, claim_events=_numbered(pd.concat([events.drop(columns="event_no"), rows]), "event_no")
        )
    open_ = events["claim_id"].isin(names) & (events["event"] == "settled")
    last = paid.groupby("claim_id")["payment_no"].transform("max") == paid["payment_no"]
    first = paid.groupby("claim_id")["payment_no"].transform("min") == paid["payment_no"]
    return replace(
        books,
        claim_events=events[~open_].reset_index(drop=True),
        payments=paid[~(paid["claim_id"].isin(names) & last & ~first)].reset_index(drop=True),
    )


def refiled(books: Books, names: Collection[str], *, open_: bool, after: int = 4) -> Books:
    """Let some settled claims have had a further file, such as one for the rental car.

    It was opened so many days `after` the first one. Where it is `open_`, the last payment is still to come; else both
    were closed on one day.
    """
    events, paid = books.claim_events, books.payments
    own = events["claim_id"].isin(names)
    first = events[own & (events["event"] == "opened")].drop_duplicates("claim_id")
    more = [first.assign(happened_on=[plus(day, after) for day in first["happened_on"]])]
    if not open_:
        more.append(events[own & (events["event"] == "settled")].drop_duplicates("claim_id", keep="last"))
    table = pd.concat([events, *more]).drop(columns="event_no")
    table = table.sort_values(["happened_on", "claim_id", "event"], kind="stable")
    books = replace(books, claim_events=_numbered(table, "event_no"))
    if not open_:
        return books
    last = paid.groupby("claim_id")["payment_no"].transform("max") == paid["payment_no"]
    only = paid.groupby("claim_id")["payment_no"].transform("min") == paid["payment_no"]
    return replace(
        books, payments=paid[~(paid["claim_id"].isin(names) & last & ~only)].reset_index(drop=True)
    )


def rewritten(
    books: Books,
    values: Mapping[str, tuple[float, float]],
    day: str,
    *,
    back: int = 0,
    told: bool = False,
    file: str = "",
) -> Books:
    """Load other terms of some policies on a day, under the dates of the terms that are there.

    Parameters
    ----------
    books : Books
    values : mapping of str to (float, float)
        By policy: years without a claim, and excess.
    day : str
    back : int, default=0
        How many days after the dates that are there the new ones lie.
    told : bool, default=False
        Whether the policy system says that it wrote them on that day; else it gives the day from which they hold.
    file : str, optional
        What their file is called; after its day by itself.
    """
    own = books.policy_terms[books.policy_terms["policy_id"].isin(values)]
    since = [plus(one, back) for one in own["valid_from"]]
    number = load_no(day, extra=True)
    rows = own.assign(
        valid_from=since,
        no_claims_years=[values[one][0] for one in own["policy_id"]],
        excess=[values[one][1] for one in own["policy_id"]],
        written_on=day if told else since,
        load_no=number,
    )
    load = pd.DataFrame({"load_no": [number], "file": [file or f"terms-{day}b.csv"], "taken_on": [day]})
    return replace(
        books,
        policy_terms=pd.concat([books.policy_terms, rows], ignore_index=True),
        loads=pd.concat([books.loads, load], ignore_index=True),
    )


def paid_back(books: Books, names: Collection[str], amount: float) -> Books:
    """Let another insurer pay something back for some claims, on the day of their last payment."""
    last = books.payments[books.payments["claim_id"].isin(names)].drop_duplicates("claim_id", keep="last")
    rows = last.assign(amount=-amount, booking_ref=last["booking_ref"].str.partition("/")[0] + "/9")
    table = pd.concat([books.payments, rows]).drop(columns="payment_no")
    return replace(books, payments=_numbered(table, "payment_no"))


def superseded(books: Books, names: Collection[str], factor: float) -> Books:
    """Let garages send a second estimate on the evening of the day, and a third one on the day after."""
    own = books.raw_messages[books.raw_messages["claim_id"].isin(names)]
    rows = []
    for number, hour, share, shift in ((2, "20:15:00", factor, 0), (3, "08:00:00", 3.0, 1)):
        for row in own.itertuples(index=False):
            read = json.loads(row.body)
            lines = [(line["kind"], round(share * line["amount"], 2)) for line in read["lines"]]
            moment = f"{plus(row.received_at[:10], shift)}T{hour}"
            rows.append(
                (
                    f"{row.message_id[:-1]}{number}",
                    moment,
                    row.source,
                    "estimate",
                    row.claim_id,
                    body(row.claim_id, lines, round(share * read["total"], 2)),
                )
            )
    later = pd.DataFrame(rows, columns=books.raw_messages.columns)
    return replace(books, raw_messages=pd.concat([later, books.raw_messages], ignore_index=True))


# The shipped months: what happened, and when

START, TODAY = "2024-09-01", "2026-06-05"
CLAIMS = 2_400
SLOW_FROM = "2025-10-01"
SECOND_FILES = 0.4
"""Share of the claims of which the desk has two files: one for the repair, and one for all the rest."""
BACKFILL = "2026-03-02"
FORM_FROM = "2026-03-04"
PROMOTED = "2026-03-09"
MOVED = "2026-03-06"
DEDUCTED_FROM, DEDUCTED_PORTAL = "2026-03-12", "karos"
SPELLED_FROM, SPELLED_PORTAL = "2026-03-04", "lindt"
PLATES_FROM = "2026-01-12"
RETRIES_FROM = "2026-03-16"
LOGS_FROM = "2026-03-01"
TRAINED = {
    "v1": "2025-05-05",
    "v2": "2025-08-04",
    "v3": "2025-10-06",
    "v4": "2025-12-01",
    "v5": "2026-03-06",
}
IN_FORCE = {"v3": "2025-10-09", "v4": "2025-12-04", "v5": PROMOTED}
"""Since when each version answers, as far as it matters."""
V4_SMEARING = 1.24
"""Versions before 5.2.0 computed the smearing on medians; their reserves were too large until they were calibrated."""
NUMBERS = ("estimate", "vehicle_age", "power_kw", "no_claims_years", "excess", "earlier_claims")
LOGARITHMS = {"estimate", "excess"}
RANGE = 60_000.0


@dataclass(frozen=True)
class Months:
    """The shipped months.

    Parameters
    ----------
    truth : DataFrame
        As `claims` draws them, with ``takes``, the days until the settlement.
    books : Books
        As they stand on `TODAY`.
    models : dict of str to dict
        Versions as the registry keeps them.
    calibrations : list of dict
    """

    truth: pd.DataFrame
    books: Books
    models: dict[str, dict[str, object]]
    calibrations: list[dict[str, object]]


@lru_cache(maxsize=4)
def months(*, seed: int) -> Months:
    """Draw the shipped months."""
    rng = np.random.default_rng([seed, 41])
    truth = claims(CLAIMS, seed=seed, first=START, last=plus(TODAY, -1))
    truth = _again(truth, rng)
    slow = truth["notified_on"] >= SLOW_FROM
    late = np.exp(rng.normal(4.65, 0.6, len(truth))).clip(25, 330).astype(int)
    truth["takes"] = np.where(slow, late, rng.integers(18, 84, len(truth)))
    books = tidy(truth, seed=seed, slow=truth["takes"])
    books = _as_of(_filed(books, truth, rng.random(len(truth)) < SECOND_FILES, rng), TODAY)
    books = _happened(books, truth, rng, seed)
    read = _Read(books, truth)
    models = {version: _fitted(read, books, truth, version, day) for version, day in TRAINED.items()}
    factors = _calibrations(read, books, truth, models)
    answers = _answered(read, truth, models, factors)
    return Months(truth, replace(books, answers=answers), models, factors)


def _filed(books: Books, truth: pd.DataFrame, two: pd.Series, rng: np.random.Generator) -> Books:
    """Let some claims have a second file, and some have been opened again.

    Both files were closed on one day until `SLOW_FROM`. Since then the one for the repair is closed when it is paid.
    """
    own = truth[two & (truth["takes"] > 30)]
    first = np.where(own["notified_on"] < SLOW_FROM, own["takes"], rng.integers(14, 29, len(own)))
    again = truth[(truth["notified_on"] < SLOW_FROM) & (rng.random(len(truth)) < 0.02)]
    more = []
    for claim, day, takes in zip(own["claim_id"], own["notified_on"], first, strict=True):
        more += [(claim, plus(day, 3), "opened"), (claim, plus(day, int(takes)), "settled")]
    for claim, day, takes in zip(again["claim_id"], again["notified_on"], again["takes"], strict=True):
        more += [
            (claim, plus(day, int(takes) + 6), "reopened"),
            (claim, plus(day, int(takes) + 30), "settled"),
        ]
    rows = pd.DataFrame(more, columns=["claim_id", "happened_on", "event"])
    table = pd.concat([books.claim_events.drop(columns="event_no"), rows], ignore_index=True)
    table = table.sort_values(["happened_on", "claim_id", "event"], kind="stable")
    return replace(books, claim_events=_numbered(table, "event_no"))


def _again(truth: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Let one claim in ten be of a customer who had one before, with the policy of then."""
    whose = np.arange(len(truth))
    for at in np.flatnonzero(rng.random(len(truth)) < 0.1):
        if at > 50:
            whose[at] = whose[rng.integers(0, at)]
    theirs = ["customer_no", "policy_id", "plate", "power_kw"]
    truth = truth.assign(**{name: truth[name].to_numpy()[whose] for name in theirs})
    truth["expected"] = expected(truth)
    truth["cost"] = (truth["expected"] * np.exp(rng.normal(-0.03, 0.25, len(truth)))).round(2)
    return truth


def _as_of(books: Books, day: str) -> Books:
    """Leave out what has not happened by a day."""
    events, paid, terms = books.claim_events, books.payments, books.policy_terms
    return replace(
        books,
        claim_events=_numbered(events[events["happened_on"] <= day].drop(columns="event_no"), "event_no"),
        payments=_numbered(paid[paid["booked_on"] <= day].drop(columns="payment_no"), "payment_no"),
        policy_terms=terms[terms["valid_from"] <= day]
        .drop_duplicates(["policy_id", "valid_from"])
        .reset_index(drop=True),
        loads=books.loads[books.loads["taken_on"] <= day].reset_index(drop=True),
        vehicles=books.vehicles.drop_duplicates("plate").reset_index(drop=True),
    )


def _first_load(books: Books) -> Books:
    """Let what held before the first day have come in one file on that day."""
    terms, loads = books.policy_terms, books.loads
    early, number = terms["valid_from"] < START, load_no(START, extra=True)
    first = pd.DataFrame({"load_no": [number], "file": ["terms-all.csv"], "taken_on": [START]})
    return replace(
        books,
        policy_terms=terms.assign(load_no=terms["load_no"].mask(early, number)),
        loads=pd.concat([first, loads[loads["taken_on"] >= START]], ignore_index=True),
    )


def _others(books: Books, rng: np.random.Generator) -> Books:
    """Let garages send estimates for claims that need no reserve of their own, too."""
    days = sorted(plus(START, int(day)) for day in rng.integers(0, 640, 900))
    table = pd.DataFrame(
        {
            "claim_id": [
                f"C{day[2:4]}-{number}"
                for day, number in zip(days, rng.permutation(99_000)[:900] + 100_000, strict=True)
            ],
            "notified_on": days,
            "portal": rng.choice(list(PORTALS), 900, p=list(PORTALS.values())),
            "estimate": np.exp(rng.normal(5.9, 0.5, 900)).round(2),
        }
    )
    messages = pd.concat([books.raw_messages, _messages(table[table["notified_on"] < TODAY], rng)])
    return replace(books, raw_messages=messages.sort_values("received_at", ignore_index=True))


def _happened(books: Books, truth: pd.DataFrame, rng: np.random.Generator, seed: int) -> Books:
    """Let everything happen that happened."""
    since, portal = truth["notified_on"], truth["portal"]
    lessened = (since >= DEDUCTED_FROM) & (portal == DEDUCTED_PORTAL) & (rng.random(len(truth)) < 0.6)
    books = _others(_first_load(books), rng)
    books = deducted(books, set(truth["claim_id"][lessened]), seed=seed)
    books = newer(books, set(truth["claim_id"][(since >= "2026-04-13") & (portal == "weyer")]))
    own_way = (since >= SPELLED_FROM) & (portal == SPELLED_PORTAL) & (rng.random(len(truth)) < 0.4)
    books = respelled(books, set(truth["claim_id"][own_way]))
    by_hand = rng.random(len(truth)) < np.where(since >= FORM_FROM, 0.055, 0.003)
    abroad = set(truth["plate"][rng.random(len(truth)) < 0.006])
    books = without_vehicle(books, abroad)
    taken_over = (since < PLATES_FROM) & (rng.random(len(truth)) < 0.12)
    books = replated(books, set(truth["claim_id"][taken_over]), seed=seed)
    books = retyped(books, set(truth["claim_id"][by_hand]))
    slow = books.payments["booked_on"] >= RETRIES_FROM
    often = rng.random(len(slow)) < np.where(slow, 0.16, 0.01)
    names, late = books.payments["booking_ref"][often], books.payments["booking_ref"][often & slow]
    books = retried(books, set(names), renamed=set(late), seed=seed)
    books = replace(
        books, payments=books.payments[books.payments["booked_on"] <= TODAY].reset_index(drop=True)
    )
    merged = rng.permutation(truth["customer_no"].unique())[:60]
    merges = pd.DataFrame(
        {
            "old_no": merged[:30],
            "new_no": merged[30:],
            "merged_on": sorted(plus(START, int(day)) for day in rng.integers(60, 600, 30)),
        }
    )
    old = truth[(since < BACKFILL) & (rng.random(len(truth)) < 0.65)].drop_duplicates(
        "policy_id", keep="last"
    )
    # The policy system knows the years of today: whoever has cost something starts anew.
    today = old["no_claims_years"].where(old["cost"] < 900, 0)
    values = dict(zip(old["policy_id"], zip(today, old["excess"], strict=True), strict=True))
    return replace(rewritten(books, values, BACKFILL), customer_merges=merges)


# What the code of then made of it


class _Read:
    """Features as the code of then reads them.

    Parameters
    ----------
    books : Books
    truth : DataFrame
        All claims, since earlier ones of a person are counted.
    """

    def __init__(self, books: Books, truth: pd.DataFrame) -> None:
        self._plates = dict(zip(books.claims["claim_id"], books.claims["plate"], strict=True))
        self._vehicles = {
            row.plate: (row.built_on, float(row.power_kw)) for row in books.vehicles.itertuples()
        }
        self._amounts = {
            row.claim_id: round(sum(line["amount"] for line in json.loads(row.body)["lines"]), 2)
            for row in books.raw_messages.itertuples()
        }
        self._terms: dict[str, list[tuple[str, str, int, str, float, float]]] = {}
        taken = dict(zip(books.loads["load_no"], books.loads["taken_on"], strict=True))
        for at, row in enumerate(books.policy_terms.itertuples()):
            here = taken[row.load_no]
            line = (row.valid_from, row.written_on, at, here, float(row.no_claims_years), float(row.excess))
            self._terms.setdefault(row.policy_id, []).append(line)
        merges = books.customer_merges
        self._merges = list(zip(merges["merged_on"], merges["old_no"], merges["new_no"], strict=True))
        self._notified: dict[str, list[str]] = {}
        for customer, day in zip(truth["customer_no"], truth["notified_on"], strict=True):
            self._notified.setdefault(customer, []).append(day)

    def seen(self, some: pd.DataFrame, day: str | None = None) -> pd.DataFrame:
        """Read claims on the evenings of their notification, or as a training on a day does."""
        return pd.DataFrame(
            [self._row(claim, day or claim.notified_on) for claim in some.itertuples(index=False)]
        )

    def _row(self, claim: Any, evening: str) -> dict[str, object]:
        plate = re.sub(r"[ .-]", "", str(self._plates[claim.claim_id])).upper()
        built_on, power = self._vehicles.get(plate, (None, None))
        own = [
            line
            for line in self._terms.get(claim.policy_id, ())
            if line[0] <= claim.notified_on and line[1] <= claim.notified_on and line[3] <= evening
        ]
        last = max(own, key=lambda line: line[:3], default=(None,) * 6)
        pairs = {old: new for day, old, new in self._merges if day <= claim.notified_on}
        person = pairs.get(claim.customer_no, claim.customer_no)
        numbers = {person, *(old for old, new in pairs.items() if new == person)}
        since = plus(claim.notified_on, -365 * 3)
        earlier = sum(
            since <= one < claim.notified_on for number in numbers for one in self._notified.get(number, ())
        )
        return {
            "claim_id": claim.claim_id,
            "notified_on": claim.notified_on,
            "peril": claim.peril,
            "region": claim.region,
            "estimate": self._amounts.get(claim.claim_id),
            "vehicle_age": None if built_on is None else _age(built_on, claim.notified_on),
            "power_kw": power,
            "no_claims_years": last[4],
            "excess": last[5],
            "earlier_claims": float(earlier),
        }


def _age(built_on: str, day: str) -> float:
    return round(min(max((date.fromisoformat(day) - date.fromisoformat(built_on)).days / 365.25, 0.0), 30), 2)


def _paid(books: Books, day: str) -> pd.Series:
    """Add up payments as the code of then does."""
    paid = books.payments[books.payments["booked_on"] <= day]
    paid = paid.sort_values(["attempt", "payment_no"]).drop_duplicates("booking_ref", keep="last")
    return paid.groupby("claim_id")["amount"].sum().round(2).clip(lower=0)


def _closed(books: Books, truth: pd.DataFrame, day: str) -> pd.Series:
    """Say of each claim whether the code of then takes it for settled."""
    events = books.claim_events[books.claim_events["happened_on"] <= day]
    last = events.groupby("claim_id")["event"].last()
    return truth["claim_id"].map(last) == "settled"


def _columns(seen: pd.DataFrame, encoder: Mapping[str, Mapping[str, object]]) -> np.ndarray:
    """Encode features as the model does."""
    columns = [np.ones(len(seen))]
    for name in NUMBERS:
        values = seen[name].astype(float)
        values = np.log1p(values) if name in LOGARITHMS else values
        fill, mean, scale = (float(str(encoder[part][name])) for part in ("fills", "means", "scales"))
        columns += [((values.fillna(fill) - mean) / scale).to_numpy(), values.isna().astype(float).to_numpy()]
    for name in ("peril", "region"):
        columns += [
            (seen[name] == level).astype(float).to_numpy() for level in sorted(seen_levels(encoder, name))
        ]
    return np.column_stack([*columns, np.zeros(len(seen))])


def seen_levels(encoder: Mapping[str, Mapping[str, object]], name: str) -> list[str]:
    """List the values of a category that an encoder has met."""
    return [str(one) for one in encoder["levels"][name]]  # type: ignore[attr-defined]


def _fitted(read: _Read, books: Books, truth: pd.DataFrame, version: str, day: str) -> dict[str, object]:
    """Fit a version on what there was on its day."""
    old = truth[(truth["notified_on"] <= plus(day, -MATURE)) & _closed(books, truth, day)]
    seen = read.seen(old, day)
    cost = seen["claim_id"].map(_paid(books, day)).fillna(0.0)
    usable = ~(seen["estimate"].astype(float) > RANGE)
    seen, cost = seen[usable].reset_index(drop=True), cost[usable].reset_index(drop=True)
    fills, means, scales = {}, {}, {}
    for name in NUMBERS:
        values = seen[name].astype(float).dropna()
        values = np.log1p(values) if name in LOGARITHMS else values
        fills[name], means[name] = round(float(values.median()), 6), round(float(values.mean()), 6)
        scales[name] = round(float(values.std(ddof=0)), 6) or 1.0
    levels = {name: sorted(seen[name].unique()) for name in ("peril", "region")}
    encoder = {"fills": fills, "means": means, "scales": scales, "levels": levels}
    matrix = _columns(seen, encoder)
    penalty = 2.0 * np.eye(matrix.shape[1])
    penalty[0, 0] = 1e-9
    weights = np.linalg.solve(matrix.T @ matrix + penalty, matrix.T @ np.log1p(cost.to_numpy()))
    weights = np.round(weights, 6)
    plain = np.expm1((matrix @ weights).clip(0, 14))
    smearing = float(cost.sum() / plain.sum()) * (V4_SMEARING if version != "v5" else 1.0)
    return {
        "encoder": encoder,
        "examples": len(seen),
        "format": 2,
        "smearing": round(smearing, 6),
        "trained_on": day,
        "weights": weights.tolist(),
        "mean_cost": round(float(cost.mean()), 2),
        "first_notified": str(seen["notified_on"].min()),
        "last_notified": str(seen["notified_on"].max()),
    }


def _expected_by(model: Mapping[str, object], seen: pd.DataFrame) -> np.ndarray:
    weights = np.array(model["weights"], dtype=float)
    logarithms = _columns(seen, model["encoder"]) @ weights  # type: ignore[arg-type]
    return np.expm1(logarithms.clip(0, 14)) * float(str(model["smearing"]))


def _version_on(day: str) -> str:
    return max((since, version) for version, since in IN_FORCE.items() if since <= day)[1]


def _calibrations(
    read: _Read, books: Books, truth: pd.DataFrame, models: Mapping[str, Mapping[str, object]]
) -> list[dict[str, object]]:
    """Make factors every other Monday."""
    found = []
    for day in pd.date_range("2025-12-08", TODAY, freq="14D").strftime("%Y-%m-%d"):
        version = _version_on(day)
        since, until = plus(day, -MATURE - 365), plus(day, -MATURE)
        lately = truth[
            (truth["notified_on"] >= since) & (truth["notified_on"] <= until) & _closed(books, truth, day)
        ]
        seen = read.seen(lately, day).reset_index(drop=True)
        told, paid = (
            _expected_by(models[version], seen),
            seen["claim_id"].map(_paid(books, day)).fillna(0.0).to_numpy(),
        )
        factors, claims_ = {}, {}
        for peril in sorted(PERILS):
            own = (seen["peril"] == peril).to_numpy()
            mean = told[own].mean()
            raw = (paid[own].sum() + 5.0 * mean) / (told[own].sum() + 5.0 * mean)
            factors[peril], claims_[peril] = round(float(np.clip(raw, 0.5, 2.0)), 6), int(own.sum())
        found.append({"made_on": day, "model": version, "factors": factors, "claims": claims_})
    return found


def _serves(calibration: Mapping[str, object], version: str, day: str) -> bool:
    return calibration["model"] == version and str(calibration["made_on"]) <= day


def _answered(
    read: _Read,
    truth: pd.DataFrame,
    models: Mapping[str, Mapping[str, object]],
    calibrations: list[dict[str, object]],
) -> pd.DataFrame:
    """Answer the nights of the last half year as the code of then did."""
    seen = read.seen(truth[truth["notified_on"] >= "2025-12-08"]).reset_index(drop=True)
    versions = seen["notified_on"].map(_version_on)
    values = pd.Series(0.0, seen.index)
    for version in versions.unique():
        own = seen[versions == version]
        values[own.index] = _expected_by(models[version], own)
    rows = []
    for row, version, value in zip(seen.itertuples(index=False), versions, values, strict=True):
        made = [one for one in calibrations if _serves(one, version, row.notified_on)]
        amount = float(value) * (made[-1]["factors"][row.peril] if made else 1.0)  # type: ignore[index]
        held = (row.estimate or 0.0) > RANGE or amount > 80_000
        reserve = None if held else round(max(amount, 50.0), 2)
        rows.append((row.claim_id, row.notified_on, version, reserve, "held" if held else "ok"))
    return pd.DataFrame(rows, columns=["claim_id", "night", "model", "reserve", "status"])


# Files


def _journal(found: Months, *, seed: int) -> dict[str, str]:
    """Write what the jobs noted, a file a month."""
    rng = np.random.default_rng([seed, 43])
    notified = found.truth.groupby("notified_on").size()
    answers = found.books.answers
    paid = found.books.payments
    orders = paid["booking_ref"].str.partition("-")[0]
    tries = paid.groupby(orders)["attempt"].max().to_dict()
    brought = found.books.policy_terms.groupby("load_no").size()
    lines: list[dict[str, object]] = []

    def note(day: str, clock: str, job: str, event: str, **facts: object) -> None:
        lines.append({"at": f"{day}T{clock}+00:00", "job": job, "event": event, **facts})

    for day in pd.date_range(LOGS_FROM, plus(TODAY, -1)).strftime("%Y-%m-%d"):
        own = answers[answers["night"] == day]
        count = int(notified.get(day, 0))
        estimates = int(rng.binomial(count, 0.8))
        note(day, "19:40:11", "load", "inbox", new=count + estimates, known=int(rng.integers(0, 4)))
        count = int(brought.get(load_no(day), 0))
        note(day, "20:05:32", "load", "terms", file=f"terms-{day}.csv", lines=count)
        statuses = own["status"].value_counts().to_dict()
        version = _version_on(day)
        note(
            day,
            "21:00:04",
            "night",
            "night",
            night=day,
            notified=int(notified.get(day, 0)),
            model=version,
            answers=len(own),
            **statuses,
        )
        today = paid[paid["booked_on"] == day]
        for row in today.itertuples(index=False):
            event = (
                "ledger_timeout"
                if tries[row.booking_ref.partition("-")[0]] > row.attempt
                else "ledger_booked"
            )
            clock = f"{rng.integers(8, 18):02d}:{rng.integers(0, 60):02d}:{rng.integers(0, 60):02d}"
            note(day, clock, "ledger", event, ref=row.booking_ref, claim=row.claim_id, attempt=row.attempt)
        if rng.random() < 0.12:
            note(
                day,
                "19:40:10",
                "load",
                "refused",
                file=f"inbox-{day}.jsonl",
                line=int(rng.integers(1, 9)),
                why="no lines",
            )
    note(
        BACKFILL,
        "06:12:44",
        "load",
        "terms",
        file=f"terms-{BACKFILL}b.csv",
        lines=int(brought[load_no(BACKFILL, extra=True)]),
    )
    for one in found.calibrations:
        if str(one["made_on"]) >= LOGS_FROM:
            note(
                str(one["made_on"]),
                "22:30:09",
                "calibrate",
                "calibration",
                model=one["model"],
                host="claims-2" if str(one["made_on"]) < MOVED else "claims-3",
            )
    note(MOVED, "16:20:00", "ops", "host_off", host="claims-2", to="claims-3")
    note("2026-03-06", "14:03:51", "train", "trained", version="v5", examples=found.models["v5"]["examples"])
    note(PROMOTED, "09:31:27", "promote", "promoted", version="v5", by="ines")
    note("2026-03-16", "07:02:10", "ops", "deployed", version="5.2.1", host="claims-3")
    note("2026-04-21", "07:04:55", "ops", "deployed", version="5.3.0", host="claims-3")
    note("2026-05-11", "02:00:00", "ops", "disk_full", host="claims-3", freed="old copies")
    lines.sort(key=lambda line: str(line["at"]))
    files: dict[str, list[str]] = {}
    for line in lines:
        files.setdefault(str(line["at"])[:7], []).append(json.dumps(line))
    return {f"data/logs/{month}.jsonl": "\n".join(text) + "\n" for month, text in files.items()}


def _metrics(found: Months) -> dict[str, str]:
    """Write the metrics of the nights with their times, a file a month, as the collector keeps them."""
    notified = found.truth.groupby("notified_on").size()
    files: dict[str, dict[str, list[str]]] = {}
    for day in pd.date_range(LOGS_FROM, plus(TODAY, -1)).strftime("%Y-%m-%d"):
        own = found.books.answers[found.books.answers["night"] == day]
        at = int(pd.Timestamp(f"{day}T21:00:05Z").timestamp() * 1000)
        told = files.setdefault(day[:7], {})
        told.setdefault("reserve_claims_notified", []).append(
            f"reserve_claims_notified {notified.get(day, 0)} {at}"
        )
        for status, count in own["status"].value_counts().sort_index().items():
            told.setdefault("reserve_answers", []).append(
                f'reserve_answers{{status="{status}"}} {count} {at}'
            )
        held = int((own["status"] == "held").sum())
        if held:
            told.setdefault("reserve_held", []).append(f'reserve_held{{why="estimate"}} {held} {at}')
        known = own["reserve"].dropna()
        if len(known):
            told.setdefault("reserve_mean_euros", []).append(
                f"reserve_mean_euros {known.astype(float).mean():.2f} {at}"
            )
        told.setdefault("reserve_model", []).append(f'reserve_model{{version="{_version_on(day)}"}} 1 {at}')
        made = [one for one in found.calibrations if _serves(one, _version_on(day), day)]
        if made:
            age = (pd.Timestamp(day) - pd.Timestamp(str(made[-1]["made_on"]))).days
            told.setdefault("reserve_calibration_age_days", []).append(
                f"reserve_calibration_age_days {age} {at}"
            )
    return {
        f"data/metrics/{month}.prom": "".join(
            f"# TYPE {name} gauge\n" + "\n".join(lines) + "\n" for name, lines in told.items()
        )
        for month, told in files.items()
    }


def _registry(found: Months) -> dict[str, str]:
    """Write the registry."""
    files = {}
    for version, told in found.models.items():
        card = {
            name: told[name]
            for name in ("trained_on", "examples", "first_notified", "last_notified", "mean_cost")
        }
        model = {
            name: value
            for name, value in told.items()
            if name not in {"first_notified", "last_notified", "mean_cost"}
        }
        files[f"registry/versions/{version}/model.json"] = json.dumps(model, indent=1, sort_keys=True) + "\n"
        card |= {"version": version, "smearing": told["smearing"]}
        files[f"registry/versions/{version}/card.json"] = json.dumps(card, indent=1, sort_keys=True) + "\n"
    for one in found.calibrations:
        path = f"registry/calibrations/{one['made_on']}-{one['model']}.json"
        files[path] = json.dumps(one, indent=1, sort_keys=True) + "\n"
    files["registry/in_force.json"] = (
        json.dumps({"earlier": ["v1", "v2", "v3", "v4"], "version": "v5"}, indent=1) + "\n"
    )
    return files


def project_data(*, seed: int) -> dict[str, bytes | str]:
    """Draw the files that the project ships with: the database, logs and metrics of three months, and the registry.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same files.
    """
    found = months(seed=seed)
    return {
        f"data/{FILE}": found.books.content,
        **_journal(found, seed=seed),
        **_metrics(found),
        **_registry(found),
    }
