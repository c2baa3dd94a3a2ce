"""Hidden checks: declared by authors, loaded and put in order by the grader."""

from __future__ import annotations

import hashlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Any, overload

from unfit.brief import brief
from unfit.case import Case, Ended, Terms
from unfit.errors import CheckError, UnfitError, Unjudged, WireError
from unfit.grades import Outcome, Verdict
from unfit.sandbox import Worker

__all__ = [
    "Case",
    "Check",
    "Incident",
    "Measure",
    "Outcomes",
    "check",
    "in_order",
    "incident",
    "load_checks",
    "load_incidents",
    "load_measure",
    "measure",
    "raised",
    "run",
]

Experiment = Callable[[Case], None]
Losses = Callable[[Case], Mapping[str, float]]
Outcomes = Sequence[str | int | float | bool | None]
"""What happened: one outcome a question, in words or numbers that a person reads."""


@dataclass(frozen=True)
class Check:
    """One hidden experiment.

    Parameters
    ----------
    name : str
        The truth that it tests.
    sentence : str
        The first line of its docstring: what people read on the report.
    requires : tuple of str
        Guards that must pass first.
    after : tuple of str
        Checks of the same defect that must pass first.
    blocked_by : mapping of str to str
        Checks of other defects that must pass first, each with the reason for the coupling.
    """

    name: str
    sentence: str
    experiment: Experiment = field(repr=False, compare=False)
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    blocked_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        """Every check that must pass before this one means anything."""
        return (*self.requires, *self.after, *self.blocked_by)


@overload
def check(experiment: Experiment) -> Check: ...


@overload
def check(
    *, requires: Sequence[str] = (), after: Sequence[str] = (), blocked_by: Mapping[str, str] | None = None
) -> Callable[[Experiment], Check]: ...


def check(
    experiment: Experiment | None = None,
    *,
    requires: Sequence[str] = (),
    after: Sequence[str] = (),
    blocked_by: Mapping[str, str] | None = None,
) -> Check | Callable[[Experiment], Check]:
    """Declare a function as a hidden check.

    Parameters
    ----------
    experiment : callable
        Takes a `Case`; its docstring's first line is the sentence on the report.
    requires, after : sequence of str
        Guards, and checks of the same defect, without which this check proves nothing.
    blocked_by : mapping of str to str
        Checks of other defects that must pass first, with the reason.

    Examples
    --------
    >>> from unfit import Case, check
    >>> @check
    ... def score_is_a_probability(case: Case) -> None:
    ...     "A score lies between 0 and 1."
    ...     case.compare("largest score", seen=case.call("demo:score", 3.0), limit=1.0)
    >>> score_is_a_probability.sentence
    'A score lies between 0 and 1.'
    """

    def declare(function: Experiment) -> Check:
        sentence = (function.__doc__ or "").strip().partition("\n")[0]
        if not sentence:
            raise CheckError(
                f"check `{function.__name__}` has no docstring",
                fix="say in one sentence what is true where it passes; the report shows it",
            )
        return Check(
            function.__name__, sentence, function, tuple(requires), tuple(after), dict(blocked_by or {})
        )

    return declare if experiment is None else declare(experiment)


@dataclass(frozen=True)
class Measure:
    """What a submission costs in the world, as named losses; it judges nobody.

    Parameters
    ----------
    name : str
    sentence : str
        The first line of its docstring.
    """

    name: str
    sentence: str
    losses: Losses = field(repr=False, compare=False)


def measure(function: Losses) -> Measure:
    """Declare the one function that measures what a submission costs in the world.

    Parameters
    ----------
    function : callable
        Takes a `Case` and returns losses in the world's own units, by name, such as
        ``{"missed cancers per 1,000 referrals": 12.0}``; more is worse.
    """
    sentence = (function.__doc__ or "").strip().partition("\n")[0]
    return Measure(function.__name__, sentence, function)


def load_measure(solution: Path) -> Measure | None:
    """Load the function of an exercise's checks that measures harm, if it has one.

    Raises
    ------
    CheckError
        If there are two, or ``checks.py`` does not import.
    """
    found = [value for value in vars(_load(solution, "checks")).values() if isinstance(value, Measure)]
    if len(found) > 1:
        raise CheckError(
            f"{solution / 'checks.py'}: `{found[0].name}` and `{found[1].name}` both measure harm",
            fix="return every named loss from one function",
        )
    return found[0] if found else None


@dataclass(frozen=True)
class Incident:
    """Something that happens to a service, of which a candidate predicts what their own code will do.

    Parameters
    ----------
    name : str
    told : str
        The first paragraph of its docstring, as one line: what the candidate is told.
    questions : tuple of str
        What the candidate predicts.
    """

    name: str
    told: str
    questions: tuple[str, ...]
    happens: Callable[[Case], Outcomes] = field(repr=False, compare=False)


def incident(*questions: str) -> Callable[[Callable[[Case], Outcomes]], Incident]:
    """Declare a function as an incident for the conversation after a grade.

    Parameters
    ----------
    *questions : str
        What the candidate predicts before it runs. The function returns one outcome for each, in this order.

    Examples
    --------
    >>> from unfit import Case, incident
    >>> @incident("What score does the basket get?")
    ... def an_empty_basket(case: Case) -> list[float]:
    ...     "On Friday somebody sends an empty basket."
    ...     return [case.call("demo:score", 0.0)]
    >>> an_empty_basket.told
    'On Friday somebody sends an empty basket.'
    """

    def declare(function: Callable[[Case], Outcomes]) -> Incident:
        told = " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
        if not told:
            raise CheckError(
                f"incident `{function.__name__}` has no docstring",
                fix="say in a sentence or two what happens; the candidate is told exactly that",
            )
        if not questions or len(set(questions)) < len(questions):
            raise CheckError(
                f"incident `{function.__name__}` asks nothing, or one thing twice",
                fix='name what is to be predicted: @incident("How many are held?")',
            )
        return Incident(function.__name__, told, questions, function)

    return declare


def load_incidents(solution: Path) -> tuple[Incident, ...]:
    """Load the incidents of an exercise, in the order of the file; none where it declares none."""
    return tuple(value for value in vars(_load(solution, "checks")).values() if isinstance(value, Incident))


def load_checks(solution: Path) -> tuple[Check, ...]:
    """Load the hidden checks of an exercise, in an order that their needs allow.

    Parameters
    ----------
    solution : Path
        The solution's folder; it is loaded as a package, so that ``checks.py`` can import its neighbours.

    Raises
    ------
    CheckError
        If there is no ``checks.py``, it does not import, or its needs go round in a circle.
    """
    module = _load(solution, "checks")
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    return in_order(found, source=str(solution / "checks.py"))


def in_order(checks: Iterable[Check], *, source: str = "checks.py") -> tuple[Check, ...]:
    """Sort checks so that each stands behind what it needs."""
    by_name = {check.name: check for check in checks}
    for item in by_name.values():
        unknown = [need for need in item.needs if need not in by_name]
        if unknown:
            raise CheckError(
                f"{source}: check `{item.name}` needs `{unknown[0]}`, which does not exist",
                fix=f"name one of {', '.join(by_name)}",
            )
    try:
        order = list(TopologicalSorter({name: item.needs for name, item in by_name.items()}).static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise CheckError(
            f"{source}: checks wait for one another: {circle}", fix="drop one of these needs"
        ) from None
    return tuple(by_name[name] for name in order)


def run(
    item: Check,
    worker: Worker,
    terms: Terms,
    *,
    seed: int,
    shared_seed: int | None = None,
    done: Mapping[str, Verdict],
    kernel: bool = False,
    strict: bool = False,
) -> tuple[Verdict, float]:
    """Run one check.

    Parameters
    ----------
    item : Check
    worker : Worker
        The sandbox around the submission.
    terms : Terms
        The exercise's contract.
    seed : int
        The check's own seed.
    shared_seed : int, optional
        The seed that all checks of the grade share; the check's own where not given.
    done : mapping of str to Verdict
        The verdicts so far; all that the check needs are among them.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.
    strict : bool, default=False
        Whether a check may not even raise once it has seen something wrong, which decides it already.

    Returns
    -------
    verdict : Verdict
    spent : float
        Processor seconds of the submission.

    Raises
    ------
    CheckError
        If the check itself is broken: then no grade may be written.
    """
    blockers = tuple(need for need in item.needs if done[need].outcome is not Outcome.PASSED)
    facts: dict[str, Any] = {"check": item.name, "sentence": item.sentence, "seed": seed}
    if blockers:
        cause = f"needs {', '.join(blockers)} to pass first"
        return Verdict(**facts, outcome=Outcome.UNPROVEN, cause=cause, blockers=blockers), 0.0
    case = Case(worker, terms, seed=seed, shared_seed=shared_seed, kernel=kernel)
    try:
        ending = _experiment(item, case, strict=strict)
    finally:
        case.close()
    return _verdict(case, ending, facts), case.spent


def _experiment(item: Check, case: Case, *, strict: bool) -> Ended | None:
    try:
        item.experiment(case)
    except Ended as ended:
        return ended
    except Exception as error:
        if isinstance(error, UnfitError) and not isinstance(error, WireError):
            raise
        if not strict and _seen_wrong(case):
            return None
        broken = raised(
            f"check `{item.name}`",
            error,
            fix="mend the check: whatever a submission returns within the contract, it must reach a verdict",
        )
        raise Unjudged(broken.message, fix=broken.fix) from error
    if not case.evidence:
        raise Unjudged(
            f"check `{item.name}` compared nothing",
            fix="end it with case.compare, case.equal or case.confirm; a check that cannot fail proves nothing",
        )
    return None


def raised(what: str, error: Exception, *, fix: str) -> CheckError:
    """Tell of an author's function that raised, with the line of the author's file where it did."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).name in {"checks.py", "world.py", "doubles.py"}]
    place = (own or list(frames))[-1]
    said = brief(error)
    return CheckError(
        f"{what} raised {type(error).__name__}: {said} ({Path(place.filename).name}:{place.lineno})", fix=fix
    )


def _seen_wrong(case: Case) -> bool:
    return any(not item.passed for item in case.evidence)


def _verdict(case: Case, ending: Ended | None, facts: dict[str, Any]) -> Verdict:
    evidence = tuple(case.evidence)
    seen_wrong = _seen_wrong(case)
    if ending is not None:
        failed = seen_wrong and ending.outcome is Outcome.ERRORED
        return Verdict(
            **facts,
            outcome=Outcome.FAILED if failed else ending.outcome,
            evidence=evidence,
            cause=ending.cause,
            where=ending.where,
            detail=ending.detail,
            replayable=ending.replayable,
        )
    return Verdict(**facts, outcome=Outcome.FAILED if seen_wrong else Outcome.PASSED, evidence=evidence)


def _load(solution: Path, name: str) -> ModuleType:
    """Import a module of a solution under a package name of its own."""
    package = f"unfit_bank_{hashlib.sha256(str(solution.resolve()).encode()).hexdigest()[:12]}"
    path = solution / f"{name}.py"
    if not path.is_file():
        raise CheckError(f"{path} is missing", fix="write the hidden checks; `unfit new` shows how they look")
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = [str(solution)]
        sys.modules[package] = parent
    try:
        return importlib.import_module(f"{package}.{name}")
    except UnfitError:
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise CheckError(
            f"{path} does not import: {type(error).__name__}: {error} ({place.filename}:{place.lineno})",
            fix="run it after mending the line that is named",
        ) from error
