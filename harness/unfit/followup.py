"""The follow-up: incidents that a candidate has not met, what they predict of their own code, and what it does."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlkit
from pydantic import Field

from unfit import __version__
from unfit.bank import Exercise, read_manifest
from unfit.bank.nearest_word import nearest
from unfit.case import Case, Ended, Terms
from unfit.check_seeds import seed_of
from unfit.checks import Incident, load_incidents, raised
from unfit.errors import CheckError, UnfitError, UsageError
from unfit.files import write_atomically
from unfit.grades import BackendUsed, ExerciseUsed, Grade, SubmissionUsed
from unfit.records import Record
from unfit.remembered_answers import Memory, RememberingWorker
from unfit.report.harmless_text import line
from unfit.report.html import page
from unfit.sandbox import Backend, Environment, Worker, ensure_works, unbounded
from unfit.submission import Submission

__all__ = [
    "Answered",
    "Followup",
    "Happened",
    "Plan",
    "Predictions",
    "carry_out",
    "ensure_of_one",
    "plan",
    "predictions_by",
    "read_predictions",
    "render_html",
    "render_json",
    "render_text",
    "sheet_seed",
    "write_sheet",
]

DRAWN = 3
"""Incidents of one follow-up: what an hour of talking has room for."""
LONGEST = 2000
Predictions = Mapping[str, Mapping[str, str]]
"""By incident and question, in the candidate's words."""
Watcher = Callable[[Incident], None]


class Answered(Record):
    """One question, with what was predicted and what was seen; no machine compares them."""

    question: str
    predicted: str = ""
    """In the candidate's words; empty where nothing was predicted."""
    seen: str = ""
    """In words or numbers; empty where the code came to no answer."""


class Happened(Record):
    """One incident, as it went with this submission."""

    name: str
    told: str
    answers: tuple[Answered, ...]
    fault: str = ""
    """How the submission ended where it came to no answer: an outcome like any other."""
    where: str = ""
    detail: str = ""
    """The submission's own words about the fault."""
    seconds: float = 0.0


class Followup(Record):
    """Predictions and outcomes side by side."""

    format: Literal[1] = 1
    kit: str
    exercise: ExerciseUsed
    submission: SubmissionUsed
    backend: BackendUsed
    seed: int
    incidents: tuple[Happened, ...]


class _Prediction(Record):
    question: str
    predicted: str = ""


class _Foreseen(Record):
    name: str
    told: str = ""
    predictions: tuple[_Prediction, ...] = Field(default=(), alias="prediction")


class _Sheet(Record):
    format: Literal[1]
    seed: int
    incidents: tuple[_Foreseen, ...] = Field(default=(), alias="incident")


@dataclass(frozen=True)
class Plan:
    """What will happen: the incidents that were drawn, for which submission, under which seed."""

    exercise: Exercise
    grade: Grade
    submission: Submission
    seed: int
    incidents: tuple[Incident, ...]


def plan(exercise: Exercise, grade: Grade, submission: Submission, *, seed: int | None = None) -> Plan:
    """Draw the incidents of a follow-up.

    Parameters
    ----------
    exercise : Exercise
    grade : Grade
        Of this very submission.
    submission : Submission
    seed : int, optional
        The grade's own where not given, so that the same grade leads to the same incidents.

    Returns
    -------
    plan : Plan

    Raises
    ------
    UsageError
        If grade, submission and exercise do not belong together, or the exercise declares no incident.
    """
    if grade.review_only:
        raise UsageError(
            "only a review was handed in, so there is no code that an incident could happen to",
            fix="talk about the review; the report has the questions",
        )
    ensure_of_one(exercise, grade, submission)
    known = load_incidents(exercise.solution)
    if not known:
        raise UsageError(
            f"{exercise.slug} declares no incidents",
            fix="add some to its checks.py with @incident; docs/reference/checks.md shows how",
        )
    drawn = grade.seed if seed is None else seed
    chosen = random.Random(drawn).sample(known, min(DRAWN, len(known)))  # noqa: S311 - a draw, no secret
    return Plan(exercise, grade, submission, drawn, tuple(item for item in known if item in chosen))


def ensure_of_one(exercise: Exercise, grade: Grade, submission: Submission) -> None:
    """Refuse a grade, a submission and an exercise that do not belong together."""
    if grade.exercise.slug != exercise.slug:
        raise UsageError(
            f"the grade is one of {grade.exercise.slug}, not of {exercise.slug}", fix="name its own exercise"
        )
    if grade.exercise.version != exercise.manifest.version:
        raise UsageError(
            f"the grade is of {exercise.slug} {grade.exercise.version},"
            f" and this bank holds {exercise.manifest.version}",
            fix="grade the submission again, or name the bank that it was graded with: --bank DIR",
        )
    if grade.submission.digest != submission.digest:
        raise UsageError(
            f"the grade is not of this submission: it says {grade.submission.digest[:12]},"
            f" and {line(submission.name, most=80)} has {submission.digest[:12]}",
            fix="name the folder or archive that was graded, unchanged; or grade this one first",
        )


def write_sheet(plan: Plan, path: Path) -> None:
    """Write the incidents with room for predictions, as TOML."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Write down what your code will do, then run the same command again."))
    document.add("format", tomlkit.item(1))
    document.add("seed", tomlkit.item(plan.seed))
    incidents = tomlkit.aot()
    for item in plan.incidents:
        table = tomlkit.table()
        table.add("name", item.name)
        table.add("told", item.told)
        predictions = tomlkit.aot()
        for question in item.questions:
            row = tomlkit.table()
            row.add("question", question)
            row.add("predicted", "")
            predictions.append(row)
        table.add("prediction", predictions)
        incidents.append(table)
    document.add("incident", incidents)
    write_atomically(path, tomlkit.dumps(document))


def read_predictions(plan: Plan, path: Path) -> Predictions:
    """Read predictions from a sheet that `write_sheet` began.

    Raises
    ------
    ManifestError
        If the file breaks its format.
    UsageError
        If it belongs to another draw, names what was not asked, or predicts nothing.
    """
    sheet = read_manifest(path, _Sheet)
    if sheet.seed != plan.seed:
        raise UsageError(
            f"{path}: was written for seed {sheet.seed}, and this follow-up has {plan.seed}",
            fix=f"add --seed {sheet.seed}, or begin with a new file",
        )
    asked = {item.name: item.questions for item in plan.incidents}
    found: dict[str, dict[str, str]] = {}
    for item in sheet.incidents:
        if item.name not in asked:
            raise UsageError(
                f"{path}: `{item.name}` was not drawn{nearest(item.name, asked)}",
                fix="leave names as they are",
            )
        for row in item.predictions:
            if row.question not in asked[item.name]:
                raise UsageError(
                    f"{path}: `{item.name}` does not ask: {row.question}", fix="leave questions as they are"
                )
            found.setdefault(item.name, {})[row.question] = row.predicted.strip()[:LONGEST]
    if not any(text for rows in found.values() for text in rows.values()):
        raise UsageError(f"{path}: nothing is predicted yet", fix="fill in `predicted` before the code runs")
    return found


def carry_out(
    plan: Plan,
    predictions: Predictions,
    *,
    backend: Backend,
    environment: Environment,
    watch: Watcher | None = None,
) -> Followup:
    """Let the incidents happen to the submission.

    Parameters
    ----------
    plan : Plan
    predictions : mapping of str to mapping of str to str
        By incident and question.
    backend : Backend
        What confines the submission.
    environment : Environment
        The Python that runs it.
    watch : callable, optional
        Told of each incident when it starts.

    Returns
    -------
    followup : Followup
        A fault of the submission is an outcome.

    Raises
    ------
    SandboxError
        If nothing on this machine can confine the submission.
    CheckError
        If an incident is itself broken.
    """
    ensure_works(backend)
    paths = plan.exercise.manifest.contract.paths
    happened: list[Happened] = []
    with backend.open(plan.submission.root, environment, paths=paths) as worker:
        shared = _seed(plan, "")
        questions = RememberingWorker(lambda: worker, Memory(), only=shared)
        for item in plan.incidents:
            if watch:
                watch(item)
            questions.begin()
            happened.append(_happen(plan, item, questions, shared, predictions.get(item.name, {})))
    return Followup(
        kit=__version__,
        exercise=plan.grade.exercise,
        submission=plan.grade.submission,
        backend=BackendUsed(name=backend.name, protected=backend.protected, detail=unbounded(backend)),
        seed=plan.seed,
        incidents=tuple(happened),
    )


def _seed(plan: Plan, name: str) -> int:
    """Derive a seed that no check of the grade had, so that the candidate's code meets other data."""
    return seed_of(f"follow-up {name}", seed=plan.seed, version=plan.exercise.manifest.version)


def _happen(
    plan: Plan, item: Incident, worker: Worker, shared: int, predicted: Mapping[str, str]
) -> Happened:
    terms = Terms(plan.exercise.manifest.contract, source=f"{plan.exercise.slug}/exercise.toml")
    case = Case(worker, terms, seed=_seed(plan, item.name), shared_seed=shared)
    started = time.monotonic()
    try:
        seen, ended = _seen(item, case)
    finally:
        case.close()
    return Happened(
        name=item.name,
        told=item.told,
        answers=tuple(
            Answered(question=one, predicted=predicted.get(one, ""), seen=seen.get(one, ""))
            for one in item.questions
        ),
        fault=line(ended.cause) if ended else "",
        where=ended.where if ended else "",
        detail=ended.detail if ended else "",
        seconds=round(time.monotonic() - started, 2),
    )


def _seen(item: Incident, case: Case) -> tuple[dict[str, str], Ended | None]:
    try:
        outcomes = item.happens(case)
    except Ended as ended:
        return {}, ended
    except UnfitError:
        raise
    except Exception as error:
        raise raised(
            f"incident `{item.name}`",
            error,
            fix="mend the incident: whatever a submission returns within the contract, it must come to an outcome",
        ) from error
    if len(outcomes) != len(item.questions):
        raise CheckError(
            f"incident `{item.name}` asks {len(item.questions)} questions and answers {len(outcomes)}",
            fix="return one outcome for each question of @incident, in their order",
        )
    return dict(zip(item.questions, map(_words, outcomes), strict=True)), None


def _words(value: Any) -> str:
    """Spell an outcome as a person would."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _number(value)
    return str(value)[:LONGEST]


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "not a number"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def render_json(followup: Followup) -> str:
    """Dump a follow-up as ASCII JSON, fields in the order of the records."""
    return json.dumps(json.loads(followup.model_dump_json()), indent=2) + "\n"


def render_html(followup: Followup) -> str:
    """Render one page: prediction beside outcome, offline, without script."""
    return page("followup.html.j2", followup=followup)


def render_text(followup: Followup) -> str:
    """Write prediction and outcome below each other, for a terminal."""
    return "\n\n".join(_block(number, item) for number, item in enumerate(followup.incidents, 1))


def _block(number: int, item: Happened) -> str:
    rows = [f"{number}. {line(item.told)}"]
    for answer in item.answers:
        rows += [f"   {line(answer.question)}", f"     predicted  {line(answer.predicted) or '(nothing)'}"]
        rows += [_indented("     happened   ", answer.seen)] if not item.fault else []
    return "\n".join(rows + ([f"   It came to no answer: {line(item.fault)}"] if item.fault else []))


def _indented(lead: str, text: str) -> str:
    first, *rest = [line(part) for part in text.splitlines()] or [""]
    return "\n".join([lead + first, *(" " * len(lead) + part for part in rest)])


def predictions_by(plan: Plan, ask: Callable[[str], str], say: Callable[[str], None]) -> Predictions:
    """Take predictions from a person, incident by incident, before anything runs."""
    found: dict[str, dict[str, str]] = {}
    for number, item in enumerate(plan.incidents, 1):
        say(f"\n{number} of {len(plan.incidents)}. {item.told}")
        found[item.name] = {question: ask(question).strip()[:LONGEST] for question in item.questions}
    return found


def sheet_seed(path: Path) -> int | None:
    """Read the seed of a sheet, so that a second run need not name it."""
    return read_manifest(path, _Sheet).seed if path.exists() else None
