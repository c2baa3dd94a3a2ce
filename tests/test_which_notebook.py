"""A grade says which of several notebooks was graded, and what was odd about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.errors import SubmissionError
from unfit.export import export
from unfit.receiving import Received, receive
from unfit.report.words import weighs
from unfit.which_notebook import remarks

CHURN = load_bank(Path(__file__).parents[1]).exercise("churn_notebook")
BOOK = "notebooks/churn.ipynb"


def book(*sources: str, ids: str = "abcdefgh") -> bytes:
    cells = [
        {"id": own, "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for own, source in zip(ids, sources, strict=False)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


HANDED = {BOOK: book("a = 1", "b = 2"), "notebooks/other.ipynb": book("c = 3")}
MENDED = book("a = 1", "b = 3")
TO_GRADE = f"to grade a copy instead, let it be `{BOOK}` and grade again."


def said(files: dict[str, bytes]) -> list[str]:
    return list(remarks([BOOK], HANDED | files, lambda: HANDED))


@pytest.mark.parametrize(
    "name",
    ["notebooks/churn-Copy1.ipynb", "Copy of churn.ipynb", "old/churn.ipynb", "notebooks/ada_lovelace.ipynb"],
)
def test_a_mended_copy_beside_the_untouched_notebook_is_named_with_what_to_do(name: str) -> None:
    (note,) = said({name: MENDED})
    untouched = f"`{BOOK}` was graded, and is as it was handed out"
    assert note == f"{untouched}; its copy, `{name}`, was changed and was not graded: {TO_GRADE}"
    assert weighs(note)


def test_a_copy_beside_a_notebook_that_was_changed_as_well_is_named() -> None:
    (note,) = said({BOOK: book("a = 0", "b = 2"), "notebooks/churn-Copy1.ipynb": MENDED})
    assert note.startswith(f"`{BOOK}` was graded; its copy, `notebooks/churn-Copy1.ipynb`, was changed too")


@pytest.mark.parametrize(
    "files",
    [
        {"notebooks/churn-Copy1.ipynb": HANDED[BOOK]},
        {BOOK: MENDED, "notebooks/churn-Copy1.ipynb": HANDED[BOOK]},
        {BOOK: MENDED, "notebooks/churn-Copy1.ipynb": MENDED},
        {"notebooks/scratch.ipynb": book("print(1)")},
        {"notebooks/churn-Copy1.ipynb": book("a = 1\n", "b = 2", "")},
    ],
    ids=["untouched", "kept as it was", "the same", "of its own", "run and saved"],
)
def test_a_copy_that_says_nothing_new_is_not_mentioned(files: dict[str, bytes]) -> None:
    assert said(files) == []


def test_a_notebook_that_is_missing_is_asked_for_where_a_copy_lies_elsewhere() -> None:
    files = {"mine/ada.ipynb": MENDED}
    with pytest.raises(SubmissionError, match=r"`mine/ada.ipynb` is like a copy of it") as refused:
        list(remarks([BOOK], files, lambda: HANDED))
    assert refused.value.fix == f"let the one to be graded be `{BOOK}`; no grade was written"


def test_cells_that_share_an_id_are_counted_in_a_note_that_weighs_nothing() -> None:
    (note,) = said({BOOK: book("a = 1", "b = 2", "c = 3", ids="aab")})
    assert note == f"`{BOOK}`: 1 cell has the id of another cell; each is called by its place instead."
    assert not weighs(note)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"cells": 3}', b'{"cells": [3, {"source": [1]}]}', b"\xff"]
)
def test_what_is_no_notebook_is_no_copy(content: bytes) -> None:
    assert said({"notebooks/x.ipynb": content, BOOK: content}) == []


def received(tmp_path: Path) -> Received:
    return receive(CHURN, tmp_path / "ada", tmp_path / "clean", ledger=tmp_path / "ledger")


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    export(CHURN, tmp_path / "ada", ledger=tmp_path / "ledger", seed=7, minutes=40, candidate="Ada")
    return tmp_path / "ada"


def test_an_export_that_nobody_touched_has_no_notes(ada: Path) -> None:
    assert received(ada.parent).submission.notes == ()


def test_what_was_handed_out_decides_whether_a_notebook_was_touched(ada: Path) -> None:
    document = json.loads((ada / BOOK).read_bytes())
    document["cells"][-1]["source"] = "mended = True"
    (ada / "notebooks/churn-Copy1.ipynb").write_text(json.dumps(document))
    (note,) = received(ada.parent).submission.notes
    assert "is as it was handed out; its copy, `notebooks/churn-Copy1.ipynb`, was changed" in note
