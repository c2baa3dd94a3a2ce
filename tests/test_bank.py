"""The bank reads manifests into records, and says what is wrong with a wrong one."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from bank_samples import MINIATURE, copied, rewritten, tea_notebook, tea_shop
from unfit.bank import Bank, Edit, digest_of, load_bank, read_tree, schemas, type_names
from unfit.errors import BankError, CheckError, ManifestError, UsageError

DEFECTS = "solutions/tea_shop/defects.toml"
EXERCISE = "solutions/tea_shop/exercise.toml"
EXPECT = "solutions/tea_shop/corpus/right/own_words/expect.toml"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return copied(tmp_path)


def complaint(bank: Path, file: str, old: str, new: str) -> str:
    """Break one manifest and read everything; the error that comes of it."""
    rewritten(bank / file, old, new)
    with pytest.raises(ManifestError) as caught:
        read_all(load_bank(bank))
    return str(caught.value)


def read_all(bank: Bank) -> None:
    for slug in bank.slugs:
        exercise = bank.exercise(slug)
        assert exercise.defects
        assert exercise.corpus is not None
        assert exercise.decoys is not None


def test_a_bank_lists_its_exercises_sorted() -> None:
    assert load_bank(MINIATURE).slugs == ("tea_notebook", "tea_shop")


def test_an_exercise_knows_its_folders() -> None:
    exercise = tea_shop()
    assert exercise.project == MINIATURE / "solutions/tea_shop/project"
    assert exercise.shipped_folder == MINIATURE / "exercises/tea_shop"


def test_the_default_form_comes_first_and_holds_the_default_defects() -> None:
    default, other, *_ = tea_shop().forms
    assert (default.name, default.defects) == ("default", ("last-day-ignored", "window-too-long", "no-watch"))
    assert other.name == "b"


def test_the_corpus_says_how_each_entry_must_be_judged() -> None:
    right, wrong = tea_shop().corpus
    assert (
        right.name,
        right.kind,
        right.expect.fixes,
    ) == ("own_words", "right", ("last-day-ignored", "window-too-long"))
    assert (wrong.name, wrong.kind, wrong.expect.delete) == ("hides_it", "wrong", ("src/tea/watch.py",))


def test_the_expectation_is_no_part_of_an_overlay() -> None:
    assert list(tea_shop().corpus[0].files) == ["src/tea/forecast.py"]


def test_a_decoy_names_its_check() -> None:
    assert [decoy.check for decoy in tea_shop().decoys] == ["newest_day_counts"]


def test_an_exercise_without_decoys_has_none() -> None:
    assert tea_notebook().decoys == ()


def test_a_notebook_is_part_of_the_contract() -> None:
    (notebook,) = tea_notebook().manifest.contract.notebook
    assert notebook.defines == {"total": "float"}
    assert notebook.functions["price"].returns == "Price"


def test_records_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        tea_shop().manifest.title = "Coffee"


def test_the_digest_follows_every_file_of_the_solution(bank: Path) -> None:
    before = tea_shop(bank).digest
    (bank / "solutions/tea_shop/GUIDE.md").write_text("Ask about the week.\n", "utf-8")
    assert before != tea_shop(bank).digest


def test_the_digest_minds_neither_caches_nor_times(bank: Path) -> None:
    before = tea_shop(bank).digest
    cache = bank / "solutions/tea_shop/__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "checks.cpython-311.pyc").write_bytes(b"anything")
    (bank / DEFECTS).touch()
    assert before == tea_shop(bank).digest


def test_the_digest_minds_where_a_content_stands() -> None:
    assert digest_of({"a": b"1", "b": b""}) != digest_of({"a": b"", "b": b"1"})


def test_a_candidates_side_has_the_manifest_and_no_more(bank: Path) -> None:
    shutil.rmtree(bank / "solutions")
    exercise = tea_shop(bank)
    assert exercise.manifest.title == "Tea shop"
    assert not exercise.complete
    with pytest.raises(UsageError, match="hidden half of `tea_shop`"):
        _ = exercise.defects


def test_a_link_is_no_part_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(BankError, match="passwords: is no regular file"):
        read_tree(tmp_path)


# ── what is wrong, and what was meant ────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_exercise_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no exercise `tea_shoop`; the nearest is `tea_shop`"):
        load_bank(MINIATURE).exercise("tea_shoop")


def test_an_unknown_defect_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no defect `no-wotch`; the nearest is `no-watch`"):
        tea_shop().defect("no-wotch")


def test_an_unknown_form_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="no form `z`; there is `b`, `default`"):
        tea_shop().form("z")


def test_a_missing_bank_is_a_mistake_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        load_bank(tmp_path / "nowhere")


def test_a_folder_without_exercises_is_no_bank(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither solutions/ nor exercises/"):
        load_bank(tmp_path)


def test_an_exercise_needs_a_name_that_can_be_imported(bank: Path) -> None:
    (bank / "solutions/tea-room").mkdir()
    with pytest.raises(ManifestError, match="solutions/tea-room: is no name for an exercise"):
        load_bank(bank)


@pytest.mark.parametrize("file", [DEFECTS, EXPECT])
def test_a_missing_manifest_is_named(bank: Path, file: str) -> None:
    (bank / file).unlink()
    with pytest.raises(ManifestError, match=f"{file}: the file does not exist"):
        read_all(load_bank(bank))


def test_a_missing_exercise_manifest_is_named(bank: Path) -> None:
    (bank / EXERCISE).unlink()
    shutil.rmtree(bank / "exercises")
    with pytest.raises(ManifestError, match=f"{EXERCISE}: the file does not exist"):
        tea_shop(bank)


Case = tuple[str, str, str, list[str]]
CASES: dict[str, Case] = {
    "syntax": (
        DEFECTS,
        'id = "no-watch"',
        'id = "no-watch',
        [DEFECTS, "is not TOML", "line 63", 'id = "no-watch'],
    ),
    "format": (EXERCISE, "format = 1", "format = 2", [EXERCISE, "`format` = 2", "reads format 1"]),
    "no format": (EXERCISE, "format = 1\n", "", ["`format` is missing", "format = 1"]),
    "unknown key": (
        EXERCISE,
        "minutes",
        "minuets",
        ["`minuets` = 15: unknown key; the nearest is `minutes`"],
    ),
    "missing key": (EXERCISE, 'level = "any"\n', "", ["`level` is missing"]),
    "inner key": (
        EXERCISE,
        "seconds = 5",
        "second = 5",
        ["`contract.entry[tea.forecast:forecast].second` = 5: unknown key; the nearest is `seconds`"],
    ),
    "edit's key": (
        DEFECTS,
        'fixed = "WINDOW = 7"\nplanted = "WINDOW = 90"',
        'fixd = "WINDOW = 7"\nplanted = "WINDOW = 90"',
        ["`defect[window-too-long].edit[1].fixd` = 'WINDOW = 7': unknown key; the nearest is `fixed`"],
    ),
    "choice": (EXERCISE, '"any"', '"midd"', ["`level` = 'midd': must be", "the nearest is `mid`"]),
    "category": (
        DEFECTS,
        '"monitoring"',
        '"Monitoring"',
        ["`defect[no-watch].category` = 'Monitoring'", "the nearest is `monitoring`"],
    ),
    "kind of value": (EXERCISE, "minutes = 15", 'minutes = "long"', ["`minutes` = 'long'", "integer"]),
    "path outside": (
        DEFECTS,
        '"src/tea/watch.py"',
        '"../../etc/passwd"',
        ["`defect[no-watch].edit[1].file`", "stays in its folder"],
    ),
    "excludes": (
        DEFECTS,
        'excludes = ["window-too-short"]',
        'excludes = ["window-to-short"]',
        ["`defect[window-too-long].excludes` names `window-to-short`", "the nearest is `window-too-short`"],
    ),
    "duplicate": (
        DEFECTS,
        'id = "no-watch"',
        'id = "window-too-long"',
        ["`defect[window-too-long].id` is used 2"],
    ),
    "form": (
        DEFECTS,
        '["last-day-ignored", "window-too-short"]',
        '["last-day-ignore"]',
        ["`form[b].defects` names `last-day-ignore`", "the nearest is `last-day-ignored`"],
    ),
    "form of excluded": (
        DEFECTS,
        '["last-day-ignored", "window-too-short"]',
        '["window-too-long", "window-too-short"]',
        ["`form[b].defects` holds", "exclude each other"],
    ),
    "default of excluded": (DEFECTS, "default = false", "default = true", ["the form `default` holds"]),
    "check": (
        DEFECTS,
        '["newest_day_counts"]',
        '["newest_day_count"]',
        ["`defect[last-day-ignored].checks` names `newest_day_count`", "the nearest is `newest_day_counts`"],
    ),
    "decoy's check": (
        "solutions/tea_shop/decoys.toml",
        "newest_day_counts",
        "newest_day",
        ["`decoy[odd-window].check` names `newest_day`", "the nearest is `newest_day_counts`"],
    ),
    "expectation": (
        EXPECT,
        '"window-too-long"',
        '"window-long"',
        [EXPECT, "`fixes` names `window-long`", "nearest"],
    ),
    "not planted": (
        EXPECT,
        '"window-too-long"',
        '"window-too-short"',
        ["`fixes` names `window-too-short`, which is no planted defect of the form `default`"],
    ),
    "guard": (
        "solutions/tea_shop/corpus/wrong/hides_it/expect.toml",
        "every_tea_gets_a_forecast",
        "every_tea_gets_forecast",
        ["`guards_broken` names `every_tea_gets_forecast`", "the nearest is `every_tea_gets_a_forecast`"],
    ),
    "base": (
        EXPECT,
        "format = 1",
        'format = 1\nbase = "fixed"',
        [EXPECT, '`fixes` goes with `base = "shipped"`'],
    ),
    "type": (
        EXERCISE,
        '"list[Forecast]"',
        '"list[Forcast]"',
        ["`contract`, `entry[tea.forecast:forecast].returns` = 'list[Forcast]'", "the nearest is `Forecast`"],
    ),
    "field's type": (EXERCISE, '"float | None"', '"flaot | None"', ["`types.Forecast.amount`", "is `float`"]),
    "type's syntax": (EXERCISE, '"list[Forecast]"', '"list[Forecast"', ["'list[Forecast' is not a type"]),
    "entry": (
        EXERCISE,
        "tea.forecast:forecast",
        "tea.forecast.forecast",
        ["`contract.entry[tea.forecast.forecast]"],
    ),
    "absent and more": (
        DEFECTS,
        "absent = true",
        'absent = true\nfixed = "x"',
        ["`absent = true` stands alone"],
    ),
    "same": (DEFECTS, '"WINDOW = 90"', '"WINDOW = 7"', ["`fixed` and `planted` are the same text"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_manifest_names_file_key_value_and_the_nearest_right_one(bank: Path, case: str) -> None:
    file, old, new, words = CASES[case]
    said = complaint(bank, file, old, new)
    assert said.startswith(file)
    for word in words:
        assert word in said
    assert "fix: " in said


def test_every_mistake_of_a_manifest_is_named_at_once(bank: Path) -> None:
    rewritten(bank / EXERCISE, "minutes", "minuets")
    said = complaint(bank, EXERCISE, 'level = "any"', 'levle = "any"')
    assert {"minuets", "levle"} == {word for word in ("minuets", "levle") if f"`{word}` = " in said}


def test_checks_that_do_not_parse_are_our_own_fault(bank: Path) -> None:
    (bank / "solutions/tea_shop/checks.py").write_text("def broken(:\n", "utf-8")
    with pytest.raises(CheckError, match=r"solutions/tea_shop/checks\.py:1"):
        tea_shop(bank)


def test_before_any_check_is_written_their_names_are_taken_on_trust(bank: Path) -> None:
    (bank / "solutions/tea_shop/checks.py").unlink()
    assert tea_shop(bank).defects[0].checks == ("newest_day_counts",)


def test_an_edit_of_a_notebook_names_its_cell() -> None:
    with pytest.raises(ValidationError, match="needs `cell`"):
        Edit(file="a.ipynb", fixed="1", planted="2")
    with pytest.raises(ValidationError, match=r"a\.py is none"):
        Edit(file="a.py", cell="read", fixed="1", planted="2")


# ── the contract's types ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("Table[Referral]", {"Referral"}),
        ("dict[str, list[A | B]] | None", {"A", "B"}),
        ("Literal['ok', -1] | Folder | Any | datetime", set()),
    ],
)
def test_a_type_names_what_must_be_defined(expression: str, names: set[str]) -> None:
    assert names == type_names(expression)


@pytest.mark.parametrize(
    "expression", ["", "list[", "f()", "'Quoted'", "list[A, B]", "dict[str]", "a.B", "1"]
)
def test_what_is_no_type_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"is not a type|not a type"):
        type_names(expression)


# ── schemas for editors ──────────────────────────────────────────────────────────────────────────────────────────────

MANIFESTS = sorted(path for path in MINIATURE.rglob("*.toml") if path.name in schemas())


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.relative_to(MINIATURE).as_posix())
def test_the_published_schemas_accept_the_manifests(path: Path) -> None:
    schema = schemas()[path.name]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(path.read_text("utf-8")), schema)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data | {"extra": 1},
        lambda data: data | {"format": 2},
        lambda data: data | {"defect": [{}]},
    ],
)
def test_the_published_schemas_refuse_what_the_reader_refuses(
    spoil: Callable[[dict[str, object]], object],
) -> None:
    data = tomllib.loads((MINIATURE / DEFECTS).read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoil(data), schemas()["defects.toml"])


def test_what_the_contract_needs_is_not_generated(bank: Path) -> None:
    said = complaint(bank, EXERCISE, "[environment]", 'generated = ["src"]\n[environment]')
    assert "`generated` names `src`, and the contract needs `src`" in said
