"""A cohort grades every submission once, whatever the others do, and shows them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cohort_samples import FORECAST, TEA, Here, graded, hand_in, mixed, people, pseudonyms, record, tea
from unfit import cohort
from unfit.bank import load_bank
from unfit.cohort import CohortProgress, key_of, read_key, side_by_side, write_key
from unfit.cohort.side_by_side import locked
from unfit.errors import Interrupted, UnfitError, UsageError
from unfit.export import export


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without processes, except where a test is about them."""
    if "processes" not in request.keywords:
        monkeypatch.setattr(side_by_side, "pool", Here)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_by_side, "pool", Here)
        graded(mixed(folder / "handed"), folder / "out")
    return folder / "out"


def outcomes(out: Path) -> dict[str, str]:
    return {name: record(out, name, "ending.json")["outcome"] for name in pseudonyms(out)}


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in cohort.__all__ if not hasattr(cohort, name)] == []


def test_every_submission_gets_an_ending_that_names_the_cause(done: Path) -> None:
    assert outcomes(done) == {
        "adaline": "graded",
        "benedict": "graded",
        "cydonia": "graded",
        "deirdre.zip": "refused",
    }
    assert "is no archive that can be read" in record(done, "deirdre.zip", "ending.json")["cause"]


def test_a_graded_submission_has_every_report(done: Path) -> None:
    names = {path.name for path in (done / "grades" / pseudonyms(done)["adaline"]).iterdir()}
    assert names >= {"grade.json", "report.html", "feedback.html", "summary.md", "junit.xml", "ending.json"}


def test_all_grades_share_one_seed(done: Path) -> None:
    assert {record(done, name)["seed"] for name in ("adaline", "benedict", "cydonia")} == {5}


def test_the_table_has_a_row_a_submission_in_the_order_of_the_pseudonyms(done: Path) -> None:
    table = pd.read_csv(done / "cohort.csv")
    assert list(table["pseudonym"]) == sorted(pseudonyms(done).values())


def test_the_table_says_what_each_did_about_each_defect(done: Path) -> None:
    table = pd.read_parquet(done / "cohort.parquet").set_index("pseudonym")
    status = table["last-day-ignored.status"]
    named = pseudonyms(done)
    assert [status[named[name]] for name in ("adaline", "benedict", "cydonia")] == [
        "mended",
        "not_mended",
        "errored",
    ]


def test_csv_and_parquet_hold_the_same(done: Path) -> None:
    table = pd.read_parquet(done / "cohort.parquet")
    assert pd.read_csv(done / "cohort.csv", dtype=table.dtypes.to_dict()).equals(table)


def test_no_column_adds_up_or_ranks(done: Path) -> None:
    columns = set(pd.read_csv(done / "cohort.csv").columns)
    shared = {
        "pseudonym",
        "kind",
        "form",
        "verified",
        "outcome",
        "cause",
        "guards_broken",
        "findings",
        "findings_on_right_code",
        "findings_to_read",
    }
    facts = {f"{item.id}.{fact}" for item in tea().defects for fact in ("status", "spotted", "together")}
    assert columns == shared | facts | {"processor_seconds"}


def test_nothing_in_the_folder_says_who_anybody_is(done: Path) -> None:
    texts = [path.read_bytes() for path in done.rglob("*") if path.is_file()]
    assert not [
        name
        for name in (b"adaline", b"benedict", b"cydonia", b"deirdre.zip")
        for text in texts
        if name in text
    ]


def test_the_key_lies_beside_the_folder_for_its_owner_alone(done: Path) -> None:
    key = key_of(done)
    assert (key.parent, key.stat().st_mode & 0o777) == (done.parent, 0o600)


def test_a_key_inside_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match="may not lie inside"):
        graded(mixed(tmp_path / "in"), tmp_path / "out", key=tmp_path / "out" / "key.toml")


def test_what_is_graded_is_not_graded_again(done: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in done.glob("grades/*/grade.json")}
    summary = graded(done.parent / "handed", done)
    assert summary.kept == 3
    assert {path: path.stat().st_mtime_ns for path in done.glob("grades/*/grade.json")} == before


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two graded submissions."""
    graded(hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder), tmp_path / "out")
    return tmp_path / "out"


def again(two: Path, **options: Any) -> set[str]:
    """Grade again, and say which submissions were worked on."""
    seen: list[CohortProgress] = []
    graded(two.parent / "in", two, **{"watch": seen.append, **options})
    named = {pseudonym: name for name, pseudonym in pseudonyms(two).items()}
    return {named[step.done.ending.pseudonym] for step in seen if not step.done.kept}


def test_a_changed_submission_is_graded_again_under_its_pseudonym(two: Path) -> None:
    before = pseudonyms(two)
    (two.parent / "in" / "ben" / FORECAST).write_text("def forecast(sales:\n")
    assert (again(two), pseudonyms(two)) == ({"ben"}, before)
    assert record(two, "ben")["defects"][0]["status"] == "errored"


def test_another_seed_grades_all_again(two: Path) -> None:
    assert again(two, seed=6) == {"ada", "ben"}
    assert record(two, "ada")["seed"] == 6


def test_the_seed_of_the_first_run_goes_on(two: Path) -> None:
    assert again(two, seed=None) == set()


def test_a_grade_without_its_record_is_graded_again(two: Path) -> None:
    (two / "grades" / pseudonyms(two)["ada"] / "grade.json").unlink()
    assert again(two) == {"ada"}


def test_a_folder_that_was_moved_holds_the_same_people(two: Path) -> None:
    before = pseudonyms(two)
    (two.parent / "in").rename(two.parent / "elsewhere")
    graded(two.parent / "elsewhere", two)
    assert pseudonyms(two) == before


def test_a_second_folder_joins_the_first(two: Path) -> None:
    graded(hand_in(two.parent / "late", ada=tea().shipped_folder), two)
    assert len(pd.read_csv(two / "cohort.csv")) == 3


def test_another_version_of_the_exercise_is_refused(two: Path, tmp_path: Path) -> None:
    bank = hand_in(tmp_path / "bank", solutions=TEA / "solutions", exercises=TEA / "exercises")
    for half in ("solutions", "exercises"):
        path = bank / half / "tea_shop" / "exercise.toml"
        path.write_text(path.read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    changed = load_bank(bank).exercise("tea_shop")
    with pytest.raises(UnfitError, match=r"holds grades of tea_shop 1\.0\.0.* not mixed with .* 1\.1\.0"):
        graded(two.parent / "in", two, exercise=changed)


def test_a_solution_that_changed_without_its_version_is_refused(two: Path, tmp_path: Path) -> None:
    bank = hand_in(tmp_path / "bank", solutions=TEA / "solutions", exercises=TEA / "exercises")
    with (bank / "solutions" / "tea_shop" / "checks.py").open("a") as stream:
        stream.write("\n# another\n")
    with pytest.raises(UnfitError, match="has changed since"):
        graded(two.parent / "in", two, exercise=load_bank(bank).exercise("tea_shop"))


def test_the_ledger_tells_form_and_name_and_only_the_key_keeps_the_name(tmp_path: Path) -> None:
    for name, form in (("a", "default"), ("b", "b")):
        export(
            tea(),
            tmp_path / "in" / name,
            ledger=tmp_path / "ledger",
            candidate=f"Candidate {name}",
            form=form,
        )
    graded(tmp_path / "in", tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "cohort.csv").set_index("pseudonym")
    forms = {
        person.candidate: table.loc[person.pseudonym, "form"] for person in people(tmp_path / "out").people
    }
    assert forms == {"Candidate a": "default", "Candidate b": "b"}


def test_what_was_handed_out_as_another_version_is_refused_by_itself(tmp_path: Path) -> None:
    bank = hand_in(tmp_path / "bank", solutions=TEA / "solutions", exercises=TEA / "exercises")
    for half in ("solutions", "exercises"):
        path = bank / half / "tea_shop" / "exercise.toml"
        path.write_text(path.read_text().replace('version = "1.0.0"', 'version = "0.9.0"'))
    old = load_bank(bank).exercise("tea_shop")
    export(old, tmp_path / "in" / "a", ledger=tmp_path / "ledger")
    export(tea(), tmp_path / "in" / "b", ledger=tmp_path / "ledger")
    graded(tmp_path / "in", tmp_path / "out")
    assert outcomes(tmp_path / "out") == {"a": "refused", "b": "graded"}


def test_the_exercise_is_found_by_the_receipts(tmp_path: Path) -> None:
    export(tea(), tmp_path / "in" / "a", ledger=tmp_path / "ledger")
    bank = load_bank(TEA)
    assert cohort.find_exercise(bank, tmp_path / "in").slug == "tea_shop"


def test_without_a_receipt_the_exercise_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no submission has a receipt"):
        cohort.find_exercise(load_bank(TEA), mixed(tmp_path / "in"))


def test_what_the_interviewer_wrote_into_the_key_stays_there_and_goes_nowhere_else(two: Path) -> None:
    key = read_key(key_of(two))
    first = key.people[0].model_copy(update={"accommodations": "twice the hours", "minutes": 987})
    write_key(key_of(two), key.model_copy(update={"people": (first, *key.people[1:])}))
    again(two, seed=6)
    assert read_key(key_of(two)).people[0] == first
    texts = [path.read_bytes() for path in two.rglob("*") if path.is_file()]
    assert not [text for text in texts if b"twice the hours" in text or b"987" in text]


def test_a_cohort_graded_into_its_own_folder_of_submissions_is_nobody(tmp_path: Path) -> None:
    (hand_in(tmp_path / "in", ada=tea().project) / "out").mkdir()
    graded(tmp_path / "in", tmp_path / "in" / "out")
    assert list(pseudonyms(tmp_path / "in" / "out")) == ["ada"]


def test_the_order_of_the_work_says_nothing_of_the_order_of_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.SystemRandom.shuffle", lambda _, items: items.reverse())
    seen: list[CohortProgress] = []
    hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder)
    graded(tmp_path / "in", tmp_path / "out", watch=seen.append, workers=1)
    named = pseudonyms(tmp_path / "out")
    assert [step.done.ending.pseudonym for step in seen] == [named["ben"], named["ada"]]


# A list of paths


def listed(tmp_path: Path, text: str) -> Path:
    hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder)
    path = tmp_path / "people.csv"
    path.write_text(text)
    return path


def test_a_list_names_submissions_and_candidates(tmp_path: Path) -> None:
    source = listed(tmp_path, "submission,candidate,kind\nin/ada,Ada L.,person\nin/ben,,simulated\n")
    graded(source, tmp_path / "out")
    found = {person.submission: (person.candidate, person.kind) for person in people(tmp_path / "out").people}
    assert found == {"in/ada": ("Ada L.", "person"), "in/ben": ("", "simulated")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("submission,gender\nin/ada,f\n", "`gender` is none that a cohort takes"),
        ("path\nin/ada\n", "`path` is none"),
        ("candidate\nAda\n", "no column `submission`"),
        ("submission\nin/ada\nin/ada\n", "already stands in line 2"),
        ("submission,kind\nin/ada,robot\n", "`kind`"),
        ("submission\n", "holds no submission"),
        ("submission,minutes\nin/ada,soon\n", "`minutes`"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        graded(listed(tmp_path, text), tmp_path / "out")


def test_an_empty_or_missing_folder_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in ("empty", "nowhere"):
        with pytest.raises(UsageError):
            graded(tmp_path / place, tmp_path / "out")


# Nothing ends the others


@pytest.mark.slow
@pytest.mark.processes
def test_a_submission_that_kills_its_process_ends_no_other(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder, cyd=tea().shipped_folder)
    (tmp_path / "in" / "ben" / FORECAST).write_text("import os\nos._exit(3)\n")
    summary = graded(tmp_path / "in", tmp_path / "out", workers=2)
    assert outcomes(tmp_path / "out") == {"ada": "graded", "ben": "failed", "cyd": "graded"}
    assert (summary.count("graded"), summary.count("failed")) == (2, 1)
    assert "process that graded it died" in record(tmp_path / "out", "ben", "ending.json")["cause"]


def test_a_check_that_breaks_on_one_submission_ends_no_other(tmp_path: Path) -> None:
    bank = hand_in(tmp_path / "bank", solutions=TEA / "solutions", exercises=TEA / "exercises")
    checks = bank / "solutions" / "tea_shop" / "checks.py"
    checks.write_text(
        checks.read_text().replace(
            '(before,) = case.call("tea.forecast:forecast", {"assam": [1.0] * 9})',
            '(before,) = case.call("tea.forecast:forecast", {"assam": [1.0] * 9})\n    before["amount"]',
        )
    )
    hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder)
    (tmp_path / "in" / "ben" / FORECAST).write_text("def forecast(sales):\n    return [{}]\n")
    graded(tmp_path / "in", tmp_path / "out", exercise=load_bank(bank).exercise("tea_shop"))
    assert outcomes(tmp_path / "out")["ada"] == "graded"


def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "out"), pytest.raises(UnfitError, match="another run is at work"):
        graded(mixed(tmp_path / "in"), tmp_path / "out")


def test_what_a_killed_run_had_half_written_is_cleared_away(two: Path) -> None:
    out, key = two, key_of(two)
    folder = next((out / "grades").iterdir())
    rest = ".0123456789abcdef.part"
    half = [out / f".cohort.csv{rest}", folder / f".grade.json{rest}", key.with_name(f".{key.name}{rest}")]
    for path in half:
        path.write_text("half of it")
    graded(out.parent / "in", out)
    assert [path for path in half if path.exists()] == []


@pytest.mark.slow
@pytest.mark.processes
def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", **{f"s{n}": tea().shipped_folder for n in range(4)})

    def stop(step: CohortProgress) -> None:
        if step.count == 2:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="2 of 4 submissions have ended"):
        graded(tmp_path / "in", tmp_path / "out", watch=stop)
    assert graded(tmp_path / "in", tmp_path / "out").kept >= 2
    assert set(outcomes(tmp_path / "out").values()) == {"graded"}


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from cohort_samples import graded
if __name__ == "__main__":
    graded(Path({source!r}), Path({out!r}), workers=2)
"""


@pytest.mark.slow
@pytest.mark.processes
def test_two_hundred_submissions_killed_twice_are_graded_once_each(tmp_path: Path) -> None:
    (right,) = [entry.folder for entry in tea().corpus if entry.kind == "right"]
    for number in range(200):
        name = f"s{number:03}"
        hand_in(tmp_path / "in", **{name: tea().project if number % 3 else tea().shipped_folder})
        if number % 4 == 1:
            hand_in(tmp_path / "in", **{name: right})
        if number % 4 == 2:
            (tmp_path / "in" / name / FORECAST).write_text("def forecast(sales:\n")
    script = tmp_path / "run.py"
    script.write_text(
        SCRIPT.format(
            tests=str(Path(__file__).parent), source=str(tmp_path / "in"), out=str(tmp_path / "out")
        )
    )
    for enough in (40, 110):
        process = subprocess.Popen([sys.executable, str(script)])
        _wait_for(tmp_path / "out", enough, process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("grades/*/ending.json")}
    subprocess.run([sys.executable, str(script)], check=True)
    kept = {path: path.stat().st_mtime_ns for path in before}
    assert len(before) >= 110
    assert kept == before
    table = pd.read_csv(tmp_path / "out" / "cohort.csv")
    assert (len(table), table["pseudonym"].nunique(), set(table["outcome"])) == (200, 200, {"graded"})
    assert not list((tmp_path / "out").rglob("*.part"))


def _wait_for(out: Path, enough: int, process: subprocess.Popen[bytes]) -> None:
    while len(list(out.glob("grades/*/ending.json"))) < enough:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
