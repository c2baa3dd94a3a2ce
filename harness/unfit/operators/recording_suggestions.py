"""Recording: suggestions that an author chose become defects of the exercise."""

from __future__ import annotations

import ast
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import tomlkit

from unfit.bank import Exercise, load_bank, load_standard
from unfit.errors import PlantingError
from unfit.files import write_atomically
from unfit.operators.changing import compiles
from unfit.operators.checking import About, Draft, begun, drafted
from unfit.operators.code import sources
from unfit.operators.narrowing import narrowings
from unfit.operators.offering import Trial, proof_of
from unfit.operators.project_facts import columns
from unfit.operators.suggestions import Suggestion
from unfit.planting import plant, write_tree
from unfit.planting.differences import hunks
from unfit.planting.patching import replacements
from unfit.planting.recording import SCHEMA, edits_text, record
from unfit.records import Record
from unfit.standard import Rule
from unfit.worlds import Recorded

__all__ = ["RecordedDefect", "Refused", "record_suggestions"]

Refused = Callable[[Exercise, Sequence[str]], Mapping[str, str]]
"""Says of an exercise's checks, by name, why one does not pass on the fixed project; nothing of one that does."""
IMPORTS = {
    "experiments.": "from unfit import experiments",
    "worlds.": "from unfit import worlds",
}
"""What a written check needs, by what it mentions."""
UNMEASURED = "not measurable: rows that were recorded hold no truth that a loss could be counted by"
FIRST = '"""Hidden checks: each one simulates, calls the submission, and compares what it did."""'


class RecordedDefect(Record):
    """One suggestion that is a defect now."""

    number: int
    """Its place in the list."""
    defect: str
    """Its id."""
    checks: tuple[str, ...]
    """Checks that it names."""
    narrowings: tuple[str, ...] = ()
    """Entries of ``corpus/wrong`` that mend a part of it."""
    left: tuple[str, ...]
    """What is still the author's, in order."""


def record_suggestions(
    exercise: Exercise,
    chosen: Sequence[Suggestion],
    *,
    trials: Mapping[int, Trial] | None = None,
    refused: Refused | None = None,
) -> tuple[RecordedDefect, ...]:
    """Record suggestions as defects: all of them, or none.

    Parameters
    ----------
    exercise : Exercise
    chosen : sequence of Suggestion
        None of which clashes with another.
    trials : mapping of int to Trial, optional
        What was seen when they were tried, by number; the checks that told one are its checks.
    refused : callable, optional
        Holds checks against the fixed project. A written check that does not pass there is begun as a comment instead.

    Returns
    -------
    recorded : tuple of RecordedDefect

    Raises
    ------
    PlantingError
        If one is recorded already, overlaps with a defect that is there or cannot be reversed, or all together would
        not compile; nothing is changed then.
    """
    _refuse_recorded(exercise, chosen)
    rules = {rule.id: rule for rule in load_standard(exercise.bank).rules}
    path = exercise.solution / "checks.py"
    text = path.read_text("utf-8") if path.is_file() else ""
    measured = "@measure" in text
    facts = _facts(exercise)
    with tempfile.TemporaryDirectory(prefix="unfit-suggest-") as scratch:
        copy = _copied(exercise, Path(scratch) / "bank")
        drafts: list[Draft] = []
        ids: list[str] = []
        for one in chosen:
            ids.append(_id_of(one, {*ids, *(defect.id for defect in exercise.defects)}))
            trial = (trials or {}).get(one.number)
            about = About(ids[-1], one.operator.name, _changed(one), *facts)
            taken = {draft.name for draft in drafts}
            drafts.append(_draft(one, rules[one.rule], text, trial, about, taken=taken))
        if refused and any(draft.kind == "whole" for draft in drafts):
            drafts = _held(load_bank(copy).exercise(exercise.slug), text, ids, drafts, refused)
        done: list[RecordedDefect] = []
        for one, name, draft in zip(chosen, ids, drafts, strict=True):
            here = load_bank(copy).exercise(exercise.slug)
            trial = (trials or {}).get(one.number)
            checks = trial.fails if trial and trial.fails else (draft.name,) if draft.name else ()
            harm = "" if measured or not _drawn_from_rows(exercise) else UNMEASURED
            _record(here, one, name, checks, Path(scratch) / name, harm=harm)
            done.append(RecordedDefect(number=one.number, defect=name, checks=checks, left=()))
        whole = load_bank(copy).exercise(exercise.slug)
        _refuse_broken(whole, [one.defect for one in done])
        entries = [_narrowed(whole, one, at.defect) for one, at in zip(chosen, done, strict=True)]
        new = _with_checks(text, drafts)
        if new != text:
            write_atomically(path, new)
        manifest = copy / "solutions" / exercise.slug / "defects.toml"
        write_atomically(exercise.solution / "defects.toml", manifest.read_bytes())
    for name, content in [item for files in entries for item in files.items()]:
        (exercise.solution / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(exercise.solution / name, content)
    told = []
    for one, at, draft, files in zip(chosen, done, drafts, entries, strict=True):
        names = tuple(sorted({str(Path(path).parent) for path in files}))
        trial = (trials or {}).get(one.number)
        harmed = measured or (None if _drawn_from_rows(exercise) else False)
        left = _left(
            one,
            at.defect,
            rules[one.rule],
            draft,
            trial,
            narrowed=len(names),
            measured=harmed,
            slug=exercise.slug,
        )
        told.append(at.model_copy(update={"narrowings": names, "left": tuple(left)}))
    return tuple(told)


def _refuse_recorded(exercise: Exercise, chosen: Sequence[Suggestion]) -> None:
    fixed = plant(exercise, ())
    there = {defect.id: plant(exercise, (defect.id,)) for defect in exercise.defects}
    for one in chosen:
        same = next((name for name, tree in there.items() if tree == one.planted_in(fixed)), None)
        if same is not None:
            raise PlantingError(
                f"suggestion {one.number} is recorded already: it is `{same}`",
                fix=f"leave it out, or take the defect `{same}` out of defects.toml first",
            )


def _held(
    copy: Exercise, text: str, names: Sequence[str], drafts: Sequence[Draft], refused: Refused
) -> list[Draft]:
    """Hold what was written against the fixed project; begin what does not pass there as a comment."""
    path = copy.solution / "checks.py"
    write_atomically(path, _with_checks(text, drafts))
    whys = refused(copy, [draft.name for draft in drafts if draft.kind == "whole"])
    path.unlink()
    return [
        begun(text, draft, name, whys[draft.name]) if draft.kind == "whole" and draft.name in whys else draft
        for name, draft in zip(names, drafts, strict=True)
    ]


def _drawn_from_rows(exercise: Exercise) -> bool:
    """Whether the exercise's world draws from recorded rows, so that it knows no truth."""
    return (exercise.solution / "recorded.json").is_file()


def _facts(exercise: Exercise) -> tuple[Mapping[str, str], str]:
    """Say what kinds of fields the exercise's rows have, and give all of its code."""
    tree = plant(exercise, ())
    kinds = columns(tree)
    for fields in exercise.manifest.contract.types.values():
        kinds |= {name: str(kind) for name, kind in fields.items()}
    drawn = set(_drawn_columns(exercise))
    kinds = {name: kind for name, kind in kinds.items() if not drawn or name in drawn}
    return kinds, "\n".join(sources(tree).values())


def _drawn_columns(exercise: Exercise) -> Iterator[str]:
    """List the columns of what is drawn for the exercise's notebooks; nothing where no rows were recorded."""
    path = exercise.solution / "recorded.json"
    recorded = Recorded.read(path) if path.is_file() else Recorded({})
    for notebook in exercise.manifest.contract.notebook:
        for table in recorded.values.get(notebook.path, {}):
            yield from recorded.value(notebook.path, table).columns


def _changed(one: Suggestion) -> str:
    """Return the fixed lines that a suggestion changes, the longest group first."""
    groups = []
    for target, text in one.texts.items():
        old = one.fixed[target].splitlines()
        groups += ["\n".join(old[start:end]) for start, end, _ in hunks(old, text.splitlines())]
    return "\n".join(sorted(groups, key=len, reverse=True))


def _narrowed(whole: Exercise, one: Suggestion, name: str) -> dict[str, bytes]:
    """Write the narrowings of a defect, as files of the solution."""
    defects = tuple(defect.id for defect in whole.defects if defect.default)
    shipped, mended = plant(whole, defects), plant(whole, [other for other in defects if other != name])
    files = {}
    for found in narrowings(one.operator.name, mended, shipped, one.texts):
        edits, brought = replacements(shipped, found.tree)
        if brought or not edits:
            continue
        folder = f"corpus/wrong/{name.replace('-', '_')}_{found.name}"
        expect = tomlkit.dumps({"format": 1, "fixes": [], "attempts": [name], "why": found.why})
        files[f"{folder}/edits.toml"] = edits_text(edits).encode()
        files[f"{folder}/expect.toml"] = f"{SCHEMA.format('expect')}{expect}".encode()
    return files


def _copied(exercise: Exercise, bank: Path) -> Path:
    """Copy what recording reads and writes, so that a refusal changes nothing."""
    to = bank / "solutions" / exercise.slug
    to.parent.mkdir(parents=True)
    shutil.copytree(
        exercise.solution, to, ignore=shutil.ignore_patterns("corpus", "checks.py", "__pycache__")
    )
    for name in ("standard.toml", "environment.lock"):
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
    one: Suggestion, rule: Rule, text: str, trial: Trial | None, about: About, *, taken: Collection[str]
) -> Draft:
    if trial is not None and trial.fails:
        return Draft("there", trial.fails[0])
    return drafted(text, proof_of(one, rule.experiments), about, taken=taken)


def _record(
    here: Exercise, one: Suggestion, name: str, checks: tuple[str, ...], folder: Path, *, harm: str
) -> None:
    operator = one.operator
    about = {
        "title": one.title,
        "category": operator.category,
        "rule": one.rule,
        "severity": operator.severity,
        "difficulty": operator.difficulty,
        "judged": "fix",
        "default": True,
        "harm": harm,
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
    whole = "".join(draft.text for draft in drafts if draft.kind == "whole")
    for mark, line in IMPORTS.items():
        text = _importing(text, line) if mark in whole else text
    return "\n\n".join([f"{text.rstrip()}\n", *(f"{piece.rstrip()}\n" for piece in new)])


def _importing(text: str, line: str) -> str:
    """Add an import below the last one at the top."""
    if f"{line}\n" in text:
        return text
    imports = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
    ]
    lines = text.split("\n")
    at = imports[-1].end_lineno or 0 if imports else 0
    return "\n".join([*lines[:at], line, *lines[at:]])


def _left(
    one: Suggestion,
    name: str,
    rule: Rule,
    draft: Draft,
    trial: Trial | None,
    *,
    narrowed: int,
    measured: bool | None,
    slug: str,
) -> Iterator[str]:
    """List what nobody but the author can do, in the order in which it is done best."""
    yield f"read {one.place} as a candidate will: docstrings and comments there must not tell"
    yield _left_of_checks(name, rule, draft, trial, slug)
    if measured:
        yield 'harm: name one of the losses that the function under @measure returns, or write "not measurable: why"'
    elif measured is False:
        yield 'harm: write "not measurable: why", or write a @measure function and name its loss'
    yield "title, severity, difficulty, asks_mended, asks_not_mended: make them speak of this exercise"
    if narrowed:
        yield f"corpus/wrong: {narrowed} narrowings were written; put better ones in their place where you know some"
    for what, ideas in (("narrowings", rule.narrowings), ("wrong fixes", rule.wrong_fixes)):
        if ideas:
            yield f"corpus/wrong: {what} to try: {'; '.join(ideas)}"
    yield f"corpus/right: two other right fixes of `{name}`"


def _left_of_checks(name: str, rule: Rule, draft: Draft, trial: Trial | None, slug: str) -> str:
    trial_of = f"unfit try {slug} --plant {name} --check {draft.name}"
    if trial is not None and trial.fails:
        return f"checks: {', '.join(trial.fails)} told it when it was tried"
    if draft.kind == "there":
        return f"checks: `{draft.name}` runs {draft.experiment}; see whether it tells: {trial_of}"
    if draft.kind == "whole":
        return f"checks: `{draft.name}` was written into checks.py; reword it, and see whether it tells: {trial_of}"
    if draft.kind == "skeleton":
        why = f"wrote none, for on the fixed project {draft.refused}; " if draft.refused else ""
        comment = (
            f"fill in {draft.experiment}, the comment for `{name}` in checks.py; name it in defects.toml"
        )
        return f"checks: {why}{comment}"
    return f"checks: the library has none for `{rule.id}`; write one with `Case`, and name it in defects.toml"
