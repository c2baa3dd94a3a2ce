"""Recording writes the edits of a defect from a working copy that was broken by hand."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_samples import copied, rewritten, tea_notebook, tea_shop
from unfit.bank import Exercise, load_bank
from unfit.errors import PlantingError, UsageError
from unfit.planting import plant, write_tree
from unfit.planting.recording import record, refuse_bad_id

FORECAST = "src/tea/forecast.py"
NOTEBOOK = "notebooks/tea.ipynb"

Change = Callable[[dict[str, dict[str, object]], dict[str, list[object]]], object]


@pytest.fixture
def shop(tmp_path: Path) -> Exercise:
    return tea_shop(copied(tmp_path))


@pytest.fixture
def notebook(tmp_path: Path) -> Exercise:
    return tea_notebook(copied(tmp_path))


def working_copy(exercise: Exercise) -> Path:
    folder = exercise.bank.parent / "copy"
    write_tree(plant(exercise, []), folder)
    return folder


def again(exercise: Exercise) -> Exercise:
    return load_bank(exercise.bank).exercise(exercise.slug)


def defects_toml(exercise: Exercise) -> str:
    return (exercise.solution / "defects.toml").read_text("utf-8")


def refusal(exercise: Exercise, copy: Path) -> str:
    before = defects_toml(exercise)
    with pytest.raises(PlantingError) as caught:
        record(exercise, "new-mistake", copy)
    assert before == defects_toml(exercise)
    return str(caught.value)


# ── what is written ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_recorded_plants_the_working_copy(shop: Exercise) -> None:
    copy = working_copy(shop)
    changed = rewritten(copy / FORECAST, "    if not recent:", "    if recent is None:")
    record(shop, "none-is-not-empty", copy)
    assert plant(again(shop), ["none-is-not-empty"])[FORECAST] == changed.read_bytes()


def test_the_edit_is_the_changed_line_and_no_more(shop: Exercise) -> None:
    copy = working_copy(shop)
    rewritten(copy / FORECAST, "    if not recent:", "    if recent is None:")
    (edit,) = edits_in(record(shop, "none-is-not-empty", copy))
    assert edit == {"file": FORECAST, "fixed": "    if not recent:\n", "planted": "    if recent is None:\n"}


def edits_in(toml: str) -> list[dict[str, object]]:
    edits: list[dict[str, object]] = tomllib.loads(f"[[defect]]\n{toml}")["defect"][0]["edit"]
    return edits


def test_context_is_added_until_the_text_is_found_once(shop: Exercise) -> None:
    (shop.project / "twice.txt").write_text("a\nsame\nb\nsame\n", "utf-8")
    copy = working_copy(shop)
    (copy / "twice.txt").write_text("a\nsame\nb\nother\n", "utf-8")
    (edit,) = edits_in(record(shop, "twice", copy))
    assert (edit["fixed"], edit["planted"]) == ("b\nsame\n", "b\nother\n")


def test_a_deleted_file_is_absent(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "data" / "sales.csv").unlink()
    assert edits_in(record(shop, "no-data", copy)) == [{"file": "data/sales.csv", "absent": True}]


def test_a_new_defect_has_every_key_to_fill_in(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "data" / "sales.csv").unlink()
    record(shop, "no-data", copy)
    written = tomllib.loads(defects_toml(shop))["defect"][-1]
    assert written["id"] == "no-data"
    assert {
        "title",
        "category",
        "severity",
        "difficulty",
        "judged",
        "default",
        "teaches",
        "source",
        "asks_mended",
        "asks_not_mended",
    } < set(written)


def test_recording_again_replaces_the_edits_and_keeps_the_rest(shop: Exercise) -> None:
    path = shop.solution / "defects.toml"
    rewritten(path, '[[defect]]\nid = "window-too-long"', '# Long.\n[[defect]]\nid = "window-too-long"')
    before = defects_toml(shop)
    copy = working_copy(shop)
    rewritten(copy / FORECAST, "days[-WINDOW:]", "days[:WINDOW]")
    record(again(shop), "last-day-ignored", copy)
    after = defects_toml(shop)
    assert after == before.replace("days[-WINDOW - 1 : -1]", "days[:WINDOW]")


def test_comments_about_the_forms_stay_above_the_forms(shop: Exercise) -> None:
    rewritten(shop.solution / "defects.toml", "[[form]]", "# What else is handed out.\n[[form]]")
    copy = working_copy(shop)
    (copy / "data" / "sales.csv").unlink()
    record(again(shop), "no-data", copy)
    assert "\nabsent = true\n\n# What else is handed out.\n[[form]]\n" in defects_toml(shop)


def test_nothing_is_written_on_request(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "data" / "sales.csv").unlink()
    before = defects_toml(shop)
    record(shop, "no-data", copy, write=False)
    assert before == defects_toml(shop)


@pytest.mark.parametrize(
    "line", ["quotes = \"'''\"\n", "control = '\x07'\n", "slash = '\\n'", "end'", "ünï '", "\tx\n"]
)
def test_any_text_survives_the_manifest(shop: Exercise, line: str) -> None:
    copy = working_copy(shop)
    changed = copy / FORECAST
    changed.write_text(changed.read_text("utf-8") + line, "utf-8")
    record(shop, "odd-text", copy)
    assert plant(again(shop), ["odd-text"])[FORECAST] == changed.read_bytes()


# ── notebooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def changed_notebook(exercise: Exercise, change: Change) -> Path:
    """A working copy whose notebook was changed; `change` gets its cells by id, and the whole."""
    copy = working_copy(exercise)
    document = json.loads((copy / NOTEBOOK).read_bytes())
    change({cell["id"]: cell for cell in document["cells"]}, document)
    (copy / NOTEBOOK).write_text(json.dumps(document), "utf-8")
    return copy


PRICE = 'def price(kilograms):\n    return {"amount": 12.5 * kilograms}\n'


def test_a_notebook_is_recorded_by_cell(notebook: Exercise) -> None:
    copy = changed_notebook(notebook, lambda cells, _: cells["price"].update(source="price = 12.5\n"))
    assert edits_in(record(notebook, "flat-price", copy)) == [
        {"file": NOTEBOOK, "cell": "price", "fixed": PRICE, "planted": "price = 12.5\n"}
    ]


def test_outputs_beside_a_changed_source_do_not_matter(notebook: Exercise) -> None:
    copy = changed_notebook(
        notebook,
        lambda cells, _: cells["price"].update(source="price = 12.5", execution_count=4, metadata={"a": 1}),
    )
    record(notebook, "flat-price", copy)
    assert b"price = 12.5" in plant(again(notebook), ["flat-price"])[NOTEBOOK]


def test_a_deleted_cell_is_absent(notebook: Exercise) -> None:
    copy = changed_notebook(notebook, lambda _, document: document["cells"].pop())
    assert edits_in(record(notebook, "no-price", copy)) == [
        {"file": NOTEBOOK, "cell": "price", "absent": True}
    ]


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unchanged_copy_is_refused(shop: Exercise) -> None:
    assert "holds the fixed project" in refusal(shop, working_copy(shop))


def test_an_added_file_is_refused(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "extra.py").touch()
    assert "extra.py: is not in the fixed project; a defect cannot add a file" in refusal(shop, copy)


def test_a_binary_change_is_refused(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "data" / "shop.png").write_bytes(b"\x89PNG\xff")
    assert "data/shop.png: changed, and is no UTF-8 text" in refusal(shop, copy)


def test_a_text_for_an_empty_file_is_refused(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "src/tea/__init__.py").write_text("import os\n", "utf-8")
    assert "src/tea/__init__.py: an empty text holds no place" in refusal(shop, copy)


def test_carriage_returns_are_refused(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "README.md").write_bytes(b"# Tea\r\n")
    assert "README.md: has carriage returns" in refusal(shop, copy)


def test_an_overlap_with_another_defect_names_both(shop: Exercise) -> None:
    copy = working_copy(shop)
    rewritten(copy / FORECAST, "WINDOW = 7", "WINDOW = 8")
    said = refusal(shop, copy)
    assert "defect `window-too-long`, edit 1, and defect `new-mistake`, edit 1, overlap" in said


def test_changed_outputs_alone_are_refused(notebook: Exercise) -> None:
    copy = changed_notebook(notebook, lambda cells, _: cells["look"].update(execution_count=4))
    assert f"only outputs or metadata of {NOTEBOOK} differ" in refusal(notebook, copy)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cells, _: cells["look"].update(id="stare"), "cell `stare` is not in the fixed notebook"),
        (lambda _, document: document["cells"].reverse(), "its cells changed their order"),
        (lambda cells, _: cells["look"].update(metadata={"tags": ["x"]}), "cell `look`: its kind, tags"),
        (lambda cells, _: cells["title"].update(cell_type="raw"), "cell `title`: its kind, tags"),
    ],
)
def test_what_cannot_be_reversed_in_a_notebook_is_refused(
    notebook: Exercise,
    change: Change,
    words: str,
) -> None:
    assert words in refusal(notebook, changed_notebook(notebook, change))


def test_a_missing_working_copy_is_a_mistake_of_usage(shop: Exercise, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        record(shop, "new-mistake", tmp_path / "nowhere")


def test_a_defect_id_is_made_of_words_and_hyphens(shop: Exercise) -> None:
    copy = working_copy(shop)
    (copy / "data" / "sales.csv").unlink()
    with pytest.raises(UsageError, match="`Bug_3` is no defect id"):
        record(shop, "Bug_3", copy)


# ── recording undoes planting ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", ["tea_shop", "tea_notebook"])
def test_recording_a_planted_defect_changes_nothing_that_it_plants(tmp_path: Path, slug: str) -> None:
    exercise = load_bank(copied(tmp_path)).exercise(slug)
    for defect in exercise.defects:
        planted = plant(exercise, [defect.id])
        write_tree(planted, tmp_path / "copy")
        record(exercise, defect.id, tmp_path / "copy")
        exercise = again(exercise)
        assert plant(exercise, [defect.id]) == planted


LINES = st.lists(
    st.sampled_from(["", "a", "b", "    c", "'''", '"""', "\\", "é\x0c"]), min_size=1, max_size=8
)


@given(fixed=LINES, broken=LINES)
@settings(max_examples=40)
def test_recording_then_planting_gives_the_working_copy(fixed: list[str], broken: list[str]) -> None:
    texts = ["\n".join(["# notes", *lines, ""]) for lines in (fixed, broken)]
    if texts[0] == texts[1]:
        return
    with tempfile.TemporaryDirectory() as folder:
        exercise = tea_shop(copied(Path(folder)))
        (exercise.project / "notes.txt").write_text(texts[0], "utf-8")
        copy = working_copy(exercise)
        (copy / "notes.txt").write_text(texts[1], "utf-8")
        record(exercise, "other-notes", copy)
        assert plant(again(exercise), ["other-notes"])["notes.txt"].decode() == texts[1]


@pytest.mark.parametrize("name", ["Bad Name", "", "split_by_rows", "-split", "x" * 61])
def test_a_name_that_no_defect_can_have_is_refused_before_anything_is_broken(name: str) -> None:
    with pytest.raises(UsageError, match="is no defect id"):
        refuse_bad_id(name)
    refuse_bad_id("split-by-rows")
