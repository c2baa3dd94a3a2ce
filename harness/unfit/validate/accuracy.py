"""Accuracy: how many labelled fixes the checks of a bank judge, and how many of them wrongly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scipy.stats import binomtest

from unfit.bank import Exercise
from unfit.coverage import table
from unfit.validate.attempts import attempted
from unfit.validate.forging import forged
from unfit.validate.planning import plan
from unfit.validate.proof import proven

__all__ = ["Labelled", "accuracy_page", "labelled"]

CONFIDENCE = 0.95
UNTOUCHED = {"alone", "all but", "shipped", "form"}
NO_RULE = "-"
HEADS = ("right fixes rejected", "wrong fixes accepted", "untouched accepted", "memory accepted")

_INTRODUCTION = """# Accuracy

How often the hidden checks are right, on fixes of which it is known whether they are right.
`make accuracy` writes this page, and `unfit accuracy` prints it for any bank.

A *right fix* must come out mended. A *wrong fix* is one that somebody could hand in and that only looks right, or is
right in one place only: it must not. *Untouched* is planted code as it is handed out, in every form. *Memory* is
planted code that repeats its first answers, to fool a comparison. Each is one defect in one tree.

The intervals are Wilson's, at 95 %: with no mistake in *n*, the truth may still be as high as the number says.
"""
_READING = """## How to read it

**These fixes are not independent of the checks.** An exercise ships only when `unfit validate` finds no mistake on
them, so the count of mistakes is 0 wherever there is a count. What the page tells is how *much* the checks have been
tried with, and for which rules that is little.

**The honest number comes from people who had not seen the checks.** 48 submissions by independent candidates held 276
verdicts, which were labelled by running each submission. Of 97 that were not mended, the checks called 10 mended
(10.3 %, Wilson 5.7 to 17.9 %): one of 46 cosmetic fixes, and nine of some two dozen partial ones. Of 179 that were
mended, 2 were rejected (1.1 %, .3 to 4.0 %). Those that have been mended since are now entries of the corpus, and so
count above as wrong fixes that are rejected.

**Whoever sets out to mislead the checks still can.** In December 2026, three people who had not read the checks wrote
partial fixes of nine exercises. Each fix was as narrow as they could make it, and each was shown to be wrong by running
it. Typical ones are wrong only at the end of a range, in batches of more than a hundred, or for a field that is quite
empty. The checks called 65 of 177 mended (36.7 %, 30.0 to 44.0 %). Of 76 right fixes in unusual styles they rejected
one (1.3 %, .2 to 7.1 %); its cause is mended. Most of these kinds are wrong fixes of the corpora by now, so the share
is lower today; nobody has measured it again. Few candidates hand in such fixes, and nobody does by chance. But a
*mended* says that the experiments found nothing, and not that nothing is there: read the change as well.

## Beside what audits found elsewhere

Any judge that runs code and compares has such errors, and few publish them.

"""
_AUDITS = (
    (
        "SWE-bench Verified: the patches of 30 leading agents that the tests accept",
        "19.8 % are rejected by stronger tests",
        "[SWE-ABS, arXiv 2603.00520](https://arxiv.org/abs/2603.00520)",
    ),
    (
        "SWE-bench Verified, after review by professionals",
        "the tests of 26 of 500 tasks let wrong patches pass",
        "[UTBoost, arXiv 2506.09289](https://arxiv.org/abs/2506.09289)",
    ),
    (
        "HumanEval, with 80 times as many tests",
        "pass@k falls by 19 to 29 %; 11 % of the reference solutions are wrong",
        "[EvalPlus, arXiv 2305.01210](https://arxiv.org/abs/2305.01210)",
    ),
)


@dataclass(frozen=True)
class Labelled:
    """Of which defects how many fixes are known to be right, and how many not to be.

    Parameters
    ----------
    exercise : str
    proven : bool
        Whether a clean validation stands for what is there now.
    right, wrong, untouched, memory : Counter of str
        Trees by defect.
    rules : mapping of str to str
        The rule that a defect breaks.
    """

    exercise: str
    proven: bool
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    untouched: Counter[str] = field(default_factory=Counter)
    memory: Counter[str] = field(default_factory=Counter)
    rules: Mapping[str, str] = field(default_factory=dict)


def labelled(exercise: Exercise) -> Labelled:
    """Count the trees of which it is known how a defect must come out.

    Parameters
    ----------
    exercise : Exercise
    """
    judged, trees = [defect.id for defect in exercise.defects if defect.checks], plan(exercise)
    found = Labelled(
        exercise.slug,
        proven(exercise, trees),
        rules={defect.id: defect.rule or NO_RULE for defect in exercise.defects},
    )
    for entry in exercise.corpus:
        mended, missed = attempted(exercise, entry)
        found.right.update(mended.intersection(judged))
        found.wrong.update(missed.intersection(judged))
    for tree in trees:
        if tree.kind in UNTOUCHED:
            found.untouched.update(tree.planted.intersection(judged))
    for tree in forged(exercise):
        found.memory.update(tree.planted.intersection(judged))
    return found


def accuracy_page(exercises: Sequence[Exercise]) -> str:
    """Write how many labelled fixes the checks judge, by exercise and by rule, as Markdown."""
    counted = [labelled(exercise) for exercise in exercises]
    audits = table(("what was audited", "what was found", "source"), _AUDITS)
    parts = [_INTRODUCTION, _by_exercise(counted), "", _by_rule(counted), "", _READING, audits]
    return "\n".join(parts) + "\n"


def _by_exercise(counted: Sequence[Labelled]) -> str:
    rows = [_row(f"`{one.exercise}`", [one]) for one in counted]
    together = [_row("**together**", counted)] if len(rows) > 1 else []
    return "## By exercise\n\n" + table(("exercise", *HEADS), [*rows, *together])


def _by_rule(counted: Sequence[Labelled]) -> str:
    rules = sorted({rule for one in counted for rule in one.rules.values()} - {NO_RULE})
    rows = [_row(f"`{rule}`", counted, rule=rule) for rule in rules]
    return "## By rule\n\n" + table(("rule", *HEADS), rows)


def _row(name: str, counted: Iterable[Labelled], *, rule: str = "") -> tuple[str, ...]:
    known = [one for one in counted if one.proven]
    if not known:
        return (name, *("not validated since the last change",) * 4)
    cells = []
    for kind in ("right", "wrong", "untouched", "memory"):
        counts: list[Counter[str]] = [getattr(one, kind) for one in known]
        pairs = zip(known, counts, strict=True)
        total = sum(
            number
            for one, count in pairs
            for defect, number in count.items()
            if rule in {"", one.rules[defect]}
        )
        cells.append(_cell(total))
    return (name, *cells)


def _cell(trials: int) -> str:
    if not trials:
        return "none"
    bound = binomtest(0, trials).proportion_ci(CONFIDENCE, method="wilson").high
    return f"0 of {trials} (at most {100 * bound:.1f} %)"
