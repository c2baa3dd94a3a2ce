"""A notebook is readable as a script, and a line of it leads back to its cell."""

from __future__ import annotations

import ast
from pathlib import Path

from unfit.review import comments
from unfit.scripts import cell_at, script_of

NOTEBOOK = Path(__file__).parent / "banks/reviewed/solutions/clinic/project/notebooks/clinic.ipynb"
SCRIPT = script_of(NOTEBOOK.read_bytes(), "notebooks/clinic.ipynb").decode()


def test_a_script_is_python_with_every_cell_opened_by_its_id() -> None:
    ast.parse(SCRIPT)
    opened = [line for line in SCRIPT.splitlines() if line.startswith("# %%")]
    assert opened[:2] == ["# %% [markdown] id=title", "# %% id=load"]
    assert len(opened) == 5


def test_a_script_says_what_counts() -> None:
    assert SCRIPT.startswith(
        "# A copy of notebooks/clinic.ipynb to read and search. What counts is the notebook"
    )


def test_a_line_of_a_script_leads_back_to_its_cell() -> None:
    lines = SCRIPT.splitlines()
    assert cell_at(lines, lines.index("threshold = best(tune)") + 1) == ("choose", 5)
    assert cell_at(lines, 1) == ("", 1)


def test_a_comment_in_the_script_is_a_finding_on_the_notebook() -> None:
    written = SCRIPT.replace("threshold =", "# REVIEW(leakage): odd\nthreshold =")
    (finding,) = comments(
        {"notebooks/clinic.py": written.encode()}, {"notebooks/clinic.ipynb": NOTEBOOK.read_bytes()}
    )
    assert finding.where == "notebooks/clinic.ipynb, cell `choose`, line 5"
