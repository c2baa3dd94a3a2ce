"""Completeness: everything that an exercise must bring besides right verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unfit import corpus
from unfit.bank import Exercise
from unfit.bank.exercises import HISTORY, WRITTEN_ASIDE
from unfit.bank.nearest_word import nearest
from unfit.checks import Check
from unfit.likeness import ORIGIN
from unfit.planting import added, leftovers, stale
from unfit.validate.attempts import count_fixes
from unfit.validate.planning import Roles
from unfit.validate.validation import Problem, Seen

__all__ = ["incomplete", "unused"]

FIXES = 2
KNOWN_FILES = {
    "exercise.toml",
    "defects.toml",
    "decoys.toml",
    "recorded.json",
    "GUIDE.md",
    HISTORY,
    ORIGIN,
    *WRITTEN_ASIDE,
}
KNOWN_FOLDERS = {"project", "corpus", "sample"}
SCRAPS = (".orig", ".rej", ".bak", ".tmp", ".log", ".pyc", "~", ".swp")


def incomplete(exercise: Exercise, checks: Sequence[Check], roles: Roles) -> Iterator[Problem]:
    """Name everything that an exercise lacks, and everything that it should not have; only linters run for it.

    Parameters
    ----------
    exercise : Exercise
    checks : sequence of Check
    roles : Roles
    """
    yield from _named_checks(exercise, checks)
    yield from _defects(exercise)
    yield from _decoys(exercise, roles)
    yield from _papers(exercise)
    yield from _unwritten(exercise)
    yield from _blanks(exercise)
    yield from _stray(exercise)
    yield from _traces(exercise)
    paths = stale(exercise)
    if paths:
        yield _lacks(
            f"is not what the bank plants: {', '.join(paths[:5])}",
            f"exercises/{exercise.slug}",
            "run: unfit plant",
        )


def _lacks(what: str, where: str, fix: str = "") -> Problem:
    return Problem(gate="completeness", what=what, where=where, fix=fix)


def _named_checks(exercise: Exercise, checks: Sequence[Check]) -> Iterator[Problem]:
    known = [check.name for check in checks]
    named = [
        (f"defect[{defect.id}].checks", "defects.toml", name)
        for defect in exercise.defects
        for name in defect.checks
    ]
    named += [(f"decoy[{decoy.id}].check", "decoys.toml", decoy.check) for decoy in exercise.decoys]
    for key, where, name in named:
        if name not in known:
            yield _lacks(f"`{key}` names `{name}`, which is no check{nearest(name, known)}", where)


def _defects(exercise: Exercise) -> Iterator[Problem]:
    right, wrong = count_fixes(exercise)
    for defect in exercise.defects:
        where = f"defects.toml: defect[{defect.id}]"
        if not defect.asks_mended:
            yield _lacks(
                "has no questions for somebody who mended it",
                where,
                "add `asks_mended`: what was weighed, what it costs, what comes next",
            )
        if not defect.asks_not_mended:
            yield _lacks(
                "has no questions for somebody who did not mend it",
                where,
                "add `asks_not_mended`: a symptom to explain; it may not presume a remedy",
            )
        if defect.judged != "fix":
            continue
        if not defect.checks:
            yield _lacks("has no check", where, 'write one, or say judged = "finding" or "conversation"')
        for kind, count in (("right", right[defect.id]), ("wrong", wrong[defect.id])):
            if count < FIXES:
                yield _lacks(
                    f"has {count} {kind} {'fix' if count == 1 else 'fixes'} in the corpus, where {FIXES} are needed",
                    where,
                    f"add another that is written differently to corpus/{kind}; `attempts` in its expect.toml says "
                    "which defect a wrong one is about",
                )


def _decoys(exercise: Exercise, roles: Roles) -> Iterator[Problem]:
    for decoy in exercise.decoys:
        owners = roles.owners.get(decoy.check)
        if owners:
            what = f"is proven by `{decoy.check}`, which fails where `{owners[0]}` stands"
            fix = "give it a check of its own, which passes in every variant"
            yield _lacks(what, f"decoys.toml: decoy[{decoy.id}]", fix)


def unused(exercise: Exercise, seen: Sequence[Seen]) -> Iterator[Problem]:
    """Name what the contract promises and no check uses.

    Parameters
    ----------
    exercise : Exercise
    seen : sequence of Seen
        At least those of the fixed project.
    """
    asked = {name for item in seen if item.tree == "fixed" for name in item.asked}
    contract = exercise.manifest.contract
    promised = [entry.call for entry in contract.entry]
    for notebook in contract.notebook:
        promised += [notebook.path, *notebook.defines, *notebook.functions]
    for name in promised:
        if name not in asked:
            yield _lacks(
                f"the contract names `{name}`, which no check uses",
                "exercise.toml",
                "exercise it, or drop it",
            )


def _papers(exercise: Exercise) -> Iterator[Problem]:
    if not (exercise.solution / "GUIDE.md").is_file():
        yield _lacks("is missing", "GUIDE.md", "write the interviewer's walk through the exercise")
    if not (exercise.project / "README.md").is_file():
        yield _lacks("is missing", "project/README.md", "tell the story and what the service promises")
    data = exercise.project / "data"
    if data.is_dir() and not (data / "README.md").is_file():
        fix = "write the data card: columns, units, origin, licence"
        yield _lacks("is missing", "project/data/README.md", fix)


def _unwritten(exercise: Exercise) -> Iterator[Problem]:
    for entry in exercise.corpus:
        if entry.expect.why.startswith(corpus.TO_FILL_IN):
            where = exercise.name_of(entry.folder / "expect.toml")
            yield _lacks(
                "`why` is still to be filled in", where, "say why it is right, or what is still wrong"
            )


def _blanks(exercise: Exercise) -> Iterator[Problem]:
    """Name what `unfit adopt` left to the author and nobody has filled in."""
    for path in ("exercise.toml", "GUIDE.md", "project/README.md", "project/data/README.md"):
        file = exercise.solution / path
        blank = corpus.TO_FILL_IN.strip(": ")
        if file.is_file() and blank in file.read_text("utf-8", errors="replace"):
            yield _lacks(f"still says {blank}", exercise.name_of(file), "write what belongs there")


def _stray(exercise: Exercise) -> Iterator[Problem]:
    fix = "delete it, or put it where it belongs"
    for path in sorted(exercise.solution.iterdir()):
        known = KNOWN_FOLDERS if path.is_dir() else KNOWN_FILES
        if path.name not in known and path.suffix != ".py" and path.name != "__pycache__":
            yield _lacks("does not belong there", exercise.name_of(path), fix)
    for path in sorted((exercise.solution / "corpus").glob("*")):
        if path.name not in {"right", "wrong"}:
            yield _lacks("does not belong there", exercise.name_of(path), "a corpus has right/ and wrong/")
    for path in sorted((exercise.solution / "corpus").glob("*/*")):
        if not path.is_dir():
            yield _lacks("does not belong there", exercise.name_of(path), "every entry is a folder")
    for part in KNOWN_FOLDERS:
        for path in sorted((exercise.solution / part).rglob("*")):
            if path.is_file() and path.name.endswith(SCRAPS) and "__pycache__" not in path.parts:
                yield _lacks("does not belong there", exercise.name_of(path), fix)


def _traces(exercise: Exercise) -> Iterator[Problem]:
    """Look for what would tell: unused names, and linters' findings that nobody listed."""
    for variant, lints in leftovers(exercise).items():
        for lint in lints:
            what = f"planting {variant} leaves this: {lint.rule} {lint.message}"
            yield _lacks(what, lint.place, "let the defect's edits remove it, or use it elsewhere")
    for defect in exercise.defects:
        listed = {rule.partition(":")[0] for rule in defect.linters}
        listed |= {mark.removeprefix("ruff:") for mark in defect.tools}
        for lint in added(exercise, [defect.id]):
            if lint.rule not in listed:
                what = f"planting `{defect.id}` adds a finding of ruff that is not listed: {lint.rule} {lint.message}"
                fix = f'avoid it, or list it with its reason: linters = ["{lint.rule}: why it stays"]'
                yield _lacks(what, lint.place, fix)
        for lint in added(exercise, [defect.id], configured=True):
            what = f"planting `{defect.id}` adds {lint.rule} {lint.message}, under the project's own configuration"
            yield _lacks(what, lint.place, "choose a form that the project's own linter does not find")
