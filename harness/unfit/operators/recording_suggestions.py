"""Recording: suggestions that an author chose become defects of the exercise."""

from __future__ import annotations

import ast
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from unfit.bank import Exercise, load_bank, load_standard
from unfit.errors import PlantingError
from unfit.files import write_atomically
from unfit.operators.changing import compiles
from unfit.operators.checking import Draft, drafted
from unfit.operators.code import sources
from unfit.operators.offering import Trial, proof_of
from unfit.operators.suggestions import Suggestion
from unfit.planting import plant, write_tree
from unfit.planting.recording import record
from unfit.records import Record
from unfit.standard import Rule

__all__ = ["RecordedDefect", "record_suggestions"]

FIRST = '"""Hidden checks: each one simulates, calls the submission, and compares what it did."""'


class RecordedDefect(Record):
    """One suggestion that is a defect now."""

    number: int
    """Its place in the list."""
    defect: str
    """Its id."""
    checks: tuple[str, ...]
    """Checks that it names."""
    left: tuple[str, ...]
    """What is still the author's, in order."""


def record_suggestions(
    exercise: Exercise, chosen: Sequence[Suggestion], *, trials: Mapping[int, Trial] | None = None
) -> tuple[RecordedDefect, ...]:
    """Record suggestions as defects: all of them, or none.

    Parameters
    ----------
    exercise : Exercise
    chosen : sequence of Suggestion
        None of which clashes with another.
    trials : mapping of int to Trial, optional
        What was seen when they were tried, by number; the checks that told one are its checks.

    Returns
    -------
    recorded : tuple of RecordedDefect

    Raises
    ------
    PlantingError
        If one overlaps with a defect that is there, or cannot be reversed, or all together would not compile; nothing
        is changed then.
    """
    rules = {rule.id: rule for rule in load_standard(exercise.bank).rules}
    path = exercise.solution / "checks.py"
    text = path.read_text("utf-8") if path.is_file() else ""
    measured = "@measure" in text
    with tempfile.TemporaryDirectory(prefix="unfit-suggest-") as scratch:
        copy = _copied(exercise, Path(scratch) / "bank")
        drafts: list[Draft] = []
        done: list[RecordedDefect] = []
        for one in chosen:
            here = load_bank(copy).exercise(exercise.slug)
            name = _id_of(one, {defect.id for defect in here.defects})
            trial = (trials or {}).get(one.number)
            draft = _draft(
                one, rules[one.rule], text, trial, name=name, taken={draft.name for draft in drafts}
            )
            checks = trial.fails if trial and trial.fails else (draft.name,) if draft.name else ()
            _record(here, one, name, checks, Path(scratch) / name)
            drafts.append(draft)
            left = tuple(
                _left(one, name, rules[one.rule], draft, trial, measured=measured, slug=exercise.slug)
            )
            done.append(RecordedDefect(number=one.number, defect=name, checks=checks, left=left))
        _refuse_broken(load_bank(copy).exercise(exercise.slug), [one.defect for one in done])
        new = _with_checks(text, drafts)
        if new != text:
            write_atomically(path, new)
        manifest = copy / "solutions" / exercise.slug / "defects.toml"
        write_atomically(exercise.solution / "defects.toml", manifest.read_bytes())
    return tuple(done)


def _copied(exercise: Exercise, bank: Path) -> Path:
    """Copy what recording reads and writes, so that a refusal changes nothing."""
    to = bank / "solutions" / exercise.slug
    to.parent.mkdir(parents=True)
    shutil.copytree(
        exercise.solution, to, ignore=shutil.ignore_patterns("corpus", "checks.py", "__pycache__")
    )
    for name in ("standard.toml",):
        if (exercise.bank / name).is_file():
            shutil.copy(exercise.bank / name, bank / name)
    return bank


def _id_of(one: Suggestion, taken: Collection[str]) -> str:
    """Name the defect after the mistake; by its file, and then by number, where there is one of that name."""
    stem = (one.cell or Path(one.file).stem).strip("_").replace("_", "-").lower()
    names = [one.operator.name, f"{one.operator.name}-in-{stem}"[:60].rstrip("-")]
    names += [f"{one.operator.name}-{number}" for number in range(2, 99)]
    return next(name for name in names if name not in taken)


def _draft(
    one: Suggestion, rule: Rule, text: str, trial: Trial | None, *, name: str, taken: Collection[str]
) -> Draft:
    if trial is not None and trial.fails:
        return Draft("there", trial.fails[0])
    return drafted(text, proof_of(one, rule.experiments), defect=name, taken=taken)


def _record(here: Exercise, one: Suggestion, name: str, checks: tuple[str, ...], folder: Path) -> None:
    operator = one.operator
    about = {
        "title": one.title,
        "category": operator.category,
        "rule": one.rule,
        "severity": operator.severity,
        "difficulty": operator.difficulty,
        "judged": "fix",
        "default": True,
        "harm": "",
        "teaches": operator.teaches,
        "source": operator.source,
        "asks_mended": list(operator.asks_mended),
        "asks_not_mended": list(operator.asks_not_mended),
        "checks": list(checks),
    }
    write_tree(one.planted_in(plant(here, ())), folder)
    try:
        record(here, name, folder, about=about)
    except PlantingError as error:
        raise PlantingError(f"suggestion {one.number}: {error.message}", fix=error.fix) from None


def _refuse_broken(here: Exercise, defects: Sequence[str]) -> None:
    """Make sure that what was recorded can stand together."""
    for file, text in sources(plant(here, defects)).items():
        if not compiles(text):
            raise PlantingError(
                f"{file}: would not compile with all of {', '.join(f'`{name}`' for name in defects)} planted",
                fix="record fewer of them at once",
            )


def _with_checks(text: str, drafts: Sequence[Draft]) -> str:
    """Append what was drafted, below two empty lines each."""
    new = [draft.text for draft in drafts if draft.text]
    if not new:
        return text
    if not text:
        text = f"{FIRST}\n\nfrom unfit import Case, check\n"
    if any("experiments." in draft.text for draft in drafts if draft.kind == "whole"):
        text = _importing(text)
    return "\n\n".join([f"{text.rstrip()}\n", *(f"{piece.rstrip()}\n" for piece in new)])


def _importing(text: str) -> str:
    """Add ``from unfit import experiments`` below the last import at the top."""
    if "from unfit import experiments\n" in text:
        return text
    imports = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
    ]
    lines = text.split("\n")
    at = imports[-1].end_lineno or 0 if imports else 0
    return "\n".join([*lines[:at], "from unfit import experiments", *lines[at:]])


def _left(
    one: Suggestion, name: str, rule: Rule, draft: Draft, trial: Trial | None, *, measured: bool, slug: str
) -> Iterator[str]:
    """List what nobody but the author can do, in the order in which it is done best."""
    trial_of = f"unfit try {slug} --plant {name} --check {draft.name}"
    yield f"read {one.place} as a candidate will: docstrings and comments there must not tell"
    if trial is not None and trial.fails:
        yield f"checks: {', '.join(trial.fails)} told it when it was tried"
    elif draft.kind == "there":
        yield f"checks: `{draft.name}` runs {draft.experiment}; see whether it tells: {trial_of}"
    elif draft.kind == "whole":
        yield f"checks: `{draft.name}` was written into checks.py; reword it, and see whether it tells: {trial_of}"
    elif draft.kind == "skeleton":
        yield f"checks: fill in {draft.experiment}, the comment for `{name}` in checks.py; name it in defects.toml"
    else:
        yield f"checks: the library has none for `{rule.id}`; write one with `Case`, and name it in defects.toml"
    if measured:
        yield 'harm: name one of the losses that the function under @measure returns, or write "not measurable: why"'
    else:
        yield 'harm: write "not measurable: why", or write a @measure function and name its loss'
    yield "title, severity, difficulty, asks_mended, asks_not_mended: make them speak of this exercise"
    for what, ideas in (("narrowings", rule.narrowings), ("wrong fixes", rule.wrong_fixes)):
        if ideas:
            yield f"corpus/wrong: {what} to try: {'; '.join(ideas)}"
    yield f"corpus/right: two other right fixes of `{name}`"
