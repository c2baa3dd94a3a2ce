"""Match: which finding of a review speaks of which planted defect.

A finding spots a defect by what it says. Its own words must describe the defect in one of the ways that
``defects.toml`` lists under ``says``; see `unfit.review.wording`. Place and category then decide how much must be said:

* **Place.** *Close*: the cell, the function or the constant that holds the edit is named, or a line within five of the
  edit. *Near*: a line within the function or cell that holds it, give or take five. *File*: the file and nothing more.
  *Elsewhere*: another function or other lines of that file. *Other*: other files. *None*: no place.
* **Category.** *Same*, *akin* (`AKIN`), *unstated*, or *other*. A list of more than two is unstated.

| place | category | words that must be said |
|---|---|---|
| close, near or file | same, akin or unstated | one way |
| close, near or file | other | one way, and a further word |
| elsewhere, other or none | same, akin or unstated | one way, and a further word |
| elsewhere, other or none | other | no number is enough |

Nothing is spotted by a list of terms, by words copied from the shipped files, or by a text that is pasted at several
places. The best match wins; one finding matches one defect, and a second finding on a matched defect is a duplicate,
unless it speaks of security or of another category. A finding that describes a decoy better than any defect, at its
place and in a category of its kind, is unfounded. All others are left to a human.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from unfit.planting import places
from unfit.review.places import Pointer, Symbol, Target, cells_of, point, region, symbols_of
from unfit.review.wording import Hits, Said, Says, borrowed_of, hits, said_by, says_of
from unfit.review.words import label_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from unfit.bank import Decoy, Exercise
    from unfit.grades import Finding

__all__ = ["AKIN", "match"]

AKIN = {
    frozenset(pair)
    for pair in (
        ("leakage", "evaluation"),
        ("leakage", "skew"),
        ("leakage", "fairness"),
        ("leakage", "reproducibility"),
        ("errors", "serving"),
        ("errors", "monitoring"),
        ("errors", "skew"),
        ("monitoring", "serving"),
        ("monitoring", "evaluation"),
        ("skew", "serving"),
        ("skew", "reproducibility"),
        ("evaluation", "reproducibility"),
        ("evaluation", "fairness"),
        ("security", "fairness"),
        ("security", "errors"),
        ("serving", "reproducibility"),
    )
}
MARGIN = 5
ENOUGH = 0.75
"""The share of its best score at which a finding's second best defect counts, when the best is taken."""
MOST_DEFECTS = 4
"""A finding that describes so many defects at once is a list of everything that can go wrong."""
COPIES = 3
ALIKE = 0.8
Nearness = Literal["close", "near", "file", "elsewhere", "none", "other"]
Kinship = Literal["same", "akin", "unstated", "other"]
PLACE_POINTS: dict[Nearness, int] = {"close": 12, "near": 8, "file": 4, "elsewhere": 1, "none": 0, "other": 0}
KIN_POINTS: dict[Kinship, int] = {"same": 5, "akin": 2, "unstated": 1, "other": 0}
MOST_WORDS = 6


@dataclass(frozen=True)
class _Sought:
    """A defect or a decoy with the stretches of shipped code that it stands in, and how it is described."""

    id: str
    category: str
    targets: tuple[Target, ...]
    says: Says


def match(
    findings: Sequence[Finding],
    exercise: Exercise,
    shipped: Mapping[str, bytes],
    *,
    defects: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """Match findings with the defects and decoys of what was handed out.

    Parameters
    ----------
    findings : sequence of Finding
        Of a review and of inline comments, in order.
    exercise : Exercise
    shipped : mapping of str to bytes
        The tree that the candidate got.
    defects : iterable of str, optional
        Those planted in it; the default ones where not given.

    Returns
    -------
    findings : tuple of Finding
        In the same order, each with its match.
    """
    planted = tuple(exercise.default if defects is None else defects)
    sought, decoys = _sought(exercise, shipped, planted)
    absent = {target.file for item in sought for target in item.targets if target.file not in shipped}
    pointers = [point(finding, shipped, absent=absent) for finding in findings]
    said = _said(findings, shipped)
    described: dict[tuple[int, str], tuple[int, Hits]] = {}
    wolves: dict[int, tuple[int, str, Hits]] = {}
    for number, finding in enumerate(findings):
        scored = {
            item.id: found
            for item in sought
            if (found := _score(finding, pointers[number], said[number], item))
        }
        if len(scored) >= MOST_DEFECTS and len(scored) > len(sought) / 2:
            continue
        described |= {(number, name): found for name, found in scored.items()}
        cried = [
            (claim[0], decoy.id, claim[1])
            for decoy in decoys
            if (claim := _score(finding, pointers[number], said[number], decoy))
            and _nearness(pointers[number], decoy) in {"close", "near", "file"}
            and not (decoy.category and _kinship(finding.category, decoy.category) == "other")
        ]
        if cried:
            wolves[number] = max(cried, key=lambda wolf: (wolf[0], wolf[1]))
    described = {
        pair: found
        for pair, found in described.items()
        if pair[0] not in wolves or found[0] >= wolves[pair[0]][0]
    }
    taken, twice = _assign({pair: score for pair, (score, _) in described.items()})
    matched: list[Finding] = []
    for number, finding in enumerate(findings):
        if defect := taken.get(number) or twice.get(number, ""):
            item = next(item for item in sought if item.id == defect)
            repeats = number not in taken
            if repeats and not _says_again(finding, item):
                update: dict[str, object] = {"match": "unmatched", "defects": ()}
            else:
                rests_on = described[number, defect][1].words
                match_ = "duplicate" if repeats else "matched"
                update = {"match": match_, "defects": (defect,), "rests_on": rests_on}
        elif number in wolves:
            _, decoy_id, claimed = wolves[number]
            update = {"match": "unfounded", "defects": (decoy_id,), "rests_on": claimed.words}
        else:
            update = {"match": "unmatched", "defects": ()}
        matched.append(finding.model_copy(update=update))
    return tuple(matched)


def _said(findings: Sequence[Finding], shipped: Mapping[str, bytes]) -> list[Said]:
    """Collect each finding's own words; none of a text that is pasted at several places."""
    borrowed = borrowed_of(shipped)
    names = {
        part for file in shipped for symbol in symbols_of(shipped, file) for part in symbol.name.split(".")
    }
    names |= {cell for file in shipped for cell, _, _ in cells_of(shipped, file)}
    said = [said_by(_without_labels(finding.text or finding.title), borrowed, names) for finding in findings]
    bags = [one.telling for one in said]
    copies = [sum(_alike(one, other) for other in bags) for one in bags]
    repeats = {bags[number] for number, count in enumerate(copies) if count > 1}
    pasted = [count >= COPIES or (count > 1 and len(repeats) >= COPIES) for count in copies]
    nothing = Said((), ())
    return [nothing if one.listing or pasted[number] else one for number, one in enumerate(said)]


def _without_labels(text: str) -> str:
    """Leave out the lines that only name a category or a severity: they say nothing of what is wrong."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if (label_of(line) or ("",))[0] not in {"category", "severity"})


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and len(one & other) >= ALIKE * len(one | other)


def _says_again(finding: Finding, item: _Sought) -> bool:
    """Tell whether a second finding on a defect repeats the first; one on security always speaks for itself."""
    if "security" in finding.category:
        return item.category == "security"
    return _kinship(finding.category, item.category) != "other"


def _assign(scores: Mapping[tuple[int, str], int]) -> tuple[dict[int, str], dict[int, str]]:
    """Give each finding its best defect, best scores first; who comes second takes a close second best or repeats."""
    taken: dict[int, str] = {}
    twice: dict[int, str] = {}
    order = sorted(scores, key=lambda pair: (-scores[pair], pair))
    best: dict[int, int] = {}
    for number, _ in order:
        best.setdefault(number, max(score for (other, _), score in scores.items() if other == number))
    for number, defect in order:
        if number in taken:
            continue
        if defect not in taken.values():
            if number not in twice or scores[number, defect] >= ENOUGH * best[number]:
                taken[number] = defect
                twice.pop(number, None)
        else:
            twice.setdefault(number, defect)
    return taken, twice


def _score(finding: Finding, pointer: Pointer, said: Said, item: _Sought) -> tuple[int, Hits] | None:
    """Weigh a pair by the table at the top of this module; None where it is no match."""
    found = hits(said, item.says)
    if found is None:
        return None
    near = _nearness(pointer, item)
    kin = _kinship(finding.category, item.category) if item.category else "unstated"
    placed = near in {"close", "near", "file"}
    if kin == "other" and not placed:
        return None
    further = kin == "other" or not placed
    if further and found.count <= found.needed:
        return None
    return 1 + PLACE_POINTS[near] + KIN_POINTS[kin] + 2 * min(found.count, MOST_WORDS), found


def _nearness(pointer: Pointer, item: _Sought) -> Nearness:
    if pointer.nowhere or (pointer.unknown and not pointer.files):
        return "none"
    grades = [_at(pointer, target) for target in item.targets if target.file in pointer.files]
    return min(grades, key=list(PLACE_POINTS).index) if grades else "other"


def _at(pointer: Pointer, target: Target) -> Nearness:
    """Judge one stretch of a file that the finding names."""
    if target.missing:
        return "close" if not target.cell or target.cell in pointer.cells else "file"
    around = target.around
    named = bool(around) and _is_named(around, pointer.symbols)
    if target.cell:
        if pointer.cells:
            return "close" if target.cell in pointer.cells else "elsewhere"
        named = named or bool(target.inside & pointer.symbols)
        return "close" if named else "elsewhere" if pointer.symbols else "file"
    low, high = target.first - MARGIN, target.last + MARGIN
    if pointer.lines:
        if any(first <= high and last >= low for first, last in pointer.lines):
            return "close"
        if around and any(
            first <= around.last + MARGIN and last >= around.first - MARGIN for first, last in pointer.lines
        ):
            return "close" if named else "near"
        return "close" if named else "elsewhere"
    if named:
        return "close"
    return "elsewhere" if pointer.symbols else "file"


def _is_named(symbol: Symbol | None, names: Collection[str]) -> bool:
    return symbol is not None and (symbol.name in names or symbol.name.rsplit(".", 1)[-1] in names)


def _kinship(stated: str, category: str) -> Kinship:
    names = {name.strip() for name in stated.split(",")} - {""}
    if not names:
        return "unstated"
    if category in names:
        return "same"
    return "akin" if any(frozenset((name, category)) in AKIN for name in names) else "other"


def _sought(
    exercise: Exercise, shipped: Mapping[str, bytes], planted: Sequence[str]
) -> tuple[list[_Sought], list[_Sought]]:
    """Collect what was planted and what cries wolf, each with its places and how it is described."""
    found = places(exercise, planted)
    chosen = [exercise.defect(name) for name in planted]
    about = {
        defect.id: defect.title if defect.says else f"{defect.title}\n{defect.teaches}" for defect in chosen
    }
    common = _common([says_of((), text).about for text in about.values()])
    defects = [
        _Sought(
            defect.id,
            defect.category,
            tuple(
                region(shipped, place.file, place.cell, place.first, place.last) for place in found[defect.id]
            ),
            says_of(defect.says, about[defect.id], common),
        )
        for defect in chosen
    ]
    decoys = [
        _Sought(
            decoy.id, decoy.category, _decoy_targets(decoy, shipped), says_of(decoy.says, decoy.title, common)
        )
        for decoy in exercise.decoys
    ]
    return defects, decoys


def _common(bags: Sequence[frozenset[str]]) -> frozenset[str]:
    """Collect the words that more than a third of the defects use: they tell nothing."""
    counts = Counter(word for bag in bags for word in bag)
    return frozenset(word for word, count in counts.items() if count > max(1, len(bags) / 3))


def _decoy_targets(decoy: Decoy, shipped: Mapping[str, bytes]) -> tuple[Target, ...]:
    cells = {cell: source for cell, _, source in cells_of(shipped, decoy.file)}
    if decoy.symbol in cells:
        return (Target(decoy.file, decoy.symbol, 1, cells[decoy.symbol].count("\n") + 1, None),)
    symbols = [symbol for symbol in symbols_of(shipped, decoy.file) if _is_named(symbol, {decoy.symbol})]
    return tuple(Target(decoy.file, symbol.cell, symbol.first, symbol.last, symbol) for symbol in symbols)
