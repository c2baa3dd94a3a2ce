"""Receipts in a cohort: which export each submission carries, and whose name that gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unfit.cohort.pseudonyms import Key, Person
from unfit.export import entries
from unfit.forgotten import folded

__all__ = ["Carried", "strange_receipts", "with_receipts"]


@dataclass(frozen=True)
class Carried:
    """The export whose receipt a submission carries: its number, and whether the receipt is unchanged."""

    nonce: str
    proven: bool


def with_receipts(key: Key, carried: Mapping[str, Carried | None], ledger: Path) -> Key:
    """Enter which receipt each submission carries, and whose name the ledger has for those that are one's own."""
    names = {entry.nonce: entry.candidate for entry in entries(ledger)}
    people = [_carrying(person, carried) for person in key.people]
    holders: dict[str, list[Person]] = {}
    for person in people:
        holders.setdefault(person.carries, []).append(person)
    proven = {person.pseudonym for person in people if _proven(person, carried)}
    named = (
        _named(person, names.get(person.carries, ""), _owner(holders[person.carries], names), proven)
        for person in people
    )
    return key.model_copy(update={"people": tuple(named)})


def _carrying(person: Person, carried: Mapping[str, Carried | None]) -> Person:
    if person.pseudonym not in carried:
        return person
    found = carried[person.pseudonym]
    return person.model_copy(update={"carries": "" if found is None else found.nonce})


def _proven(person: Person, carried: Mapping[str, Carried | None]) -> bool:
    found = carried.get(person.pseudonym)
    return bool(person.carries) and (found.proven if found is not None else person.receipt == person.carries)


def _owner(holders: list[Person], names: Mapping[str, str]) -> Person | None:
    """Find whose a receipt is: the only one who carries it, or of several the one whom the list calls so."""
    if len(holders) == 1:
        return holders[0]
    name = folded(names.get(holders[0].carries, ""))
    called = [one for one in holders if name and one.named_by != "ledger" and folded(one.candidate) == name]
    return called[0] if len(called) == 1 else None


def _named(person: Person, name: str, owner: Person | None, proven: set[str]) -> Person:
    """Name somebody after the receipt, or take such a name back; what a list or you have said stays."""
    said = "" if person.named_by == "ledger" else person.candidate
    own = owner is not None and owner.pseudonym == person.pseudonym
    fits = not said or not name or folded(said) == folded(name)
    receipt = person.carries if own and fits and person.pseudonym in proven else ""
    given = name if receipt and not said else ""
    update = {
        "receipt": receipt,
        "candidate": said or given,
        "named_by": "ledger" if given else "" if person.named_by == "ledger" else person.named_by,
    }
    return person.model_copy(update=update)


def strange_receipts(key: Key, ledger: Path) -> Iterator[str]:
    """Say which submissions carry one receipt, or the receipt of an export to somebody else."""
    names = {entry.nonce: entry.candidate for entry in entries(ledger)}
    holders: dict[str, list[Person]] = {}
    for person in key.people:
        holders.setdefault(person.carries, []).append(person)
    for nonce, people in sorted(holders.items()):
        both = " and ".join(sorted(person.pseudonym for person in people))
        owner = next((person.pseudonym for person in people if person.receipt), "")
        if nonce and len(people) > 1:
            whose = f"it is {owner}'s" if owner else "it names neither; say in a list who is who"
            yield f"{both} carry the same receipt, {nonce[:8]}: {whose}"
        for person in people if nonce and len(people) == 1 else ():
            made_for = names.get(nonce, "")
            if made_for and person.candidate and folded(made_for) != folded(person.candidate):
                yield (
                    f"{person.pseudonym} carries the receipt {nonce[:8]}, "
                    "of an export to somebody else than the list says"
                )
