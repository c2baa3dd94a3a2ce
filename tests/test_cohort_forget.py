"""A person's data can be deleted whole, unless it must be kept."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from cohort_samples import Here, graded, hand_in, people, pseudonyms, tea
from unfit.cohort import Forgetting, forget, key_of, plan_to_forget, read_key, side_by_side, write_key
from unfit.errors import UnfitError, UsageError
from unfit.export import export
from unfit.forgotten import lift, read_marks

TODAY = dt.date(2027, 3, 1)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two candidates of whom the ledger, the key, the grades and the page know."""
    monkeypatch.setattr(side_by_side, "pool", Here)
    for name in ("Adaline Lovelace", "Benedict Kite"):
        export(tea(), tmp_path / "in" / name.split()[0], ledger=tmp_path / "ledger", candidate=name)
    out = tmp_path / "out"
    graded(tmp_path / "in", out)
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
    assert (out.parent / "in" / "Benedict").is_dir()


def test_what_lies_beside_a_grade_goes_with_it(out: Path) -> None:
    beside = out / "grades" / pseudonyms(out)["Adaline"] / "followup.html"
    beside.write_text("what was said")
    forget(planned(out, "Adaline"))
    assert not beside.parent.exists()


def test_the_next_run_does_not_bring_them_back(out: Path) -> None:
    shutil.copytree(out.parent / "in" / "Adaline", out.parent / "in" / "a-copy")
    (out.parent / "people.csv").write_text(
        "submission,candidate\nin/Adaline,Adaline Lovelace\nin/a-copy,\nin/Benedict,Benedict Kite\n"
    )
    forget(planned(out, "Adaline Lovelace"))
    told = graded(out.parent / "people.csv", out).told
    assert [person.candidate for person in people(out).people] == ["Benedict Kite"]
    assert "people.csv:2: names somebody who was forgotten on 2027-03-01" in told[0]
    assert "in/a-copy: is of somebody who was forgotten" in told[1]


def test_a_mark_says_nothing_of_a_name_and_can_be_lifted(out: Path) -> None:
    forget(planned(out, "Adaline Lovelace"))
    ledger = out.parent / "ledger"
    assert mentions(ledger, "Adaline") == []
    assert read_marks(ledger).when(("name", " adaline  LOVELACE")) == TODAY
    lift(ledger, "Adaline Lovelace")
    assert read_marks(ledger).marks == ()


def copied(out: Path, name: str, *, edited: bool = False) -> None:
    """Hand in another's receipt with work of one's own."""
    handed = out.parent / "in" / name
    shutil.copytree(tea().project, handed)
    receipt = (out.parent / "in" / "Adaline" / "receipt.json").read_text()
    (handed / "receipt.json").write_text(receipt.replace('"form": "', '"form": "x') if edited else receipt)
    graded(out.parent / "in", out)


def test_whoever_copies_a_receipt_gets_no_name_and_takes_no_export_along(out: Path) -> None:
    copied(out, "copier")
    named = {person.submission: person.candidate for person in people(out).people}
    assert named["copier"] == ""
    forget(planned(out, pseudonyms(out)["copier"]))
    assert mentions(out.parent / "ledger", "Adaline Lovelace")


def test_an_export_whose_receipt_was_edited_goes_with_its_person(out: Path) -> None:
    copied(out, "again", edited=True)
    shutil.rmtree(out.parent / "in" / "Adaline")
    key = read_key(key_of(out))
    others = tuple(one for one in key.people if one.submission != "Adaline")
    write_key(key_of(out), key.model_copy(update={"people": others}))
    forget(planned(out, pseudonyms(out)["again"]))
    assert mentions(out.parent / "ledger", "Adaline Lovelace") == []


def test_an_archive_of_the_same_name_is_another_person(out: Path) -> None:
    first = pseudonyms(out)["Adaline"]
    shutil.rmtree(out.parent / "in" / "Adaline")
    hand_in(out.parent / "second", Adaline=tea().project)
    graded(out.parent / "second", out)
    found = {person.pseudonym: person for person in people(out).people}
    second = next(one for one in found.values() if one.folder.endswith("second"))
    assert (second.pseudonym != first, second.candidate, second.accommodations) == (True, "", "")


def test_what_another_laid_into_the_same_place_is_another_person(out: Path) -> None:
    place = out.parent / "in" / "Adaline"
    shutil.rmtree(place)
    shutil.copytree(out.parent / "in" / "Benedict", place)
    (place / "REVIEW.md").write_text("# other work\n")
    graded(out.parent / "in", out)
    assert len(people(out).people) == 3


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
