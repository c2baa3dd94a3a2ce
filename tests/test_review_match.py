"""A finding is matched with a defect by place, category and telling words, within a stated tolerance."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank
from unfit.grades import Finding
from unfit.planting import Variant, shipped_tree
from unfit.review import match
from unfit.review.places import Pointer, nearest_file, point

SIDES, HALF, SCALE, WATCH, TUNED = (
    "visits-of-one-patient-on-both-sides",
    "half-for-unreadable-records",
    "age-scaled-by-the-record",
    "nobody-watches",
    "threshold-tuned-on-test-rows",
)
EVALUATE, SERVE = "src/clinic/evaluate.py", "src/clinic/serve.py"


@pytest.fixture(scope="module")
def clinic() -> Exercise:
    return load_bank(Path(__file__).parent / "banks/reviewed").exercise("clinic")


def said(title: str, where: str = "", category: str = "", harm: str = "") -> Finding:
    return Finding(title=title, text=f"{title}\n{harm}", where=where, category=category)


def found(clinic: Exercise, *findings: Finding) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.match, finding.defects) for finding in match(findings, Variant.of(clinic))]


@pytest.mark.parametrize(
    ("finding", "defect"),
    [
        (said("Visits of patients on both sides", f"{EVALUATE}, line 8", "leakage"), SIDES),
        (said("Patients share both sides of the split", f"{EVALUATE}:12", "leakage"), SIDES),
        (said("A patient in train and test, no group split", f"{EVALUATE}, `evaluate`", "evaluation"), SIDES),
        (said("Visits of a patient are split", f"{EVALUATE} in evaluate()"), SIDES),
        (said("One patient is on both sides of the split", "clinic.evaluate", "leakage"), SIDES),
        (
            said("One patient is on both sides of the split", "src/clinic/evalute.py, line 8", "leakage"),
            SIDES,
        ),
        (said("An unreadable record gets one half", f"{SERVE}, score", "errors"), HALF),
        (said("Ages are divided by another scale", f"{SERVE}, score", "skew"), SCALE),
        (said("Visits of a patient stand on both sides of the split", "", "leakage"), SIDES),
        (said("Nobody watches incoming records, no alarms", "", "monitoring"), WATCH),
        (said("Nothing watches incoming records", "src/clinic/watch.py", "monitoring"), WATCH),
        (said("Threshold tuned on reported rows", "notebooks/clinic.ipynb, cell `choose`", "leakage"), TUNED),
        (said("Threshold tuned on reported rows", "notebooks/clinic.ipynb, cell 4", "leakage"), TUNED),
        (said("Threshold tuned on reported rows", "In [3] of clinic.ipynb", "leakage"), TUNED),
        (said("Threshold tuned on reported rows", "cell chose", "leakage"), TUNED),
        (said("An unreadable record looks like an answer of one half", f"{SERVE}, line 8", "fairness"), HALF),
    ],
)
def test_a_finding_matches_its_defect(clinic: Exercise, finding: Finding, defect: str) -> None:
    assert found(clinic, finding) == [("matched", (defect,))]


@pytest.mark.parametrize(
    "finding",
    [
        said("Odd", f"{EVALUATE}, line 8", "leakage"),
        said("Something is wrong here", f"{EVALUATE}, `evaluate`", "leakage, evaluation"),
        said("Patients on both sides", f"{EVALUATE}, line 8", "security", "It is far too slow."),
        said("`evaluate` is broken", EVALUATE, "leakage"),
        said("Rows of a patient", "", ""),
        said("Odd", "notebooks/clinic.ipynb, cell `choose`", "leakage"),
        said("Tests are thin", "tests/", "reproducibility"),
        said("patient visits split sides group share", f"{EVALUATE}, line 8", "leakage"),
    ],
)
def test_a_finding_that_names_no_defect_is_left_to_a_human(clinic: Exercise, finding: Finding) -> None:
    assert found(clinic, finding) == [("unmatched", ())]


@pytest.mark.parametrize(
    ("finding", "decoy"),
    [
        (
            said("The magic constant 25.4 scales the result", f"{EVALUATE}, `agreement`", "errors"),
            "inch-constant",
        ),
        (
            said("Unlisted records are filtered from the ranking", f"{SERVE}:14", "errors"),
            "only-listed-records-are-ranked",
        ),
        (
            said("The encoder is fitted on everything", "clinic.ipynb cell `encode`", "leakage"),
            "fit-on-everything",
        ),
    ],
)
def test_a_finding_that_calls_a_decoy_wrong_is_unfounded(
    clinic: Exercise, finding: Finding, decoy: str
) -> None:
    assert found(clinic, finding) == [("unfounded", (decoy,))]


def test_a_finding_that_calls_a_decoy_right_is_not_unfounded(clinic: Exercise) -> None:
    praise = said("The magic constant scales, looks odd but is fine", f"{EVALUATE}, `agreement`")
    assert found(clinic, praise) == [("unmatched", ())]


def test_a_real_remark_on_a_decoys_function_is_not_unfounded(clinic: Exercise) -> None:
    assert found(clinic, said("No type hints", f"{EVALUATE}, `agreement`")) == [("unmatched", ())]


@pytest.mark.parametrize(
    ("finding", "near"),
    [
        (said("People turn up in either part", f"{EVALUATE}, line 8", "leakage"), (SIDES,)),
        (said("Is one patient on both sides of the split?", f"{EVALUATE}, line 8"), (SIDES,)),
        (said("I checked that no patient is on both sides of the split. Well done.", EVALUATE), (SIDES,)),
        (said("Tests are thin", "tests/", "reproducibility"), ()),
        (said("Patients on both sides of the split", f"{EVALUATE}, line 8", "leakage"), ()),
    ],
)
def test_a_finding_that_is_not_matched_names_the_defects_at_its_place(
    clinic: Exercise, finding: Finding, near: tuple[str, ...]
) -> None:
    (matched,) = match([finding], Variant.of(clinic))
    assert (matched.near if matched.match == "unmatched" else ()) == near


def test_the_second_finding_on_a_defect_is_a_duplicate(clinic: Exercise) -> None:
    first = said("Visits of patients stand on both sides", f"{EVALUATE}, line 8", "leakage")
    again = said("The split has a patient on two sides", f"{EVALUATE}, line 11", "leakage")
    assert found(clinic, first, again) == [("matched", (SIDES,)), ("duplicate", (SIDES,))]


def test_two_defects_of_one_function_are_told_apart_by_their_words(clinic: Exercise) -> None:
    scale = said("Ages are divided by 100, not by the scale of training", f"{SERVE}, `score`")
    half = said("An unreadable record gets one half", f"{SERVE}, `score`")
    assert found(clinic, scale, half) == [("matched", (SCALE,)), ("matched", (HALF,))]


def test_only_what_was_planted_can_be_matched(clinic: Exercise) -> None:
    finding = said("Area under hard labels", "clinic.ipynb, cell report", "evaluation")
    assert found(clinic, finding) == [("unmatched", ())]
    (matched,) = match([finding], Variant.of(clinic, ["metric-of-hard-labels"]))
    assert matched.defects == ("metric-of-hard-labels",)


def test_the_order_of_findings_is_kept(clinic: Exercise) -> None:
    findings = [said("A", "README.md"), said("B", EVALUATE, "leakage"), said("C", "README.md")]
    assert [finding.title for finding in match(findings, Variant.of(clinic))] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("src/clinic/serve.py", SERVE),
        ("clinic/serve.py", SERVE),
        ("serve.py", SERVE),
        ("SERVE.py", SERVE),
        ("serv.py", SERVE),
        ("scr/clinic/evaluate.py", EVALUATE),
        ("nothing_alike.py", ""),
    ],
)
def test_a_slip_in_a_file_name_is_forgiven(path: str, file: str) -> None:
    assert nearest_file(path, [SERVE, EVALUATE, "README.md"]) == file


def test_a_place_is_taken_from_the_text_where_no_field_names_one(clinic: Exercise) -> None:
    pointer = point(said("Folds", harm="see src/clinic/evaluate.py line 8"), shipped_tree(clinic))
    assert pointer == Pointer(files=(EVALUATE,), lines=((8, 8),))
