"""A value keeps to its contract, or the place that breaks it is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from unfit.contract_types import ContractBroken, Types
from unfit.errors import ManifestError

TYPES = {
    "HeldOut": {"id": "str", "fold": "int | str", "score": "float | None"},
    "Evaluation": {"metric": "str", "value": "float", "held_out": "Table[HeldOut]"},
    "Result": {"status": "Literal['ok', 'held']", "score": "float | None"},
}
HELD_OUT = pd.DataFrame({"id": ["a", "b"], "fold": [0, 1], "score": [0.5, np.nan]})


@pytest.fixture
def types() -> Types:
    return Types(TYPES, source="demo/exercise.toml")


def test_a_record_may_hold_more_than_it_promises(types: Types) -> None:
    value = {"status": "ok", "score": 0.5, "note": "fine"}
    assert types.accept("Result", value) == value


def test_a_missing_number_reads_as_null(types: Types) -> None:
    assert types.accept("Result", {"status": "held", "score": float("nan")})["score"] is None


@pytest.mark.parametrize(
    "table",
    [HELD_OUT, HELD_OUT.to_dict("records"), HELD_OUT.to_dict("list"), HELD_OUT.set_index("id")],
    ids=["frame", "records", "columns", "indexed"],
)
def test_a_table_may_come_in_any_shape(types: Types, table: Any) -> None:
    seen = types.accept("Table[HeldOut]", table)
    assert [list(seen["id"]), seen["score"].isna().sum()] == [["a", "b"], 1]


def test_numbers_of_a_table_get_one_dtype_whoever_made_them(types: Types) -> None:
    strings = HELD_OUT.astype({"score": "Float32"})
    assert types.accept("Table[HeldOut]", strings)["score"].dtype == np.float64


@pytest.mark.parametrize(
    ("expression", "value", "sentence"),
    [
        ("Result", {"status": "bad", "score": 1.0}, "status: must be 'ok' or 'held'. Got 'bad' (str)."),
        ("Result", {"score": 1.0}, "status: is missing."),
        (
            "list[Result]",
            [{"status": "ok", "score": "high"}],
            "[0].score: must be a number or null. Got 'high'",
        ),
        (
            "Result",
            {"status": "ok", "score": float("inf")},
            "score: must be a finite number or null. Got inf",
        ),
        ("Result", None, "must be a record. Got null."),
        ("dict[str, int]", {"a": 1.5}, "a: must be a whole number. Got 1.5"),
        (
            "Table[HeldOut]",
            HELD_OUT.drop(columns="fold"),
            "must have the columns fold. Got the columns id, score.",
        ),
        (
            "Table[HeldOut]",
            HELD_OUT.assign(score="x"),
            "row 0, column `score`: must be a number or null. Got 'x'",
        ),
        ("Table[HeldOut]", 3, "must be a table: a DataFrame or a list of records. Got 3 (int)."),
        ("Evaluation", {"metric": "auc", "value": 0.5, "held_out": []}, ""),
    ],
)
def test_what_breaks_a_contract_is_named_by_place(
    types: Types, expression: str, value: Any, sentence: str
) -> None:
    if not sentence:
        assert types.accept(expression, value)["held_out"].empty
        return
    with pytest.raises(ContractBroken) as broken:
        types.accept(expression, value)
    assert sentence in str(broken.value)


def test_two_columns_of_one_name_are_no_table(types: Types) -> None:
    doubled = pd.concat([HELD_OUT, HELD_OUT["id"]], axis=1)
    with pytest.raises(ContractBroken, match="two columns of one name"):
        types.accept("Table[HeldOut]", doubled)


@pytest.mark.parametrize("expression", ["set[int]", "1 + 2", "list[", "os.system", "__import__('os')"])
def test_only_the_type_language_is_read(types: Types, expression: str) -> None:
    with pytest.raises(ManifestError, match="type"):
        types.annotation(expression)


def test_a_type_that_contains_itself_is_refused() -> None:
    with pytest.raises(ManifestError, match="contains itself"):
        Types({"Node": {"next": "Node | None"}}, source="demo/exercise.toml")


def test_an_unknown_type_names_those_that_exist() -> None:
    with pytest.raises(ManifestError, match="no type is called `Row`"):
        Types({"Table1": {"rows": "list[Row]"}}, source="demo/exercise.toml")


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**63, 1e300])
@pytest.mark.parametrize(
    "expression", ["int", "int | str", "list[int]", "Any", "dict[str, Any]", "Table[Count]"]
)
def test_a_number_that_no_column_could_hold_breaks_the_contract(expression: str, value: Any) -> None:
    types = Types({"Count": {"n": "int"}}, source="demo/exercise.toml")
    shapes = {"list[int]": [value], "dict[str, Any]": {"a": [{"b": value}]}, "Table[Count]": [{"n": value}]}
    if expression in {"Any", "dict[str, Any]"} and isinstance(value, float):
        return  # a float is one in a field of any type
    with pytest.raises(ContractBroken, match="64 bits"):
        types.accept(expression, shapes.get(expression, value))


@pytest.mark.parametrize("value", [10**400, 10**5000], ids=["401 digits", "5001 digits"])
def test_an_endless_integer_is_no_number(types: Types, value: int) -> None:
    with pytest.raises(ContractBroken, match="score: must be"):
        types.accept("Result", {"status": "ok", "score": value})


@pytest.mark.parametrize(
    "value",
    [
        [{"id": ["a"], "fold": {}, "score": 1.0}],
        {"id": [], "fold": [1], "score": []},
        [{1: 2}, {"id": "a"}],
        pd.DataFrame({("a", "b"): [1]}),
        pd.DataFrame([[1, 2]], columns=["id", "id"]),
        pd.DataFrame({"id": ["a"], "fold": [0], "score": [0.1]}, index=pd.Index(["a"], name="id")),
    ],
)
def test_whatever_a_table_is_made_of_it_is_taken_or_refused(types: Types, value: Any) -> None:
    try:
        assert isinstance(types.accept("Table[HeldOut]", value), pd.DataFrame)
    except ContractBroken as broken:
        assert str(broken)  # noqa: PT017
