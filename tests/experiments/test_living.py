"""Experiments on a service that lives on tell one that keeps the rule from those that break it plainly or narrowly."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from miniature import outcome
from stubs import Answers
from unfit.bank import Contract
from unfit.case import Case, Terms
from unfit.experiments import (
    Clock,
    Registry,
    Upstream,
    Worker,
    comes_in_time,
    kept_at_most,
    kept_for,
    tells_truly,
    work_beyond,
)
from unfit.sandbox import Fault, FaultKind

ROOM, SECONDS = 6, 60.0
HANGS, WITHIN = 0.3, 0.15
KNOWN = {f"V{at}": at / 10 for at in range(20)}
CONTRACT = Contract.model_validate(
    {
        "entry": [
            {"call": f"shop:{name}", "does": "It.", "returns": "Any"} for name in ("start", "ask", "told")
        ]
    }
)


class Shop:
    """A service that keeps what it asked, gives an answer of its own in need, and counts; parts are replaced."""

    seconds, room, tries, patience = SECONDS, ROOM, 1, 0.05

    def start(self, registry: Any, store: Any, clock: Any) -> None:
        self.registry, self.store, self.clock = registry.target, store.target, clock.target
        self.kept: dict[Any, tuple[float, Any]] = {}
        self.counts: Counter[str] = Counter()

    def key(self, who: str) -> Any:
        return self.registry.latest(), who

    def ask(self, who: str) -> Any:
        began, key = self.clock.time(), self.key(who)
        at, answer = self.kept.get(key, (-math.inf, None))
        hit = began - at < self.seconds
        if not hit:
            answer = self.asked(who)
            if answer != "in need":
                self.keep(key, answer)
        self.count(self.clock.time() - began, hit=hit, fallback=answer == "in need")
        return answer

    def asked(self, who: str) -> Any:
        for _ in range(self.tries):
            try:
                return self.store.get(who, timeout=self.patience) or "popular"
            except (ConnectionError, TimeoutError):
                continue
        return "in need"

    def keep(self, key: Any, answer: Any) -> None:
        self.kept.pop(key, None)
        self.kept[key] = self.clock.time(), answer
        while len(self.kept) > self.room:
            self.kept.pop(next(iter(self.kept)))

    def count(self, took: float, *, hit: bool, fallback: bool) -> None:
        self.counts.update(requests=1, hits=hit, fallbacks=fallback)
        self.counts["seconds"] += took  # type: ignore[assignment]

    def told(self) -> dict[str, float]:
        return dict(self.counts)


class Evening(Worker):
    """A worker of the shop, with its stand-ins."""

    def __init__(self, case: Case) -> None:
        self.clock = Clock()
        self.store, self.registry = Upstream(KNOWN, self.clock), Registry("one", {}, self.clock)
        super().__init__(case, "shop:start", self.registry, self.store, self.clock)

    def ask(self, who: str) -> Any:
        return self.call("shop:ask", who)


def case_of(shop: Shop) -> Case:
    def faulty(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            try:
                return function(*args)
            except Exception as error:  # noqa: BLE001 - what a worker does
                return Fault(FaultKind.RAISED, f"{type(error).__name__}: {error}", where="shop.py:1")

        return call

    table = {f"shop:{name}": faulty(getattr(shop, name)) for name in ("start", "ask", "told")}
    return Case(Answers(table), Terms(CONTRACT, source="exercise.toml"), seed=5)


def kept(case: Case) -> None:
    evening = Evening(case)

    def change() -> None:
        evening.store.known["V4"] = 0.9

    late = kept_for(
        case,
        evening.ask,
        evening.store,
        evening.clock,
        seconds=SECONDS,
        early=["V1", "V2"],
        late=["V4", "N1"],
        meanwhile=change,
    )
    case.equal("late", late["V4"], 0.9)


def bounded(case: Case) -> None:
    crowd, one = [*list(KNOWN)[:10], "N1", "N2"], Evening(case)
    kept_at_most(case, one.ask, one.store, [(lambda: None, crowd)], room=ROOM)
    other = Evening(case)
    halves = [
        (lambda: other.registry.publish("a", {}), crowd[::2]),
        (lambda: other.registry.publish("b", {}), crowd[1::2]),
    ]
    kept_at_most(case, other.ask, other.store, halves, room=ROOM)


def hung(evening: Evening) -> Iterator[tuple[str, Callable[[], Any]]]:
    evening.ask("V1")
    evening.clock.now += 2 * SECONDS
    evening.store.hangs = HANGS
    for who in ("V1", "V2", "N1"):
        yield who, lambda who=who: evening.ask(who)  # type: ignore[misc]


def timely(case: Case) -> None:
    _, answers = comes_in_time(case, lambda: Evening(case), hung, within=WITHIN)
    case.equal("answers", set(answers.values()), {"in need"})


def truthful(case: Case) -> None:
    def lived() -> tuple[dict[str, float], dict[str, float]]:
        with Evening(case) as evening:
            evening.store.takes = 0.02
            for who in ("V1", "V1", "V2", "N1"):
                evening.ask(who)
            evening.store.fails = ConnectionError("no route to host")
            evening.ask("V3")
            told: dict[str, float] = evening.call("shop:told")
        return told, {"requests": 5, "hits": 1, "fallbacks": 1, "seconds": 0.06}

    tells_truly(case, lived)


def shop(**parts: Any) -> Shop:
    """A shop in which some parts are others."""
    return cast("Shop", type("Other", (Shop,), parts)())


def forgetful(self: Shop, key: Any, answer: Any) -> None:
    """Empty everything when the model changes, and let nothing go before."""
    if self.kept and next(iter(self.kept))[0] != key[0]:
        self.kept.clear()
    self.kept[key] = self.clock.time(), answer


def sweeping(self: Shop, key: Any, answer: Any) -> None:
    """Let only go what is too old."""
    self.kept = {name: one for name, one in self.kept.items() if self.clock.time() - one[0] < SECONDS}
    self.kept[key] = self.clock.time(), answer


def endless_for_strangers(self: Shop, key: Any, answer: Any) -> None:
    known = [name for name in self.kept if name[1] in KNOWN]
    if key[1] in KNOWN and len(known) >= ROOM:
        self.kept.pop(known[0])
    self.kept[key] = self.clock.time(), answer


def a_room_a_model(self: Shop, key: Any, answer: Any) -> None:
    self.kept[key] = self.clock.time(), answer
    own = [name for name in self.kept if name[0] == key[0]]
    if len(own) > ROOM:
        self.kept.pop(own[0])


def waits_for_regulars(self: Shop, who: str) -> Any:
    self.patience = 1.0 if any(name[1] == who for name in self.kept) else 0.05
    return Shop.asked(self, who)


def raises(self: Shop, who: str) -> Any:
    return self.store.get(who, timeout=0.05)


def by_another_clock(self: Shop, took: float, **facts: bool) -> None:
    Shop.count(self, 0.0, **facts)


def without_hits(self: Shop, took: float, *, hit: bool, fallback: bool) -> None:
    if not hit:
        Shop.count(self, took, hit=hit, fallback=fallback)


def newcomers_in_need(self: Shop, took: float, *, hit: bool, fallback: bool) -> None:
    strangers = [name for name, (_, answer) in self.kept.items() if answer == "popular"]
    Shop.count(self, took, hit=hit, fallback=fallback or bool(strangers))


@pytest.mark.parametrize("experiment", [kept, bounded, timely, truthful])
def test_a_service_that_keeps_the_rule_passes(experiment: Callable[[Case], None]) -> None:
    assert outcome(experiment, case_of(Shop())) == "passed"


@pytest.mark.parametrize(
    ("experiment", "parts"),
    [
        (kept, {"seconds": 0.0}),
        (kept, {"seconds": math.inf}),
        (bounded, {"room": 1000}),
        (bounded, {"keep": sweeping}),
        (timely, {"patience": None}),
        (timely, {"asked": raises}),
        (truthful, {"told": lambda self: {"requests": float(self.counts["requests"])}}),
        (truthful, {"count": by_another_clock}),
    ],
)
def test_a_service_that_breaks_the_rule_plainly_fails(
    experiment: Callable[[Case], None], parts: dict[str, Any]
) -> None:
    assert outcome(experiment, case_of(shop(**parts))) == "failed"


@pytest.mark.parametrize(
    ("experiment", "parts"),
    [
        (kept, {"seconds": SECONDS - 5}),
        (kept, {"seconds": SECONDS + 5}),
        (kept, {"ask": lambda self, who: (self.store.get(who), Shop.ask(self, who))[1]}),
        (bounded, {"room": ROOM + 1}),
        (bounded, {"keep": forgetful}),
        (bounded, {"keep": endless_for_strangers}),
        (bounded, {"keep": a_room_a_model}),
        (timely, {"tries": 4}),
        (timely, {"asked": waits_for_regulars}),
        (truthful, {"count": without_hits}),
        (truthful, {"count": newcomers_in_need}),
    ],
)
def test_a_service_that_breaks_the_rule_narrowly_fails(
    experiment: Callable[[Case], None], parts: dict[str, Any]
) -> None:
    assert outcome(experiment, case_of(shop(**parts))) == "failed"


@pytest.mark.parametrize(
    "parts",
    [
        {"keep": lambda self, key, answer: None if len(self.kept) >= ROOM else Shop.keep(self, key, answer)},
        {"keep": lambda self, key, answer: self.kept.update({key: (self.clock.time(), answer)}) or
         (len(self.kept) > ROOM and self.kept.popitem())},
        {"room": ROOM - 2},
    ],
)  # fmt: skip
def test_whatever_is_let_go_a_room_that_is_kept_passes(parts: dict[str, Any]) -> None:
    assert outcome(bounded, case_of(shop(**parts))) == "passed"


def test_the_caller_who_waited_longest_is_named() -> None:
    case = case_of(shop(asked=waits_for_regulars))
    outcome(timely, case)
    assert next(item.row for item in case.evidence if not item.passed) == "V1"


def test_a_machine_that_was_busy_once_fails_nobody() -> None:
    calls = iter(range(100))

    def slow(self: Shop, who: str) -> Any:
        if next(calls) == 1:
            time.sleep(HANGS)
        return Shop.asked(self, who)

    assert outcome(timely, case_of(shop(asked=slow))) == "passed"


def test_a_call_that_raises_ends_the_check_and_an_attempt_gives_nothing() -> None:
    def ask(case: Case) -> None:
        with Evening(case) as evening:
            evening.store.fails = ConnectionError("no route to host")
            case.equal("attempted", evening.attempt("shop:ask", "V1"), None)
            evening.ask("V1")

    assert outcome(ask, case_of(shop(asked=raises))) == "errored"


def test_what_both_worlds_cost_falls_out_of_the_work() -> None:
    case = case_of(Shop())

    def spending(seconds: float) -> Callable[[], None]:
        return lambda: setattr(case._asking, "spent", case.spent + seconds)

    def unit() -> None:
        time.sleep(1e-4)

    alike, apart = ([(spending(large), spending(0.5))] * 10 for large in (0.5, 0.53))
    assert work_beyond(case, alike, unit) == pytest.approx(0.0, abs=1e-6)
    assert 30 < work_beyond(case, apart, unit) <= 300
