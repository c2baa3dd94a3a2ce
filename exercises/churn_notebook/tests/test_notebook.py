"""What the Monday job relies on, tried on the shipped data."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "churn.ipynb"
PROBE = """
import json
book = customers.drop(columns=["split", "left"]).tail(300)
print(json.dumps({
    "report": {name: figure if isinstance(figure, str) else float(figure) for name, figure in report.items()},
    "folds": sorted(held_out["fold"].unique()),
    "scored": score(book).astype({"score": float}).to_dict("list"),
    "book": list(book["customer_id"]),
}))
"""


@pytest.fixture(scope="module")
def seen() -> dict:
    """Run the notebook in a fresh kernel, top to bottom, and hand back what it defined."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    return json.loads(notebook.cells[-1].outputs[0]["text"])


def test_the_headline_lies_in_its_range(seen: dict) -> None:
    assert seen["report"]["low"] <= seen["report"]["value"] <= seen["report"]["high"]


def test_only_test_rows_are_held_out(seen: dict) -> None:
    assert seen["folds"] == ["test"]


def test_a_book_is_answered_in_its_order(seen: dict) -> None:
    assert seen["scored"]["customer_id"] == seen["book"]


def test_scores_lie_between_zero_and_one(seen: dict) -> None:
    assert all(0 <= score <= 1 for score in seen["scored"]["score"])


def test_two_hundred_customers_are_called(seen: dict) -> None:
    assert sum(seen["scored"]["call"]) == 200
