"""Offers: what an author is shown of each suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from unfit.bank import Exercise, load_standard
from unfit.bank.nearest_word import nearest
from unfit.errors import UsageError
from unfit.operators.suggestions import Suggestion
from unfit.planting.edits import resolve
from unfit.planting.linting import Lint, beyond, lint
from unfit.planting.variants import plant
from unfit.records import Record
from unfit.standard import Standard

__all__ = ["Offer", "Trial", "chosen", "filtered", "offers"]


class Trial(Record):
    """What the exercise's own checks and tests say of a suggestion."""

    fails: tuple[str, ...] = ()
    """Checks that pass on the fixed project and do not on the planted one."""
    never: tuple[str, ...] = ()
    """Checks that do not pass on the fixed project, and so say nothing."""
    visible: str = ""
    """What the project's visible tests end with on the planted one; empty where they pass."""


class Offer(Record):
    """One suggestion, as it is shown."""

    number: int
    """Its place in the list of an unchanged project."""
    mistake: str
    """The operator's name, which becomes the defect's id."""
    rule: str
    """The rule of the bank's standard that it breaks."""
    title: str
    """What is wrong, in a line."""
    file: str
    """Path in the fixed project."""
    cell: str | None = None
    """The id of a notebook's cell."""
    line: int
    """Line of the fixed file or cell, counted from one."""
    function: str = ""
    """The function or method; empty at the top of a module."""
    difference: str
    """The unified difference that it would make."""
    experiments: tuple[str, ...] = ()
    """Experiments of the library that tell it; none where checks are to be written."""
    linters: tuple[str, ...] = ()
    """What ruff finds in it by the project's own settings, and not in the fixed project."""
    planted_by: tuple[str, ...] = ()
    """Defects of the exercise that change the same text."""
    trial: Trial | None = None
    """What was seen when it was tried."""


def filtered(
    found: Sequence[Suggestion], *, rules: Iterable[str] = (), files: Iterable[str] = (), standard: Standard
) -> tuple[Suggestion, ...]:
    """Keep suggestions of some rules, and of some files; all where none are named.

    Raises
    ------
    UsageError
        If there is no such rule, or nothing is suggested in such a file; names the nearest.
    """
    rules, files = tuple(rules), tuple(files)
    for rule in rules:
        if rule not in standard.ids:
            raise UsageError(
                f"the standard has no rule `{rule}`{nearest(rule, standard.ids)}", fix="see: unfit standard"
            )
    places = {one.file for one in found}
    for file in files:
        if not any(_in_file(place, file) for place in places):
            raise UsageError(
                f"nothing is suggested in {file}{nearest(file, places)}",
                fix="name a file of the fixed project as the list does, or leave --file out",
            )
    return tuple(
        one
        for one in found
        if (not rules or one.rule in rules) and (not files or any(_in_file(one.file, file) for file in files))
    )


def _in_file(place: str, wanted: str) -> bool:
    return place == wanted or place.endswith(f"/{wanted}")


def chosen(found: Sequence[Suggestion], numbers: Sequence[int], slug: str) -> tuple[Suggestion, ...]:
    """Pick suggestions by their numbers, in the order in which they were named.

    Raises
    ------
    UsageError
        If there is no such number, one is named twice, or two change the same text.
    """
    known = {one.number: one for one in found}
    for number in numbers:
        if number not in known:
            last = f"the last is {max(known)}" if known else "there are none"
            raise UsageError(f"there is no suggestion {number}; {last}", fix=f"see: unfit suggest {slug}")
    picked = [known[number] for number in dict.fromkeys(numbers)]
    for at, one in enumerate(picked):
        for other in picked[at + 1 :]:
            if where := one.clashes(other):
                raise UsageError(
                    f"suggestions {one.number} and {other.number} overlap in {where}",
                    fix="record one of them; two defects cannot change the same text",
                )
    return tuple(picked)


def offers(
    exercise: Exercise, found: Sequence[Suggestion], trials: Mapping[int, Trial] | None = None
) -> tuple[Offer, ...]:
    """Say of each suggestion what an author must know to choose."""
    told, taken = _linters(exercise, found), _planted(exercise, found)
    rules = {rule.id: rule for rule in load_standard(exercise.bank).rules}
    return tuple(
        Offer(
            number=one.number,
            mistake=one.operator.name,
            rule=one.rule,
            title=one.title,
            file=one.file,
            cell=one.cell,
            line=one.line,
            function=one.function,
            difference=one.difference,
            experiments=proof_of(one, rules[one.rule].experiments),
            linters=told.get(one.number, ()),
            planted_by=taken.get(one.number, ()),
            trial=(trials or {}).get(one.number),
        )
        for one in found
    )


def proof_of(suggestion: Suggestion, experiments: tuple[str, ...]) -> tuple[str, ...]:
    """Choose the experiments of a rule that tell a suggestion."""
    proof = tuple(name for name in suggestion.operator.proof if name in experiments)
    return proof or experiments


def _linters(exercise: Exercise, found: Sequence[Suggestion]) -> dict[int, tuple[str, ...]]:
    """Ask ruff about all of them at once, each in a folder of its own beside the project's settings."""
    tree = plant(exercise, ())
    settings: dict[str, bytes] = {
        name: tree[name] for name in ("pyproject.toml", "ruff.toml", ".ruff.toml") if name in tree
    }
    laid = dict(settings)
    for one in found:
        planted = one.planted_in(tree)
        for file in dict.fromkeys(file for file, _ in one.texts):
            laid[f"fixed-{one.number}/{file}"] = tree[file]
            laid[f"planted-{one.number}/{file}"] = planted[file]
        for name, content in settings.items():
            laid[f"fixed-{one.number}/{name}"] = laid[f"planted-{one.number}/{name}"] = content
    seen = lint(laid, configured=True) if found else ()
    told = {}
    for one in found:
        before, after = (_below(f"{side}-{one.number}/", seen) for side in ("fixed", "planted"))
        told[one.number] = tuple(f"{item.rule} {item.message}" for item in beyond(before, after))
    return told


def _below(folder: str, seen: Iterable[Lint]) -> list[Lint]:
    return [
        replace(item, file=item.file.removeprefix(folder)) for item in seen if item.file.startswith(folder)
    ]


def _planted(exercise: Exercise, found: Sequence[Suggestion]) -> dict[int, tuple[str, ...]]:
    """Name the exercise's defects that change the same text as a suggestion."""
    placed = [edit for edits in resolve(exercise).placed.values() for edit in edits]
    taken: dict[int, tuple[str, ...]] = {}
    for one in found:
        names = [
            edit.defect
            for edit in placed
            for target, spans in one.spans.items()
            if edit.target == target and (edit.span is None or any(edit.span.clashes(span) for span in spans))
        ]
        taken[one.number] = tuple(dict.fromkeys(names))
    return taken
