"""What a candidate may see of the bundled exercises gives nothing hidden away."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from unfit.assembling import assemble
from unfit.bank import CATEGORIES, Exercise, load_bank
from unfit.checks import load_checks
from unfit.examination import Examination
from unfit.grades import BackendUsed, DefectStatus, Evidence, Grade, Outcome, Verdict
from unfit.report import render_feedback
from unfit.report.feedback import AREAS, areas
from unfit.submission import Submission

BANK = load_bank(Path(__file__).parents[1])
SEEN, LIMIT = 0.246813579, 0.135792468
LEAKS = (
    "held-out rows that moved",
    "src/leaky/place.py",
    "a cause in the submission's words",
    "Traceback (leaky)",
)


@cache
def failed(slug: str) -> Grade:
    """Grade a submission whose every check failed, with all that a check can say about it."""
    label, where, cause, detail = LEAKS
    evidence = Evidence(label=label, passed=False, seen=SEEN, limit=LIMIT, direction="at most", unit="lines")
    exercise = BANK.exercise(slug)
    verdicts = {
        item.name: Verdict(
            check=item.name,
            sentence=item.sentence,
            outcome=Outcome.FAILED,
            evidence=(evidence,),
            cause=cause,
            where=where,
            detail=detail,
            blockers=item.needs,
        )
        for item in load_checks(exercise.solution)
    }
    taken = Submission("ada", exercise.shipped_folder, "0" * 64, 1, 1, {})
    backend = BackendUsed(name="bubblewrap", protected=True)
    done = assemble(exercise, taken, Examination(verdicts), seed=97531, backend=backend, environment="e" * 64)
    private = done.exercise.model_copy(update={"exposure": "private"})
    return done.model_copy(update={"exercise": private})


def body(slug: str, *, after_the_talk: bool = True) -> str:
    return render_feedback(failed(slug), after_the_talk=after_the_talk).partition("<body>")[2]


def hidden(exercise: Exercise) -> set[str]:
    """Everything of an exercise that its candidates must not learn from a page."""
    words = {item.name for item in load_checks(exercise.solution)}
    for defect in exercise.defects:
        words |= {defect.id, defect.title, defect.teaches, *defect.asks_mended, *defect.asks_not_mended}
        for edit in defect.edits:
            words |= {edit.file, Path(edit.file).name, *filter(None, (edit.fixed, edit.planted))}
    return {word for word in words if word.strip()}


@pytest.mark.parametrize("slug", BANK.slugs)
def test_nothing_hidden_is_on_the_page_of_a_private_exercise(slug: str) -> None:
    page = body(slug)
    assert [word for word in hidden(BANK.exercise(slug)) if word in page] == []
    assert [word for word in (*LEAKS, "0.2468", "0.1357", "97531") if word in page] == []


@pytest.mark.parametrize("slug", BANK.slugs)
def test_before_the_talk_no_experiment_title_or_number_is_on_the_page(slug: str) -> None:
    exercise = BANK.exercise(slug)
    page = body(slug, after_the_talk=False)
    sentences = {item.sentence for item in load_checks(exercise.solution)}
    assert [word for word in hidden(exercise) | sentences | set(LEAKS) if word in page] == []
    assert not re.search(r"\d|%|percent|\brank|\bout of\b|\btotal\b", re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize(
    ("statuses", "ending"),
    [
        ((DefectStatus.MENDED, DefectStatus.MENDED), "mended"),
        ((DefectStatus.MENDED, DefectStatus.NOT_MENDED), "partly mended"),
        ((DefectStatus.ERRORED, DefectStatus.NOT_MENDED), "not mended"),
        ((DefectStatus.ERRORED, DefectStatus.UNPROVEN), "unproven"),
    ],
)
def test_an_area_joins_its_defects(statuses: tuple[DefectStatus, ...], ending: str) -> None:
    defect = failed("hospital_triage").defects[0]
    assert [
        area.ending for area in areas([defect.model_copy(update={"status": one}) for one in statuses])
    ] == [ending]


def test_every_category_has_an_area() -> None:
    assert set(AREAS) == set(CATEGORIES)


@pytest.mark.parametrize("slug", BANK.slugs)
def test_a_sentence_says_no_number_or_name_that_the_candidate_was_not_given(slug: str) -> None:
    exercise = BANK.exercise(slug)
    given = " ".join((exercise.shipped_folder / name).read_text() for name in ("README.md", "exercise.toml"))
    told = [item.sentence for item in load_checks(exercise.solution)]
    pieces = [piece for sentence in told for piece in re.findall(r"\d+(?:\.\d+)?|`[^`]+`", sentence)]
    assert [piece for piece in pieces if piece.strip("`") not in given] == []


@pytest.mark.parametrize("slug", BANK.slugs)
def test_beside_the_sentences_no_word_measures_a_person(slug: str) -> None:
    page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body(slug))))
    for item in load_checks(BANK.exercise(slug).solution):
        page = page.replace(item.sentence, "")
    assert not re.search(r"\d|%|percent|\brank|\bout of \d|\btotal\b", page)
