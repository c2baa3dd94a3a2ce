"""A person's data can be deleted whole, unless it must be kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from cohort_samples import Here, graded, people, pseudonyms, tea
from unfit.cohort import Forgetting, forget, key_of, plan_to_forget, read_key, running, write_key
from unfit.errors import UnfitError, UsageError
from unfit.export import export

TODAY = dt.date(2027, 3, 1)
RATINGS = "pseudonym,rater,prediction,explanation,containment,trade-off\n"


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two candidates of whom the ledger, the key, the grades, the page and the ratings know."""
    monkeypatch.setattr(running, "pool", Here)
    for name in ("Adaline Lovelace", "Benedict Kite"):
        export(tea(), tmp_path / "in" / name.split()[0], ledger=tmp_path / "ledger", candidate=name)
    out = tmp_path / "out"
    graded(tmp_path / "in", out)
    lines = [f"{name},grace,1,2,3,4\n" for name in pseudonyms(out).values()]
    (out / "ratings.csv").write_text(RATINGS + "".join(lines))
    return out


def planned(out: Path, who: str) -> Forgetting:
    return plan_to_forget(out, who, key=key_of(out), ledger=out.parent / "ledger", today=TODAY)


def hold(out: Path, until: str, *, everybody: bool = False) -> None:
    text = key_of(out).read_text()
    line = f'hold-until = {until}\nhold-why = "a claim is expected"\n'
    key_of(out).write_text(text.replace("format = 1\n", f"format = 1\n{line}") if everybody else text + line)


def mentions(root: Path, *words: str) -> list[Path]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return [path for path in files if any(word.encode() in path.read_bytes() for word in words)]


def test_nothing_is_left_of_whoever_is_forgotten(out: Path) -> None:
    pseudonym = pseudonyms(out)["Adaline"]
    receipt = next(one.receipt for one in people(out).people if one.pseudonym == pseudonym)
    assert receipt
    forget(planned(out, pseudonym))
    assert mentions(out.parent, "Adaline", pseudonym, receipt) == []
    assert not [path for path in out.parent.rglob("*") if pseudonym in path.name or "Adaline" in path.name]


def test_what_killed_runs_had_half_written_goes_as_well(out: Path) -> None:
    rest = ".0123456789abcdef.part"
    for path in (key_of(out), out.parent / "ledger" / "exports.jsonl", out / "cohort.csv"):
        path.with_name(f".{path.name}{rest}").write_text("Adaline Lovelace")
    forget(planned(out, "Adaline"))
    assert mentions(out.parent, "Adaline") == []


def test_the_others_stay(out: Path) -> None:
    forget(planned(out, "Adaline Lovelace"))
    other = pseudonyms(out)["Benedict"]
    assert list(pd.read_csv(out / "cohort.csv")["pseudonym"]) == [other]
    assert mentions(out.parent / "ledger", "Benedict Kite")
    assert other in (out / "ratings.csv").read_text()
    assert (out.parent / "in" / "Benedict").is_dir()


def test_what_lies_beside_a_grade_goes_with_it(out: Path) -> None:
    beside = out / "grades" / pseudonyms(out)["Adaline"] / "followup.html"
    beside.write_text("what was said")
    forget(planned(out, "Adaline"))
    assert not beside.parent.exists()


def test_the_next_run_does_not_bring_them_back(out: Path) -> None:
    forget(planned(out, "Adaline"))
    graded(out.parent / "in", out)
    assert list(pseudonyms(out)) == ["Benedict"]


def test_it_is_said_before_what_will_be_deleted(out: Path) -> None:
    said = "\n".join(planned(out, "Adaline").items)
    for place in (out.parent / "in" / "Adaline", out / "grades", key_of(out), out.parent / "ledger"):
        assert str(place) in said
    assert (out.parent / "in" / "Adaline").exists()


@pytest.mark.parametrize("everybody", [False, True])
def test_a_hold_is_honoured_and_explained(out: Path, everybody: bool) -> None:
    hold(out, "2027-03-02", everybody=everybody)
    who = people(out).people[-1].pseudonym
    with pytest.raises(UnfitError, match="must be kept until 2027-03-02: a claim is expected") as refused:
        planned(out, who)
    assert "hold-until" in refused.value.fix
    assert (out / "grades" / who / "grade.json").exists()


def test_a_hold_ends_on_its_day(out: Path) -> None:
    hold(out, "2027-03-01")
    who = people(out).people[-1].pseudonym
    forget(planned(out, who))
    assert not (out / "grades" / who).exists()


def test_the_longer_hold_counts(out: Path) -> None:
    hold(out, "2027-02-01", everybody=True)
    hold(out, "2028-02-01")
    with pytest.raises(UnfitError, match="2028-02-01"):
        planned(out, people(out).people[-1].pseudonym)


def test_whoever_is_not_known_is_named_with_the_nearest(out: Path) -> None:
    with pytest.raises(UsageError, match="the nearest is `Adaline`"):
        planned(out, "Adalin")


def test_a_folder_without_a_cohort_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no cohort"):
        plan_to_forget(tmp_path, "x", key=tmp_path / "key.toml", ledger=tmp_path)


def test_a_hold_survives_the_next_run(out: Path) -> None:
    hold(out, "2027-03-02")
    graded(out.parent / "in", out)
    assert read_key(key_of(out)).people[-1].hold_until == dt.date(2027, 3, 2)
    write_key(key_of(out), read_key(key_of(out)))
    assert read_key(key_of(out)).people[-1].hold_until == dt.date(2027, 3, 2)
