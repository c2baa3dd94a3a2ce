"""What the home page relies on, on the project's own data."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from matinee.evaluate import evaluate
from matinee.http import create_app
from matinee.plays import popularity, tidy
from matinee.service import Service
from matinee.train import train
from matinee.upstream import FileStore, FolderRegistry

DATA = Path(__file__).parents[1] / "data"
VIEWER = "V0007"


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def time(self):
        return self.now


class CountingStore(FileStore):
    """The project's store, with a count of what it is asked."""

    asked = 0

    def get(self, viewer, timeout=None):
        self.asked += 1
        return super().get(viewer, timeout)


@pytest.fixture(scope="module")
def log():
    return pd.read_csv(DATA / "plays.csv")


@pytest.fixture(scope="module")
def published(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    for version, lines in (("2026-03-22", log[log["day"] <= "2026-03-22"]), ("2026-03-29", log)):
        (folder / version).mkdir()
        train(lines, folder / version)
    return folder


@pytest.fixture
def registry(published):
    return FolderRegistry(published)


@pytest.fixture
def store():
    return CountingStore(DATA / "store.json")


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def service(registry, store, clock):
    return Service(registry, store, clock)


def test_the_last_line_of_a_film_is_in_force(log):
    again = log.tail(1).assign(minutes=5)
    assert tidy(pd.concat([log, again]))["minutes"].iloc[-1] == 5


def test_the_most_popular_film_comes_first(log):
    counts = popularity(tidy(log))
    assert counts.is_monotonic_decreasing


def test_a_row_holds_as_many_films_as_asked_for(service):
    films = service.recommend(VIEWER, 12).films
    assert len(set(films)) == 12


def test_what_was_begun_is_left_out(service, store):
    assert not set(service.recommend(VIEWER, 20).films) & set(store.get(VIEWER))


def test_what_the_page_shows_is_left_out(service):
    first, second, third = service.recommend(VIEWER, 3).films
    assert service.recommend(VIEWER, 1, [first, second]).films == [third]


def test_a_viewer_who_comes_back_costs_the_store_nothing(service, store, clock):
    first = service.recommend(VIEWER, 10)
    clock.now += 599
    assert service.recommend(VIEWER, 10) == first
    assert store.asked == 1


def test_a_row_is_not_older_than_ten_minutes(service, store, clock):
    service.recommend(VIEWER, 10)
    clock.now += 601
    service.recommend(VIEWER, 10)
    assert store.asked == 2


def test_a_new_model_is_in_force_within_a_minute(service, registry, clock, monkeypatch):
    monkeypatch.setattr(registry, "latest", lambda: "2026-03-22")
    clock.now += 60
    assert service.recommend(VIEWER, 10).model == "2026-03-22"


def test_the_model_stays_while_the_registry_is_away(service, registry, clock, monkeypatch):
    def away():
        raise ConnectionError("no route to host")

    monkeypatch.setattr(registry, "latest", away)
    clock.now += 60
    assert service.recommend(VIEWER, 10).model == "2026-03-29"


def test_rows_would_have_hit_more_often_than_not(log):
    assert 0.3 < evaluate(log)["value"] < 0.9


def test_a_row_over_http(service):
    answer = create_app(service).test_client().get(f"/rows/{VIEWER}?n=4&shown=F00001,F00002")
    assert (answer.status_code, answer.json["source"], len(answer.json["films"])) == (200, "personal", 4)


def test_requests_are_counted_over_http(service):
    client = create_app(service).test_client()
    client.get(f"/rows/{VIEWER}")
    assert "matinee_requests 1\n" in client.get("/metrics").text


def test_under_load_everybody_gets_the_row_that_they_would_get_alone(service, registry, store, clock):
    app, alone = create_app(service), Service(registry, store, clock)
    viewers = [f"V{number:04d}" for number in range(40)] * 4

    def ask(viewer):
        clock.now += 0.5
        return app.test_client().get(f"/rows/{viewer}?n=8").json["films"]

    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(ask, viewers))
    assert rows == [alone.recommend(viewer, 8).films for viewer in viewers]
    assert service.metrics()["requests"] == len(viewers)
