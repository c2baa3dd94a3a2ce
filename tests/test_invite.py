"""An invitation is an export and a message that says what a candidate must know, in words that a team can replace."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cohort_samples import TEA, tea
from unfit.cohort import find, forget_everywhere, plan_everywhere
from unfit.errors import UsageError
from unfit.forgotten import lift
from unfit.invite import Agreed, Invited, handed_out, invite, write_message
from unfit.register import HandIn, note

TERMS = Agreed(
    until=dt.date(2027, 3, 1),
    contact="Grace, grace@example.org",
    keep="1 June 2027",
    sender="Grace",
    minutes=45,
)
CANDIDATE = "Zoë Müller"


def invited(tmp_path: Path, name: str = CANDIDATE, terms: Agreed = TERMS, **options: Any) -> Invited:
    return invite(tea(), name, tmp_path / "out", ledger=tmp_path / "ledger", terms=terms, **options)


def message(tmp_path: Path, **terms: Any) -> str:
    return invited(tmp_path, terms=Agreed(**{**vars(TERMS), **terms})).message.read_text("utf-8")


def test_a_candidate_gets_a_folder_with_export_and_message(tmp_path: Path) -> None:
    done = invited(tmp_path)
    assert done.export.parent == done.message.parent == tmp_path / "out" / "zoe-muller"
    with zipfile.ZipFile(done.export) as archive:
        assert "tea_shop/TASK.md" in archive.namelist()


@pytest.mark.parametrize(
    "said",
    [
        "Hello Zoë Müller",
        "45 minutes",
        "Monday, 1 March 2027",
        "Grace, grace@example.org",
        "assistants and search are allowed",
        "More time, breaks",
        "make submit",
        "People read the results",
        "feedback.html",
        "until 1 June 2027",
        "delete everything",
    ],
)
def test_the_message_says_what_a_candidate_must_know(said: str, tmp_path: Path) -> None:
    assert said in message(tmp_path)


def test_the_message_says_what_was_agreed(tmp_path: Path) -> None:
    said = message(tmp_path, assistants="none", accommodations="breaks as needed")
    assert "without programming assistants" in said
    assert "We agreed on this: breaks as needed." in said


def test_what_is_left_open_is_named(tmp_path: Path) -> None:
    done = invited(tmp_path, terms=Agreed())
    assert done.open == ("[DATE]", "[NAME AND ADDRESS]", "[YOUR NAME]")


def test_message_and_task_say_the_same_of_what_a_candidate_gets_to_see(tmp_path: Path) -> None:
    done = invited(tmp_path)
    with zipfile.ZipFile(done.export) as archive:
        task = archive.read("tea_shop/TASK.md").decode()
    for said in ("feedback.html", "delete everything", "45 minutes"):
        assert said in " ".join(task.split())
        assert said in " ".join(done.message.read_text().split())


def test_a_team_replaces_one_message_and_keeps_the_others(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "invitation.txt.j2").write_text("Dear {{ candidate }}, {{ minutes }} minutes.\n")
    assert invited(tmp_path, templates=own).message.read_text() == "Dear Zoë Müller, 45 minutes.\n"
    assert "We have not got" in written(tmp_path, "reminder", templates=own)


@pytest.mark.parametrize("text", ["{{ salary }}", "{% if %}"])
def test_a_template_that_cannot_be_filled_in_is_named_before_anything_is_exported(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "invitation.txt.j2").write_text(text)
    with pytest.raises(UsageError, match=r"invitation\.txt\.j2"):
        invited(tmp_path, templates=tmp_path)
    assert handed_out(tmp_path / "ledger") == ()


def written(tmp_path: Path, kind: Any, **options: Any) -> str:
    ledger = tmp_path / "ledger"
    return write_message(kind, "zoë müller", bank=TEA, ledger=ledger, **options).text


def test_a_reminder_knows_what_was_agreed(tmp_path: Path) -> None:
    invited(tmp_path)
    said = written(tmp_path, "reminder")
    assert "until Monday, 1 March 2027" in said
    assert "grace@example.org" in said


def handed_in(tmp_path: Path, done: Invited, name: str, *, proven: bool = True, **more: Any) -> None:
    grade = tmp_path / name
    grade.mkdir()
    (grade / "feedback.html").touch()
    hand_in = HandIn(
        nonce=done.receipt,
        exercise="tea_shop",
        proven=proven,
        submission=str(tmp_path / f"{name}.zip"),
        content=name,
        grade=str(grade),
        seen=dt.datetime(2027, 3, 2, tzinfo=dt.UTC),
    )
    note(tmp_path / "ledger", [hand_in.model_copy(update=more)])


def test_an_answer_goes_with_the_feedback_of_the_person_s_own_work(tmp_path: Path) -> None:
    handed_in(tmp_path, invited(tmp_path), "first")
    answer = write_message("answer", CANDIDATE, bank=TEA, ledger=tmp_path / "ledger")
    assert answer.attach == tmp_path / "first" / "feedback.html"


def test_the_feedback_of_a_copier_is_never_sent(tmp_path: Path) -> None:
    done = invited(tmp_path)
    for name in ("first", "copier"):
        handed_in(tmp_path, done, name)
    with pytest.raises(UsageError, match="no grade"):
        written(tmp_path, "answer")


def test_a_refusal_says_that_people_decided(tmp_path: Path) -> None:
    invited(tmp_path)
    assert "People decided this" in written(tmp_path, "refusal")


def test_the_ledger_says_who_has_what_and_whether_it_came_in_late(tmp_path: Path) -> None:
    late, none = invited(tmp_path), invited(tmp_path, "Ben Kite")
    handed_in(tmp_path, late, "late")
    assert [(one.candidate, one.state) for one in handed_out(tmp_path / "ledger")] == [
        (CANDIDATE, "first graded 2027-03-02, after 2027-03-01"),
        ("Ben Kite", "not handed in"),
    ]
    assert json.loads(handed_out(tmp_path / "ledger")[1].model_dump_json())["receipt"] == none.receipt


def test_an_edited_receipt_is_no_proof_that_somebody_handed_in(tmp_path: Path) -> None:
    handed_in(tmp_path, invited(tmp_path), "edited", proven=False)
    assert handed_out(tmp_path / "ledger")[0].state == "a submission carries this receipt, edited"


def test_single_grades_are_found_by_receipt_and_forgotten_by_name(tmp_path: Path) -> None:
    done = invited(tmp_path)
    (tmp_path / "zoe.zip").write_text("work")
    handed_in(tmp_path, done, "zoe")
    (tmp_path / "zoe" / "grade.json").write_text("{}")
    found = find(tmp_path / "ledger", done.receipt[:8])
    assert CANDIDATE in str(found)
    forget_everywhere(plan_everywhere(found))
    assert not (tmp_path / "zoe").exists()
    assert handed_out(tmp_path / "ledger") == ()


def test_whoever_was_forgotten_is_invited_again_only_by_an_explicit_word(tmp_path: Path) -> None:
    invited(tmp_path)
    forget_everywhere(plan_everywhere(find(tmp_path / "ledger", CANDIDATE)))
    with pytest.raises(UsageError, match="was forgotten"):
        invite(tea(), CANDIDATE, tmp_path / "again", ledger=tmp_path / "ledger")
    lift(tmp_path / "ledger", CANDIDATE)
    assert invite(tea(), CANDIDATE, tmp_path / "again", ledger=tmp_path / "ledger").export.is_file()
