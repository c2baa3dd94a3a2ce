"""Match: which finding of a review speaks of which planted defect.

A finding spots a defect by what it says. Its own words must describe the defect in one of the ways that
``defects.toml`` lists under ``says``; see `unfit.review.defect_wording`. Place and category then decide how much must
be said:

* **Place.** *Close*: the cell, the function or the constant that holds the edit is named, or a line within five of the
  edit. *Near*: a line within the function or cell that holds it, give or take five. *File*: the file and nothing more.
  *Elsewhere*: another function or other lines of that file. *Other*: other files, or no place.
* **Category.** *Same*, *akin* (``part_names.toml``), *unstated*, or *other*. A list of more than two is unstated.

| place | category | words that must be said |
|---|---|---|
| close, near or file | same, akin or unstated | one way |
| close, near or file | other | one way, and a further word |
| elsewhere or other | same, akin or unstated | one way, and a further word |
| elsewhere or other | other | no number is enough |

Nothing is spotted by a list of terms, by words copied from the shipped files, or by a text that is pasted at several
places. The best match wins; one finding matches one defect, and a second finding on a matched defect is a duplicate,
unless it speaks of security or of another category. A finding that describes a decoy better than any defect, at its
place and in a category of its kind, is unfounded. All others are left to a human, with the defects at whose place they
point and the one whose words they use most: no list of words is whole, so the report says that such a finding may
describe it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from unfit.planting import Variant
from unfit.review.claims_of_fault import says_what_is_wrong
from unfit.review.defect_wording import Said, Says, borrowed_of, hits, said_by, says_of
from unfit.review.part_names import AKIN, label_of
from unfit.review.places import Pointer, Target, cells_of, point, region, symbols_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unfit.bank import Decoy
    from unfit.grades import Finding

__all__ = ["match"]

MARGIN = 5
ENOUGH = 0.75
"""The share of its best score at which a finding's second best defect counts, when the best is taken."""
MOST_DEFECTS = 4
"""A finding that describes so many defects at once is a list of everything that can go wrong."""
COPIES = 3
ALIKE = 0.8
FEWEST_SHARED = 3
"""So many words in common with what describes a defect, and a finding without a place may speak of it."""
Nearness = Literal["close", "near", "file", "elsewhere", "other"]
Kinship = Literal["same", "akin", "unstated", "other"]
PLACE_POINTS: dict[Nearness, int] = {"close": 12, "near": 8, "file": 4, "elsewhere": 1, "other": 0}
KIN_POINTS: dict[Kinship, int] = {"same": 5, "akin": 2, "unstated": 1, "other": 0}
PLACED = {"close", "near", "file"}
MOST_WORDS = 6
MOST_OF_A_FILE = 2
"""A finding that names a file and nothing in it may speak of the defects there, unless there are more than so many."""


@dataclass(frozen=True)
class _Sought:
    """A defect or a decoy with the stretches of shipped code that it stands in, and how it is described."""

    id: str
    category: str
    targets: tuple[Target, ...]
    says: Says
    decoy: bool = False


@dataclass(frozen=True)
class _Claim:
    """What speaks for a finding's being about a defect or a decoy."""

    item: _Sought
    points: int
    words: tuple[str, ...]


def match(findings: Sequence[Finding], variant: Variant) -> tuple[Finding, ...]:
    """Match findings with the defects and decoys of what was handed out.

    Parameters
    ----------
    findings : sequence of Finding
        Of a review and of inline comments, in order.
    variant : Variant
        What the candidate got.

    Returns
    -------
    findings : tuple of Finding
        In the same order, each with its match.
    """
    shipped = variant.shipped_tree
    sought = _sought(variant)
    absent = {target.file for item in sought for target in item.targets if target.file not in shipped}
    claims: dict[tuple[int, str], _Claim] = {}
    wolves: dict[int, _Claim] = {}
    near: dict[int, tuple[str, ...]] = {}
    for number, (finding, said) in enumerate(zip(findings, _said(findings, shipped), strict=True)):
        pointer = point(finding, shipped, absent=absent)
        found = [claim for item in sought if (claim := _claim(finding, pointer, said, item))]
        speaks = [claim for claim in found if not claim.item.decoy]
        if len(speaks) >= MOST_DEFECTS and len(speaks) > len(variant.defects) / 2:
            continue
        near[number] = _near(pointer, said, sought)
        if not says_what_is_wrong(finding.text or finding.title):
            near[number] = tuple(dict.fromkeys((*(claim.item.id for claim in speaks), *near[number])))
            continue
        cried = [claim for claim in found if claim.item.decoy]
        if cried:
            wolves[number] = max(cried, key=lambda claim: (claim.points, claim.item.id))
        least = wolves[number].points if cried else 0
        claims |= {(number, claim.item.id): claim for claim in speaks if claim.points >= least}
    taken, twice = _assign({pair: claim.points for pair, claim in claims.items()})
    matched: list[Finding] = []
    for number, finding in enumerate(findings):
        update: dict[str, object] = {"match": "unmatched", "defects": (), "near": near.get(number, ())}
        if defect := taken.get(number) or twice.get(number):
            claim = claims[number, defect]
            if number in taken or _says_again(finding, claim.item):
                kind = "matched" if number in taken else "duplicate"
                update = {"match": kind, "defects": (defect,), "rests_on": claim.words}
        elif number in wolves:
            wolf = wolves[number]
            update = {"match": "unfounded", "defects": (wolf.item.id,), "rests_on": wolf.words}
        matched.append(finding.model_copy(update=update))
    return tuple(matched)


def _near(pointer: Pointer, said: Said, sought: Sequence[_Sought]) -> tuple[str, ...]:
    """Name the defects of which a finding may speak: those at its place, and the one whose words it uses most."""
    if not said.telling:
        return ()
    defects = [item for item in sought if not item.decoy]
    at = {item.id: _nearness(pointer, item) for item in defects}
    close = [name for name, nearness in at.items() if nearness in {"close", "near"}]
    in_file = [name for name, nearness in at.items() if nearness == "file"]
    placed = close or (in_file if len(in_file) <= MOST_OF_A_FILE else [])
    shared = {item.id: len(said.telling & item.says.about) for item in defects}
    most = max([*shared.values(), FEWEST_SHARED])
    return tuple(name for name in at if name in placed or shared[name] == most)


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
    nothing = Said()
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
    best: dict[int, int] = {}
    for number, defect in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        score = scores[number, defect]
        best.setdefault(number, score)
        if number in taken:
            continue
        if defect in taken.values():
            twice.setdefault(number, defect)
        elif number not in twice or score >= ENOUGH * best[number]:
            taken[number] = defect
            twice.pop(number, None)
    return taken, twice


def _claim(finding: Finding, pointer: Pointer, said: Said, item: _Sought) -> _Claim | None:
    """Weigh a pair by the table at the top of this module; None where it is no match."""
    found = hits(said, item.says)
    if found is None:
        return None
    near = _nearness(pointer, item)
    kin = _kinship(finding.category, item.category) if item.category else "unstated"
    doubts = (near not in PLACED) + (kin == "other")
    if doubts > 1 or (doubts and (item.decoy or found.count <= found.needed)):
        return None
    points = 1 + PLACE_POINTS[near] + KIN_POINTS[kin] + 2 * min(found.count, MOST_WORDS)
    return _Claim(item, points, found.words)


def _nearness(pointer: Pointer, item: _Sought) -> Nearness:
    grades = [_at(pointer, target) for target in item.targets if target.file in pointer.files]
    return min(grades, key=list(PLACE_POINTS).index, default="other")


def _at(pointer: Pointer, target: Target) -> Nearness:
    """Judge one stretch of a file that the finding names."""
    if target.missing:
        return "close" if not target.cell or target.cell in pointer.cells else "file"
    if target.cell and pointer.cells:
        return "close" if target.cell in pointer.cells else "elsewhere"
    if target.names & pointer.symbols:
        return "close"
    if pointer.lines and not target.cell:
        if _overlap(pointer, target.first, target.last):
            return "close"
        around = target.around
        return "near" if around and _overlap(pointer, around.first, around.last) else "elsewhere"
    return "elsewhere" if pointer.symbols else "file"


def _overlap(pointer: Pointer, first: int, last: int) -> bool:
    return any(start <= last + MARGIN and end >= first - MARGIN for start, end in pointer.lines)


def _kinship(stated: str, category: str) -> Kinship:
    names = {name.strip() for name in stated.split(",")} - {""}
    if not names:
        return "unstated"
    if category in names:
        return "same"
    return "akin" if any(frozenset((name, category)) in AKIN for name in names) else "other"


def _sought(variant: Variant) -> list[_Sought]:
    """Collect what was planted and what cries wolf, each with its places and how it is described."""
    exercise, shipped, found = variant.exercise, variant.shipped_tree, variant.places
    chosen = [exercise.defect(name) for name in variant.defects]
    about = [one.title if one.says else f"{one.title}\n{one.teaches}" for one in chosen]
    common = _common([says_of((), text).about for text in about])
    defects = [
        _Sought(
            one.id,
            one.category,
            tuple(region(shipped, at.file, at.cell, at.first, at.last) for at in found[one.id]),
            says_of(one.says, text, common),
        )
        for one, text in zip(chosen, about, strict=True)
    ]
    decoys = [
        _Sought(
            one.id,
            one.category,
            _decoy_targets(one, shipped),
            says_of(one.says, one.title, common),
            decoy=True,
        )
        for one in exercise.decoys
    ]
    return defects + decoys


def _common(bags: Sequence[frozenset[str]]) -> frozenset[str]:
    """Collect the words that more than a third of the defects use: they tell nothing."""
    counts = Counter(word for bag in bags for word in bag)
    return frozenset(word for word, count in counts.items() if count > max(1, len(bags) / 3))


def _decoy_targets(decoy: Decoy, shipped: Mapping[str, bytes]) -> tuple[Target, ...]:
    cells = {cell: source for cell, _, source in cells_of(shipped, decoy.file)}
    if decoy.symbol in cells:
        return (Target(decoy.file, decoy.symbol, 1, cells[decoy.symbol].count("\n") + 1, None),)
    return tuple(
        Target(decoy.file, symbol.cell, symbol.first, symbol.last, symbol)
        for symbol in symbols_of(shipped, decoy.file)
        if decoy.symbol in symbol.names
    )
