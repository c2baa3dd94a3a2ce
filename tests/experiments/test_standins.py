"""Stand-ins behave as what a service asks: a clock that is moved, a store that hangs and fails, a registry."""

from __future__ import annotations

from typing import Any

import pytest

from unfit.experiments import Clock, Registry, Upstream


def test_a_store_that_hangs_keeps_to_the_timeout() -> None:
    store = Upstream({}, Clock())
    store.hangs = 60.0
    with pytest.raises(TimeoutError):
        store.get("V1", timeout=0.01)


def test_a_slow_answer_moves_the_clock() -> None:
    clock = Clock()
    store = Upstream({"V1": 0.5}, clock)
    store.takes = 0.2
    began = clock.time()
    assert store.get("V1", timeout=0.25) == 0.5
    assert clock.time() - began == pytest.approx(0.2)


def test_who_gives_up_earlier_has_waited_as_long_by_the_clock() -> None:
    clock = Clock()
    store = Upstream({}, clock)
    store.takes = 0.4
    began = clock.time()
    with pytest.raises(TimeoutError):
        store.get("V1", timeout=0.25)
    assert clock.time() - began == pytest.approx(0.25)


@pytest.mark.parametrize("trouble", [{"fails": OSError()}, {"hangs": 1.2}, {"takes": 0.2}])
def test_a_store_in_trouble_is_ill(trouble: dict[str, Any]) -> None:
    store = Upstream({}, Clock())
    assert not store.ill
    vars(store).update(trouble)
    assert store.ill


def test_a_store_that_fails_has_been_asked() -> None:
    store = Upstream({"V1": 0.5}, Clock())
    store.fails = ConnectionError("no route to host")
    with pytest.raises(ConnectionError):
        store.get("V1")
    assert store.asked == ["V1"]


def test_a_registry_counts_what_it_hands_out() -> None:
    registry = Registry("one", {"a": b"1"}, Clock())
    registry.publish("two", {"a": b"2"})
    assert (registry.latest(), registry.fetch("one"), registry.fetched) == ("two", {"a": b"1"}, ["one"])


def test_a_fetch_moves_the_clock() -> None:
    clock = Clock()
    registry = Registry("one", {}, clock)
    registry.takes, began = 2.0, clock.time()
    registry.fetch("one")
    assert clock.time() - began == 2.0


def test_a_registry_that_is_away_cannot_be_reached() -> None:
    registry = Registry("one", {}, Clock())
    registry.away = True
    for ask in (registry.latest, lambda: registry.fetch("one")):
        with pytest.raises(ConnectionError):
            ask()
