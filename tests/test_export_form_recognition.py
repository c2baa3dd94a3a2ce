"""What stands in a submission says which form it was handed out as, whatever its receipt says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.export import Receipt, export, fitted, handed_out, read_receipt
from unfit.export.ledger import ExportEntry
from unfit.export.receipts import RECEIPT
from unfit.planting import plant

ROOT = Path(__file__).parents[1]
REAL = load_bank(ROOT)
FORMS = [(slug, form.name) for slug in REAL.slugs for form in REAL.exercise(slug).forms]
SERVE = "src/triage/serve.py"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def triage() -> Exercise:
    return REAL.exercise("hospital_triage")


def handed(exercise: Exercise, form: str, seed: int | None = None) -> dict[str, bytes]:
    entry = ExportEntry(
        exercise=exercise.slug,
        version=exercise.manifest.version,
        form=form,
        defects=exercise.form(form).defects,
        seed=seed,
    )
    return handed_out(exercise, entry)


def exported(
    exercise: Exercise, ledger: Path, form: str = "default", seed: int | None = None
) -> dict[str, bytes]:
    to = ledger.parent / f"export-{len(list(ledger.parent.iterdir()))}"
    export(exercise, to, ledger=ledger, form=form, seed=seed, candidate="Ada")
    return read_tree(to)


def received(exercise: Exercise, files: dict[str, bytes], ledger: Path) -> Receipt:
    return fitted(read_receipt(files, ledger, exercise=exercise.slug), exercise, files, ledger)


def mended_as_we_do(exercise: Exercise, form: str) -> dict[str, bytes]:
    """Take from the fixed project every file that the form plants in."""
    files = {edit.file for name in exercise.form(form).defects for edit in exercise.defect(name).edits}
    return {path: content for path, content in plant(exercise, ()).items() if path in files}


def reformatted(content: bytes) -> bytes:
    return content.replace(b'"', b"'").replace(b", ", b",\n            ").replace(b"(", b"(\n            ")


def test_the_receipt_of_an_untouched_export_is_believed_and_its_tree_certain(
    triage: Exercise, ledger: Path
) -> None:
    receipt = received(triage, exported(triage, ledger, "b"), ledger)
    assert (receipt.verified, receipt.form, receipt.certain, receipt.doubts) == (True, "b", True, {})


@pytest.mark.parametrize(("slug", "form"), FORMS)
def test_an_untouched_form_without_a_receipt_is_told_by_its_files(slug: str, form: str, ledger: Path) -> None:
    receipt = received(REAL.exercise(slug), handed(REAL.exercise(slug), form), ledger)
    assert (receipt.verified, receipt.form, receipt.doubts) == (False, form, {})


@pytest.mark.parametrize(("slug", "form"), [item for item in FORMS if item[1] != "default"])
def test_a_friends_receipt_proves_nothing_for_another_form(slug: str, form: str, ledger: Path) -> None:
    exercise = REAL.exercise(slug)
    theirs = exported(exercise, ledger)[RECEIPT]
    receipt = received(exercise, handed(exercise, form) | {RECEIPT: theirs}, ledger)
    assert (receipt.verified, receipt.form, receipt.candidate) == (False, form, "")
    assert "may be somebody else's" in receipt.note


@pytest.mark.parametrize(("slug", "form"), FORMS)
def test_who_mends_everything_as_we_do_is_believed_with_a_receipt(slug: str, form: str, ledger: Path) -> None:
    exercise = REAL.exercise(slug)
    files = exported(exercise, ledger, form) | mended_as_we_do(exercise, form)
    receipt = received(exercise, files, ledger)
    assert (receipt.verified, receipt.form, receipt.doubts) == (True, form, {})


def test_without_a_receipt_what_nothing_shows_to_have_been_planted_is_doubted(
    triage: Exercise, ledger: Path
) -> None:
    files = handed(triage, "default") | mended_as_we_do(triage, "default")
    receipt = received(triage, files, ledger)
    shared = frozenset.intersection(*(frozenset(form.defects) for form in triage.forms))
    assert set(receipt.doubts) == set(triage.default) - shared


def test_one_planted_place_that_still_stands_tells_the_form(ledger: Path) -> None:
    offers = REAL.exercise("home_offers")
    mended = handed(offers, "b") | mended_as_we_do(offers, "b")
    others = {name for form in offers.forms if form.name != "b" for name in form.defects}
    (left,) = set(offers.form("b").defects) - others
    file = offers.defect(left).edits[0].file
    receipt = received(offers, mended | {file: handed(offers, "b")[file]}, ledger)
    assert receipt.form == "b"


@pytest.mark.parametrize("slug", REAL.slugs)
def test_whoever_writes_everything_anew_is_told_of_no_form_with_certainty(slug: str, ledger: Path) -> None:
    exercise = REAL.exercise(slug)
    anew = {
        path: b"{}" if path.endswith(".ipynb") else b"x = 1\n"
        for path in mended_as_we_do(exercise, "default")
    }
    edited = {edit.file for defect in exercise.defects for edit in defect.edits}
    files = handed(exercise, "default") | dict.fromkeys(edited, b"x = 1\n") | anew
    receipt = received(exercise, files, ledger)
    assert receipt.form == "default"
    assert "fits only" not in receipt.note
    if len(exercise.forms) > 1:
        assert receipt.doubts


@pytest.mark.parametrize("slug", REAL.slugs)
def test_our_own_words_and_one_mistake_of_several_forms_name_none_of_them_with_certainty(
    slug: str, ledger: Path
) -> None:
    exercise = REAL.exercise(slug)
    others = {name for form in exercise.forms if form.name != "default" for name in form.defects}
    for left in sorted(others.intersection(exercise.default)):
        files = handed(exercise, "default") | {
            path: content
            for path, content in plant(exercise, (left,)).items()
            if path in mended_as_we_do(exercise, "default")
        }
        receipt = received(exercise, files, ledger)
        assert receipt.form == "default", left
        assert "fits only" not in receipt.note, left


def test_a_formatter_hides_no_form(triage: Exercise, ledger: Path) -> None:
    files = {
        path: reformatted(content) if path.endswith(".py") else content
        for path, content in handed(triage, "b").items()
    }
    assert received(triage, files, ledger).form == "b"


def test_where_nothing_is_left_a_proven_receipt_speaks_and_without_one_only_what_all_forms_share_counts(
    triage: Exercise, ledger: Path
) -> None:
    files = {
        path: b"x = 1\n" if path.endswith(".py") else c for path, c in exported(triage, ledger, "b").items()
    }
    believed = received(triage, files, ledger)
    assert (believed.verified, believed.form, believed.doubts) == (True, "b", {})
    alone = received(triage, {path: c for path, c in files.items() if path != RECEIPT}, ledger)
    assert alone.doubts
    assert "not called mended" in alone.note


def test_the_data_of_another_export_betray_a_friends_receipt(triage: Exercise, ledger: Path) -> None:
    ada, bob = exported(triage, ledger, seed=3), exported(triage, ledger, seed=4)
    receipt = received(triage, ada | {RECEIPT: bob[RECEIPT]}, ledger)
    assert (receipt.verified, receipt.seed, receipt.candidate) == (False, 3, "")
    assert "is of seed 4, and the data that came with it are of seed 3" in receipt.note


def test_without_a_receipt_the_seed_is_found_in_the_ledger(triage: Exercise, ledger: Path) -> None:
    files = exported(triage, ledger, seed=3)
    del files[RECEIPT]
    assert received(triage, files, ledger).seed == 3


def test_data_that_a_candidate_changed_are_nobody_elses(triage: Exercise, ledger: Path) -> None:
    files = exported(triage, ledger, seed=3)
    files["data/referrals.csv"] += b"\n"
    receipt = received(triage, files, ledger)
    assert (receipt.verified, receipt.seed) == (True, 3)


def test_what_was_handed_out_by_another_kit_is_not_certain(triage: Exercise, ledger: Path) -> None:
    files = exported(triage, ledger)
    receipt = read_receipt(files, ledger, exercise=triage.slug).model_copy(update={"tree": "0" * 64})
    later = fitted(receipt, triage, files, ledger)
    assert (later.verified, later.certain) == (True, False)


def test_a_receipt_in_a_folder_below_is_named_and_not_read(triage: Exercise, ledger: Path) -> None:
    files = exported(triage, ledger, "b")
    files["old/receipt.json"] = files.pop(RECEIPT)
    receipt = received(triage, files, ledger)
    assert (receipt.verified, receipt.form) == (False, "b")
    assert "old/receipt.json may be another's" in receipt.note


def test_a_receipt_is_signed_with_the_digest_of_its_tree(triage: Exercise, ledger: Path) -> None:
    files = exported(triage, ledger)
    written = json.loads(files[RECEIPT])
    files[RECEIPT] = json.dumps(written | {"tree": "0" * 64}).encode()
    assert "was changed: its tree is not what" in read_receipt(files, ledger).note


def test_a_note_names_two_other_forms_and_counts_the_rest(ledger: Path) -> None:
    exercise = REAL.exercise("churn_notebook")
    note = received(exercise, dict(plant(exercise, ())), ledger).note
    rest = len(exercise.forms) - 3
    assert f"Its files fit the forms b, c and {rest} more as well: what only default holds" in note
