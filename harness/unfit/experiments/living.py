"""Living: what a service that goes on keeps, how long it lets wait, what it tells and what a request costs."""

from __future__ import annotations

import math
import time
import timeit
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from types import TracebackType
from typing import Any, Self, TypeVar

import pandas as pd

from unfit.case import Case
from unfit.experiments.standins import Clock, Registry, Upstream
from unfit.experiments.stillness import largest_change, promised

__all__ = ["Worker", "comes_in_time", "kept_at_most", "kept_for", "tells_truly", "work_beyond"]


class Worker:
    """A worker of the service in a process of its own, which lives on until it is closed.

    Parameters
    ----------
    case : Case
    start : str
        The entry point that starts it; it gets the stand-ins.
    *standins : Registry, Upstream or Clock
        What the worker asks, in the order of the contract. A check keeps them, to move the clock and to count.
    seconds : float, default=30
        Processor seconds of its whole life.
    """

    def __init__(
        self, case: Case, start: str, *standins: Registry | Upstream | Clock, seconds: float = 30.0
    ) -> None:
        self._session = case.session(seconds=seconds)
        self._session.call(start, *(case.double(one, one.methods) for one in standins))

    def call(self, entry: str, *args: Any) -> Any:
        """Ask; a call that raises ends the check."""
        return self._session.call(entry, *args)

    def attempt(self, entry: str, *args: Any) -> Any:
        """Ask; nothing comes back where the call raises, and that is another check's matter."""
        return self._session.attempt(entry, *args).value

    def close(self) -> None:
        """End the process, so that the next one finds room."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


Living = TypeVar("Living", bound=Worker)
Answer = TypeVar("Answer")


def kept_for(
    case: Case,
    ask: Callable[[str], Any],
    upstream: Upstream,
    clock: Clock,
    *,
    seconds: float,
    early: Sequence[str],
    late: Sequence[str],
    margin: float = 1.0,
    meanwhile: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Let some callers come back just before what is kept for them runs out, and others just after.

    Parameters
    ----------
    case : Case
    ask : callable
        Takes a caller and returns the answer of one worker.
    upstream : Upstream
    clock : Clock
    seconds : float
        How long an answer is kept.
    early, late : sequence of str
        Who comes back before, and who only after. Nobody is among both, so that it does not matter whether the time
        runs from the first visit or from the last.
    margin : float, default=1
        How far from the end of the time they come; sums of seconds are not exact.
    meanwhile : callable, optional
        Changes what upstream knows of those who come late.

    Returns
    -------
    answers : dict of str to object
        What those who came late got then.

    Notes
    -----
    Rules: ``bounded``, ``keyed``. Exact. What must not move: the answers of those who come early, for whom upstream is
    not asked. It is asked again for all others.

    Built against: nothing kept; kept too short, too long or for ever; upstream asked although the answer is kept.
    """
    first = {who: ask(who) for who in (*early, *late)}
    if meanwhile is not None:
        meanwhile()
    clock.now += seconds - margin
    asked = len(upstream.asked)
    again = {who: ask(who) for who in early}
    before, after = (pd.Series({who: rows[who] for who in early}, dtype=object) for rows in (first, again))
    seen, row = largest_change(before, after)
    case.compare("an answer moved by {seen} within the time", seen=seen, limit=0, row=row)
    case.equal("within the time upstream is asked about {seen}", upstream.asked[asked:], [], unit="callers")
    clock.now += 2 * margin
    asked = len(upstream.asked)
    answers = {who: ask(who) for who in late}
    known = sorted(set(upstream.asked[asked:]))
    case.equal("after the time upstream is asked about {seen}", known, sorted(late), unit="callers")
    return answers


def kept_at_most(
    case: Case,
    ask: Callable[[str], Any],
    upstream: Upstream,
    crowds: Iterable[tuple[Callable[[], object], Sequence[str]]],
    *,
    room: int,
) -> None:
    """Let more callers come than there is room for, and all of them again: no more than the room cost nothing.

    Parameters
    ----------
    case : Case
    ask : callable
        Takes a caller and asks one worker.
    upstream : Upstream
    crowds : iterable of (callable, sequence of str)
        Each crowd with what happens before it comes: another model is put in force, or nothing. Nobody is in two.
        Mix callers of all kinds, those whom upstream does not know among them.
    room : int
        For how many callers the documents say there is room.

    Notes
    -----
    Rule: ``bounded``. Exact, whatever is let go for whom: a caller who was let go costs upstream a question. Those who
    came last are asked about first, so that a room that is too large shows whole. Let everybody come before what is
    kept runs out.

    Built against: kept for ever; swept out only when it is too old; a room for each kind of caller or for each model;
    a room far above the documented one.
    """
    waiting = [(enter, list(crowd)) for enter, crowd in crowds]
    for enter, crowd in waiting:
        enter()
        for who in crowd:
            ask(who)
    free = 0
    for enter, crowd in waiting:
        enter()
        asked = len(upstream.asked)
        for who in reversed(crowd):
            ask(who)
        free += len(crowd) - (len(upstream.asked) - asked)
    everybody = sum(len(crowd) for _, crowd in waiting)
    case.compare(
        "{seen} come back and cost upstream nothing", seen=free, limit=room, unit=f"of {everybody} callers"
    )


def comes_in_time(
    case: Case,
    start: Callable[[], Living],
    requests: Callable[[Living], Iterable[tuple[str, Callable[[], Answer]]]],
    *,
    within: float,
    tries: int = 3,
) -> tuple[Living, dict[str, Answer]]:
    """Time requests while something that the service asks hangs: each is answered, and in time.

    Parameters
    ----------
    case : Case
    start : callable
        Starts a worker; called anew for each try.
    requests : callable
        Takes the worker, lets upstream hang, and yields who asks, in words, with the question. Let callers of all kinds
        ask: who is new, who was here before, who is known to nobody, and by each form of request.
    within : float
        Real seconds: well above the promise, since the machine is busy, and well below what upstream takes.
    tries : int, default=3
        The machine may be busy: the best of so many counts.

    Returns
    -------
    worker : Worker
        The last one, whose upstream hangs still.
    answers : dict of str to object
        By who asks; those after the first late one are missing.

    Notes
    -----
    Rule: ``upstream``. An error is a failure, since an answer is promised. A promise is told from a broken one only as
    far as `within` lies from both.

    Built against: no deadline; a pool that is waited for; a second and third try; a deadline for new callers only.
    """
    for number in range(tries):
        worker = start()
        answers: dict[str, Answer] = {}
        slowest, whose = 0.0, ""
        for who, ask in requests(worker):
            began = time.monotonic()
            with promised(case, f"{who}, while it hangs"):
                answers[who] = ask()
            took = time.monotonic() - began
            if took > slowest:
                slowest, whose = took, who
            if slowest > within:
                break
        if slowest <= within or number == tries - 1:
            break
        worker.close()
    case.compare(
        "the slowest answer took {seen} while upstream hung", seen=slowest, limit=within, unit="s", row=whose
    )
    return worker, answers


def tells_truly(
    case: Case,
    lived: Callable[[], tuple[Mapping[str, float], Mapping[str, float]]],
    *,
    gap: float = 1e-6,
    tries: int = 3,
) -> None:
    """Compare what a worker tells of its requests with what they were.

    Parameters
    ----------
    case : Case
    lived : callable
        Lets requests of all kinds come to a worker; returns what it tells, by name, and what is true of them.
    gap : float
        How far the two may lie apart: the rounding of sums.
    tries : int, default=3
        The machine may be busy: a request that was given up for it counts as another.

    Notes
    -----
    Rule: ``numbers-for-on-call``. Exact, by a `Clock` that stands. Stay off the boundary of what is counted as fast.

    Built against: requests counted and nothing else; another clock than the service's; a part of the request timed;
    what cost nothing left out; everything that is not as usual counted as a fallback.
    """
    for _ in range(tries):
        told, true = lived()
        off = {name: abs(told.get(name, math.nan) - value) for name, value in true.items()}
        if all(value <= gap for value in off.values()):
            break
    for name, value in off.items():
        row = f"{told.get(name, math.nan):g} told, {true[name]:g} true"
        case.compare(f"{name}: told less true", seen=value, limit=gap, row=row)


def work_beyond(
    case: Case,
    turns: Iterable[tuple[Callable[[], object], Callable[[], object]]],
    unit: Callable[[], object],
) -> float:
    """Measure what a request costs in a large world beyond one in a small world, in units of one operation.

    Parameters
    ----------
    case : Case
    turns : iterable of (callable, callable)
        Requests: one in the large world and one in the small. No answer may be kept from another.
    unit : callable
        The operation, at the size of the large world.

    Returns
    -------
    units : float

    Notes
    -----
    Rule: ``bounded``. Processor seconds of the submission, so that a busy machine slows nobody; what the two worlds
    share, such as the way to the service, falls out. They are counted in hundredths: let the limit come to ten of
    these over all turns. Hold the number against a limit between the dearest right fix and the cheapest wrong one.

    Built against: a hundred models, one by one and all at once; seventy models.
    """
    beyond = list[float]()
    for large, small in turns:
        spent = [case.spent]
        for ask in (large, small):
            ask()
            spent.append(case.spent)
        beyond.append(spent[1] - spent[0] - (spent[2] - spent[1]))
    alone = min(timeit.repeat(unit, number=100, repeat=20)) / 100
    return max(fmean(beyond), 0.0) / alone
