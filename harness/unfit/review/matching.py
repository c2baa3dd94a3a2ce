"""Match: which finding of a review speaks of which planted defect.

A finding matches a defect by place and category, with this tolerance:

* **Place.** *Close*: the cell, the function or the constant that holds the edit is named, or a line within five of the
  edit. *Near*: a line within the function or cell that holds it, give or take five. *File*: the file and nothing more.
  A finding that names another function or other lines of that file is elsewhere.
* **Category.** *Same*, *akin* (`AKIN`), *unstated*, or *other*.
* **Words.** Telling words shared with the defect: those of its title, of what it teaches and of its edits, unless more
  than a third of the exercise's defects use them.

| place | category | telling words |
|---|---|---|
| close or near | same, akin or unstated | none (one, where unstated and only near) |
| close or near | other | three |
| file | same or akin | none |
| file | unstated | two |
| elsewhere in the file | same | three |
| none named | same | two |
| none named, and something absent is planted | same | one |

Where a decoy stands at the same place, it must share fewer words with the finding than the defect does.
The best match wins; one finding matches one defect, and a second finding on a matched defect is a duplicate. A finding
that matches no defect and calls a decoy wrong (its function, cell or lines, and two telling words of it) is unfounded.
All others are left to a human.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from unfit.planting import places
from unfit.review.places import Pointer, Symbol, Target, cells_of, point, region, symbols_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from unfit.bank import Decoy, Defect, Exercise
    from unfit.grades import Finding

__all__ = ["AKIN", "match"]

AKIN = {
    frozenset(pair)
    for pair in (
        ("leakage", "evaluation"),
        ("leakage", "skew"),
        ("leakage", "fairness"),
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
STOP = frozenset({
    "about", "above", "after", "again", "also", "always", "and", "another", "any", "are", "because", "been",
    "before", "being", "below", "between", "both", "but", "called", "can", "cannot", "could", "data", "defect",
    "does", "done", "each", "either", "else", "every", "file", "finding", "fix", "for", "from", "function",
    "gets", "give", "given", "goes", "has", "have", "here", "how", "instead", "into", "its", "itself", "just",
    "keep", "know", "like", "line", "made", "make", "makes", "many", "may", "mean", "missing", "model", "more",
    "most", "much", "must", "need", "needs", "never", "nor", "not", "nothing", "now", "number", "one", "only",
    "other", "over", "per", "place", "put", "rather", "same", "says", "seen", "set", "should", "since", "some",
    "something", "still", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "thing", "this", "those", "through", "time", "too", "two", "under", "until", "use", "used", "uses", "using",
    "value", "values", "very", "was", "way", "what", "when", "where", "which", "while", "who", "whole", "whose",
    "why", "will", "with", "without", "would", "wrong", "you", "your", "code", "self", "return", "returns",
    "import", "none", "true", "false", "def",
})  # fmt: skip
PRAISE = re.compile(
    r"\b(?:looks?|seems?|appears?)\s+(?:wrong|odd|suspicious|like\s+a\s+\w+)[^.]{0,40}\b(?:but|and\s+yet)\b|"
    r"\b(?:is|are|it'?s)\s+(?:actually\s+)?(?:fine|right|correct|ok|okay|intentional|deliberate|harmless|not\s+a\s+(?:bug|defect|problem|leak))\b",
    re.IGNORECASE,
)

Nearness = Literal["close", "near", "file", "elsewhere", "none", "other"]
Kinship = Literal["same", "akin", "unstated", "other"]
PLACE_POINTS: dict[Nearness, int] = {"close": 12, "near": 8, "file": 4, "elsewhere": 1, "none": 0, "other": 0}
KIN_POINTS: dict[Kinship, int] = {"same": 5, "akin": 2, "unstated": 1, "other": 0}
MOST_WORDS = 6


@dataclass(frozen=True)
class _Sought:
    """A defect or a decoy with the stretches of shipped code that it stands in, and its telling words."""

    id: str
    category: str
    targets: tuple[Target, ...]
    words: frozenset[str]

    @property
    def absent(self) -> bool:
        """Whether it is something that nobody wrote."""
        return any(target.missing for target in self.targets)


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
    bags = [_words(_text(finding)) for finding in findings]
    scores = {
        (number, item.id): score
        for number, finding in enumerate(findings)
        for item in sought
        if (score := _score(finding, pointers[number], bags[number], item))
        and not _speaks_of_decoy(pointers[number], bags[number], item, decoys)
    }
    taken, twice = _assign(scores)
    matched: list[Finding] = []
    for number, finding in enumerate(findings):
        if number in taken:
            update: dict[str, object] = {"match": "matched", "defects": (taken[number],)}
        elif number in twice:
            update = {"match": "duplicate", "defects": (twice[number],)}
        elif decoy := _cried_wolf(finding, pointers[number], bags[number], decoys):
            update = {"match": "unfounded", "defects": (decoy,)}
        else:
            update = {"match": "unmatched", "defects": ()}
        matched.append(finding.model_copy(update=update))
    return tuple(matched)


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


def _score(finding: Finding, pointer: Pointer, bag: frozenset[str], item: _Sought) -> int:
    """Weigh a pair by the table at the top of this module; 0 where it is no match."""
    near = _nearness(pointer, item)
    kin = _kinship(finding.category, item.category)
    shared = len(bag & item.words)
    needed = _needed(near, kin, absent=item.absent)
    if needed is None or shared < needed:
        return 0
    return 1 + PLACE_POINTS[near] + KIN_POINTS[kin] + 2 * min(shared, MOST_WORDS)


def _needed(near: Nearness, kin: Kinship, *, absent: bool) -> int | None:
    """Say how many telling words a pair must share, or None where no number is enough."""
    same = kin == "same"
    match near:
        case "close" | "near":
            return 3 if kin == "other" else int(kin == "unstated" and near == "near")
        case "file":
            return {"same": 0, "akin": 0, "unstated": 2, "other": None}[kin]
        case "elsewhere":
            return 3 if same else None
        case "none":
            return (1 if absent else 2) if same else None
        case _:
            return 1 if same and absent else None


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


def _speaks_of_decoy(pointer: Pointer, bag: frozenset[str], item: _Sought, decoys: Sequence[_Sought]) -> bool:
    """Tell whether a decoy at the same place shares more words with a finding than the defect there does."""
    shared = len(bag & item.words)
    return any(
        len(bag & decoy.words) > max(1, shared) and _nearness(pointer, decoy) in {"close", "near"}
        for decoy in decoys
    )


def _cried_wolf(finding: Finding, pointer: Pointer, bag: frozenset[str], decoys: Sequence[_Sought]) -> str:
    """Name the decoy that a finding calls wrong; empty for none."""
    least = 2
    if PRAISE.search(_text(finding)):
        return ""
    found = [
        (len(bag & decoy.words), decoy.id)
        for decoy in decoys
        if _nearness(pointer, decoy) in {"close", "near"} and len(bag & decoy.words) >= least
    ]
    return max(found)[1] if found else ""


def _sought(
    exercise: Exercise, shipped: Mapping[str, bytes], planted: tuple[str, ...]
) -> tuple[list[_Sought], list[_Sought]]:
    """Prepare the planted defects and the decoys, with words that tell them apart."""
    found = places(exercise, planted)
    chosen = [exercise.defect(name) for name in planted]
    raw = {defect.id: _about(defect) for defect in chosen}
    common = _common(raw)
    defects = [
        _Sought(
            defect.id,
            defect.category,
            tuple(
                region(shipped, place.file, place.cell, place.first, place.last) for place in found[defect.id]
            ),
            raw[defect.id] - common,
        )
        for defect in chosen
    ]
    decoys = [
        _Sought(decoy.id, "", _decoy_targets(decoy, shipped), _words(f"{decoy.title} {decoy.why}") - common)
        for decoy in exercise.decoys
    ]
    return defects, decoys


def _common(words: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Collect the words that more than a third of the defects use: they tell nothing."""
    counts = Counter(word for bag in words.values() for word in bag)
    return frozenset(word for word, count in counts.items() if count > max(1, len(words) / 3))


def _about(defect: Defect) -> frozenset[str]:
    """Collect the words of a defect: of its title, of what it teaches, and those that its edits add or remove."""
    said = _words(f"{defect.title}\n{defect.teaches}")
    return said.union(*(_words(edit.fixed or "") ^ _words(edit.planted or "") for edit in defect.edits))


def _decoy_targets(decoy: Decoy, shipped: Mapping[str, bytes]) -> tuple[Target, ...]:
    cells = {cell: source for cell, _, source in cells_of(shipped, decoy.file)}
    if decoy.symbol in cells:
        return (Target(decoy.file, decoy.symbol, 1, cells[decoy.symbol].count("\n") + 1, None),)
    symbols = [symbol for symbol in symbols_of(shipped, decoy.file) if _is_named(symbol, {decoy.symbol})]
    return tuple(Target(decoy.file, symbol.cell, symbol.first, symbol.last, symbol) for symbol in symbols)


def _text(finding: Finding) -> str:
    return f"{finding.title}\n{finding.harm}\n{finding.remedy}\n{finding.put_off}"


def _words(text: str) -> frozenset[str]:
    """Collect the words of a text that can tell, each cut to its stem; parts of identifiers count too."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", text.replace("_", " "))
    shortest = 4
    words = {word for word in re.findall(r"[a-z]+", f"{split}".casefold()) if word not in STOP}
    return frozenset(_stem(word) for word in words if len(word) >= shortest)


def _stem(word: str) -> str:
    """Cut the endings of English off, roughly: "fitted", "fitting" and "fits" are one word."""
    for ending in (
        "ations",
        "ation",
        "ingly",
        "ings",
        "ing",
        "edly",
        "ied",
        "ies",
        "ers",
        "ed",
        "er",
        "es",
        "ly",
        "s",
    ):
        least = 3
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
