"""An interviewer's first week: invite four, hand in four, grade, rate by two, share, forget one, run again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from browser import Browser, chromium
from cohort_samples import TEA, Here, graded, people, tea
from unfit.bank import load_bank
from unfit.cohort import Person, Summary, find, forget_everywhere, key_of, plan_everywhere, side_by_side
from unfit.invite import Agreed, HandedOut, Invited, handed_out, invite, write_message
from unfit.ratings import DIMENSIONS, Sheet, hand_in, settle
from unfit.report import load_grade
from unfit.report.rating_pages import render_ratings
from unfit.report.share import render_share

LATE, WRONG, COPIER, EDITED = "Ada Lovelace", "Ben Kite", "Cyd Copperfield", "Dee Dunmore"
REVIEW = "# Review\n\n## Findings\n\nThe forecast leaves out the last day (src/tea/forecast.py:1), category: skew.\n"


@dataclass(frozen=True)
class Week:
    root: Path
    first: Summary
    people: dict[str, Person]
    ledger: dict[str, HandedOut]
    endings: dict[str, dict[str, str]]
    sealed: str
    """All that lay beside the late one's grade when one of two had rated."""
    deleted: str
    left: str
    second: Summary

    @property
    def out(self) -> Path:
        return self.root / "spring"

    def folder(self, name: str) -> Path:
        return self.out / "grades" / self.people[name].pseudonym


def unpacked(done: Invited, to: Path) -> Path:
    with zipfile.ZipFile(done.export) as archive:
        archive.extractall(to.parent / f".{to.name}")
    next((to.parent / f".{to.name}").iterdir()).rename(to)
    return to


def handed(root: Path) -> dict[str, Path]:
    """Invite four, and let four hand in: late, of another exercise, copied, and with an edited receipt."""
    ledger, yesterday = root / "ledger", dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    terms = {name: Agreed(until=yesterday if name == LATE else None, contact="Grace") for name in NAMES}
    invited = {
        name: invite(tea(), name, root / "invitations", ledger=ledger, terms=terms[name]) for name in NAMES
    }
    other = invite(load_bank(TEA).exercise("tea_notebook"), WRONG, root / "practice", ledger=ledger)
    places = {name: root / "in" / name.split()[0] for name in NAMES}
    (root / "in").mkdir()
    for name, place in places.items():
        unpacked(other if name == WRONG else invited[name], place)
    for name in (LATE, EDITED):
        shutil.copytree(tea().project, places[name], dirs_exist_ok=True)
        (places[name] / "REVIEW.md").write_text(REVIEW)
    shutil.rmtree(places[COPIER])
    shutil.copytree(places[LATE], places[COPIER])
    (places[COPIER] / "NOTES.md").write_text("all my own work\n")
    receipt = places[EDITED] / "receipt.json"
    receipt.write_text(json.dumps({**json.loads(receipt.read_text()), "form": "b"}))
    return places


NAMES = (LATE, WRONG, COPIER, EDITED)


def rated(folder: Path, rater: str, rating: int, store: Path) -> None:
    marks = {one.name: {"rating": rating, "words": f"{rater} heard a reason"} for one in DIMENSIONS}
    sheet = Sheet.model_validate({"rater": rater, **marks})
    hand_in(folder, sheet, exercise="tea_shop", submission="s", store=store)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    root = tmp_path_factory.mktemp("week")
    places = handed(root)
    rows = [f"in/{place.name};{name};;" for name, place in places.items()]
    text = "\r\n".join(["Submission;Candidate;Kind;Minutes", *rows, ";;;", ""])
    (root / "people.csv").write_bytes(text.encode("utf-8-sig"))
    out, ledger = root / "spring", root / "ledger"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_by_side, "pool", Here)
        patch.setenv("UNFIT_HOME", str(root / "home"))
        first = graded(root / "people.csv", out)
        known = {person.candidate: person for person in people(out).people}
        endings = {
            name: json.loads((out / "grades" / one.pseudonym / "ending.json").read_text())
            for name, one in known.items()
        }
        exports = {one.candidate: one for one in handed_out(ledger) if one.exercise == "tea_shop"}
        folder = out / "grades" / known[LATE].pseudonym
        rated(folder, "Grace", 1, root / "hers")
        settle(folder, store=root / "hers")
        sealed = "".join(path.read_text() for path in folder.rglob("*.*") if path.suffix != ".html")
        rated(folder, "Alan", 3, root / "hers")
        settle(folder, store=root / "hers")
        plan = plan_everywhere(find(ledger, EDITED))
        forget_everywhere(plan)
        second = graded(root / "people.csv", out)
    said = ("\n".join(plan.items), "\n".join(plan.elsewhere))
    return Week(root, first, known, exports, endings, sealed, *said, second)


def test_everybody_of_the_list_gets_an_ending_of_their_own(week: Week) -> None:
    assert {name: one["outcome"] for name, one in week.endings.items()} == {
        LATE: "graded",
        WRONG: "refused",
        COPIER: "graded",
        EDITED: "graded",
    }


def test_the_wrong_exercise_is_refused_and_the_right_one_named(week: Week) -> None:
    assert "tea_notebook" in week.endings[WRONG]["cause"] + week.endings[WRONG]["fix"]


def test_the_ledger_says_who_was_late_and_proves_nothing_by_an_edited_receipt(week: Week) -> None:
    assert week.ledger[LATE].late is True
    assert week.ledger[WRONG].state == "not handed in"
    assert week.ledger[EDITED].handed_in is None
    assert "edited" in week.ledger[EDITED].doubt


def test_a_copied_receipt_is_its_owner_s_and_is_told(week: Week) -> None:
    owner, copier = week.people[LATE], week.people[COPIER]
    assert (owner.receipt, copier.receipt) == (week.ledger[LATE].receipt, "")
    assert any("carry the same receipt" in said and owner.pseudonym in said for said in week.first.told)


def test_one_rating_alone_is_hidden_and_two_stand_side_by_side(week: Week) -> None:
    assert "heard a reason" not in week.sealed
    ratings = settle(week.folder(LATE), store=week.root / "hers").open
    assert "Grace heard a reason" in render_ratings(load_grade(week.folder(LATE) / "grade.json"), ratings)


def test_the_sheet_to_share_holds_the_ratings_and_no_name(week: Week) -> None:
    grade = load_grade(week.folder(LATE) / "grade.json")
    page = render_share(grade, ratings=settle(week.folder(LATE), store=week.root / "hers").open)
    assert "Alan heard a reason" in page
    assert not [name for name in NAMES if name in page]


def test_the_page_of_the_cohort_counts_the_ratings(week: Week) -> None:
    assert "How far interviewers agree" in (week.out / "cohort.html").read_text()


def test_the_answer_to_the_late_one_is_not_the_copier_s_feedback(week: Week) -> None:
    answer = write_message(
        "answer", LATE, bank=TEA, ledger=week.root / "ledger", exercise="tea_shop", grade=week.folder(LATE)
    )
    assert answer.attach == week.folder(LATE) / "feedback.html"


def test_whoever_is_forgotten_is_gone_and_it_is_said_what_else_to_delete(week: Week) -> None:
    assert week.people[EDITED].path.name in week.deleted
    assert week.ledger[EDITED].receipt in week.deleted
    assert str(week.root / "invitations" / "dee-dunmore") in week.left
    kept = [week.root / "ledger", week.out, week.root / "in", key_of(week.out)]
    files = [path for place in kept for path in (place.rglob("*") if place.is_dir() else [place])]
    texts = [path.read_bytes() for path in files if path.is_file()]
    assert not [text for text in texts if EDITED.encode() in text]


def test_the_next_run_of_the_same_list_brings_nobody_back(week: Week) -> None:
    assert {person.candidate for person in people(week.out).people} == {LATE, WRONG, COPIER}
    assert "people.csv:5: names somebody who was forgotten" in week.second.told[0]
    assert week.second.count("graded") == 2


def test_nothing_in_the_folder_to_hand_around_says_who_anybody_is(week: Week) -> None:
    texts = [path.read_bytes() for path in week.out.rglob("*") if path.is_file()]
    words = [word.encode() for name in NAMES for word in name.split()]
    assert not [word for word in words for text in texts if word in text]


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages")
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_the_week_is_fit_to_be_looked_at(week: Week, width: int) -> None:
    pages = sorted(week.out.rglob("*.html"))
    kinds = {page.stem for page in pages}
    assert kinds >= {"cohort", "report", "share", "feedback"}
    with Browser(width=width) as browser:
        for page in pages:
            for dark in (False, True):
                browser.open(page, dark=dark)
                browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
                assert browser.ask("document.documentElement.scrollWidth <= innerWidth"), page.name
                assert browser.barriers() == [], page.name
                assert (browser.requests, browser.complaints) == ([page.as_uri()], []), page.name
            browser.open(page, media="print")
            assert browser.printed() <= MOST_PAGES[page.stem], page.name


MOST_PAGES = {"cohort": 3, "report": 6, "share": 1, "feedback": 1, "ratings": 1, "rating": 1}
"""On how many sheets of paper a page may be printed."""
