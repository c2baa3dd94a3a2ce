"""Each operator finds the places where its mistake can be made, leaves others alone, and offers nothing that breaks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from unfit.errors import PlantingError
from unfit.operators import OPERATORS, Operator, Suggestion, suggestions_of
from unfit.operators.notebook_module import joined, taken_apart
from unfit.planting.notebook_documents import write_notebook
from unfit.standard import STANDARD

SAMPLES = tomllib.loads(Path(__file__).with_name("operator_samples.toml").read_text("utf-8"))
FOUND, LEFT = SAMPLES["found"], SAMPLES["left"]
ELSEWHERE = {"further-column-read", "cut-in-a-later-cell"}
"""Operators that need more than one file of code; each has tests of its own below."""
BY_NAME = {operator.name: operator for operator in OPERATORS}


def by(
    name: str, text: str, file: str = "src/shop/serve.py", beside: Mapping[str, bytes] | None = None
) -> tuple[Suggestion, ...]:
    return suggestions_of({file: text.encode(), **(beside or {})}, operators=[BY_NAME[name]])


def planted(suggestion: Suggestion) -> str:
    return "\n".join(suggestion.texts.values())


def notebook(cells: Mapping[str, str]) -> bytes:
    return write_notebook(
        {"cells": [{"id": name, "cell_type": "code", "source": text} for name, text in cells.items()]}
    )


# ── every operator ───────────────────────────────────────────────────────────────────────────────────────────────────


found = pytest.mark.parametrize("sample", FOUND, ids=lambda sample: sample["operator"])


def tried(sample: dict[str, str]) -> list[str]:
    return [planted(one) for one in by(sample["operator"], sample["code"], sample["file"])]


@found
def test_an_operator_finds_the_place_and_plants_the_mistake(sample: dict[str, str]) -> None:
    assert any(sample["plants"] in text for text in tried(sample)), tried(sample)


@pytest.mark.parametrize("sample", LEFT, ids=lambda sample: sample["operator"])
def test_an_operator_leaves_what_is_no_place_for_its_mistake(sample: dict[str, str]) -> None:
    assert tried(sample) == []


@found
def test_an_operator_offers_nothing_that_would_not_compile(
    sample: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = sample["code"]
    monkeypatch.setattr("unfit.operators.changing.compiles", lambda text: text == fixed)
    assert tried(sample) == []


@found
def test_what_an_operator_plants_is_python_between_the_lines_that_stood_there(sample: dict[str, str]) -> None:
    commented = f"# first\n{sample['code'].rstrip()}\n# last\n"
    for text in tried({**sample, "code": commented}):
        ast.parse(text)
        assert text.startswith("# first\n")
        assert text.endswith("# last\n")


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_operator_has_code_that_it_finds_and_code_that_it_leaves(operator: Operator) -> None:
    assert operator.name in {sample["operator"] for sample in FOUND} | ELSEWHERE
    assert operator.name in {sample["operator"] for sample in LEFT}


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_operator_breaks_a_rule_and_is_told_by_experiments_of_that_rule(operator: Operator) -> None:
    (rule,) = (rule for rule in STANDARD.rules if rule.id == operator.rule)
    assert set(operator.proof) <= set(rule.experiments)


def test_the_names_of_operators_are_unique() -> None:
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS)


# ── what would not compile ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_not_called_by_a_parameter_that_would_be_global() -> None:
    text = "def read(rows):\n    global table\n    table = rows.drop_duplicates('id')\n    return table\n"
    assert by("sent-twice-counts-twice", text) == ()


def test_a_file_is_not_written_in_place_where_its_name_could_not_be_declared() -> None:
    text = (
        "import os\n\n\ndef write(self, lines):\n    part = self.path + '.part'\n\n    def fill():\n"
        "        nonlocal part\n        open(part, 'x').write(lines)\n\n    fill()\n    os.replace(part, self.path)\n"
    )
    assert by("written-in-place", text) == ()


# ── what is left behind ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_constant_that_nothing_reads_any_more_goes_with_what_is_said_of_it() -> None:
    text = (
        'from store import get\n\nFIRST = 1\nDEADLINE = 0.1\n"""Seconds."""\nLAST = 2\n\n\n'
        "def ask(key):\n    return get(key, timeout=DEADLINE) or FIRST or LAST\n"
    )
    (one,) = by("deadline-taken-away", text)
    assert planted(one).startswith("from store import get\n\nFIRST = 1\nLAST = 2\n")


def test_a_constant_that_another_file_reads_stays() -> None:
    text = "SEED = 1\n\n\ndef draw(rng):\n    return rng.default_rng(SEED)\n"
    (one,) = by("drawn-without-a-seed", text, beside={"src/other.py": b"from shop.serve import SEED\n"})
    assert "SEED = 1" in planted(one)


def test_a_local_name_goes_that_another_function_reads_under_the_same_name() -> None:
    text = (
        "import math\n\n\ndef read(x):\n    fine = math.isfinite(x)\n    return x if fine else None\n\n\n"
        "def other(fine):\n    return fine\n"
    )
    (one,) = by("kind-not-checked", text)
    assert planted(one).startswith("def read(x):\n    return x\n")


def test_an_import_that_nothing_reads_any_more_goes() -> None:
    line = "from sklearn.model_selection import KFold, TimeSeriesSplit"
    text = f"{line}\n\nfolds = TimeSeriesSplit(3)\nothers = KFold(2)\n"
    (one,) = by("dated-rows-shuffled", text)
    assert planted(one).startswith(
        "from sklearn.model_selection import KFold\n\nfolds = KFold(3, shuffle=True"
    )


def test_a_new_import_stands_where_it_would_be_sorted() -> None:
    text = (
        "from pathlib import Path\n\nimport pandas as pd\nfrom sklearn.metrics import roc_auc_score\n\n"
        "from shop.model import fit\n\nprint(Path, pd, fit)\n\n\ndef evaluate(rows):\n"
        '    value = roc_auc_score(rows["y"], rows["score"])\n    return value\n'
    )
    (one,) = by("accuracy-as-headline", text)
    assert "import pandas as pd\nfrom sklearn.metrics import accuracy_score\n\nfrom shop.model" in planted(
        one
    )


def test_operators_of_more_than_one_file_offer_nothing_that_would_not_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = {
        "read": "rows = [1, 2]\nrows = rows[1:]",
        "split": "first = rows[:1]",
        "look": "len(rows)",
    }
    tries: dict[str, Callable[[], tuple[Suggestion, ...]]] = {
        "further-column-read": lambda: by("further-column-read", FEATURES, beside={"data/rows.csv": DATA}),
        "cut-in-a-later-cell": lambda: by_notebook("cut-in-a-later-cell", cells),
    }
    assert tries.keys() == ELSEWHERE
    assert all(found() for found in tries.values())
    monkeypatch.setattr("unfit.operators.changing.compiles", lambda _: False)
    assert not any(found() for found in tries.values())


def test_comments_and_layout_of_all_else_stay() -> None:
    text = "def ask(store, key):\n    x = [1,2]   # as it is\n    return store.get(key, timeout=3), x\n"
    (one,) = by("deadline-taken-away", text)
    assert planted(one) == text.replace(", timeout=3", "")


def test_a_project_that_is_formatted_stays_formatted() -> None:
    line = 'pd.merge_asof(orders_of_customers, prices_in_force, left_on="at", right_on="since", by="article")'
    text = f"import pandas as pd\n\n\ndef price(orders_of_customers, prices_in_force):\n    return {line}\n"
    (one,) = by("latest-row-joined", text, beside={"pyproject.toml": b"[tool.ruff]\nline-length = 120\n"})
    assert max(map(len, planted(one).split("\n"))) <= 120


# ── notebooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_notebook_is_read_as_one_module_and_changed_cell_by_cell() -> None:
    cells = {
        "settings": "import numpy as np\n\nSEED = 3",
        "draw": "%matplotlib inline\ndrawn = np.random.default_rng(SEED).random(3)\ndrawn",
    }
    (one,) = by_notebook("drawn-without-a-seed", cells)
    assert (one.file, one.cell, one.line) == ("notebooks/report.ipynb", "draw", 2)
    assert dict(one.texts) == {
        ("notebooks/report.ipynb", "settings"): "import numpy as np",
        (
            "notebooks/report.ipynb",
            "draw",
        ): "%matplotlib inline\ndrawn = np.random.default_rng().random(3)\ndrawn",
    }


def by_notebook(name: str, cells: Mapping[str, str]) -> tuple[Suggestion, ...]:
    return suggestions_of({"notebooks/report.ipynb": notebook(cells)}, operators=[BY_NAME[name]])


def test_a_table_is_cut_in_a_later_cell() -> None:
    cells = {
        "read": "import pandas as pd\n\nrows = pd.read_csv('rows.csv')\nrows = rows[rows.open]",
        "split": "first = rows.head(9)",
        "look": "rows.describe()",
    }
    (one,) = by_notebook("cut-in-a-later-cell", cells)
    assert one.texts["notebooks/report.ipynb", "look"] == "rows = rows[rows.open]\nrows.describe()"


def test_cells_come_apart_as_they_were_joined() -> None:
    cells = {"a": "x = 1\n", "b": "", "c": "%%time\nit's = 'odd'", "d-1": "if x:\n    !ls 'there'\n# end"}
    assert taken_apart(joined(cells)) == cells


def test_a_table_is_not_cut_in_a_later_cell_that_is_the_only_reader() -> None:
    cells = {"read": "rows = [1, 2]\nrows = rows[1:]", "look": "len(rows)"}
    assert by_notebook("cut-in-a-later-cell", cells) == ()


# ── columns of the data ──────────────────────────────────────────────────────────────────────────────────────────────

DATA = b"id,age,wage,late,gender,town,y\n1,30,1.5,4,man,Ulm,0\n2,40,2.5,,woman,Bonn,1\n"
FEATURES = 'NUMBERS = ["age", "wage"]\nKINDS = {\n    "town": ["Bonn", "Ulm"],\n}\n'


def test_a_column_that_no_code_names_joins_those_that_the_model_reads() -> None:
    found = by("further-column-read", FEATURES, beside={"data/rows.csv": DATA})
    assert [(one.rule, one.line) for one in found] == [("known-then", 1), ("even-handed", 2)]
    number, person = map(planted, found)
    assert 'NUMBERS = ["age", "wage", "late"]' in number
    assert '"gender": ["man", "woman"],\n}' in person


def test_an_outcome_and_an_id_do_not_become_features() -> None:
    text = f'{FEATURES}\n\ndef learn(rows):\n    return fit(rows, rows["y"])\n'
    found = by("further-column-read", text, beside={"data/rows.csv": DATA})
    assert not any('"id"' in planted(one) or '"wage", "y"' in planted(one) for one in found)


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tests_are_no_place_for_a_mistake() -> None:
    text = b"def ask(store, key):\n    return store.get(key, timeout=3)\n"
    paths = ("tests/test_ask.py", "src/shop/test_ask.py", "conftest.py", "examples/ask.py")
    assert suggestions_of(dict.fromkeys(paths, text)) == ()


def test_numbers_are_the_same_for_an_unchanged_project() -> None:
    tree = {f"src/shop/{name}.py": FOUND[0]["code"].encode() for name in ("b", "a")}
    one, other = (suggestions_of(dict(items)) for items in (tree.items(), reversed(tree.items())))
    assert [(item.number, item.place, item.difference) for item in one] == [
        (item.number, item.place, item.difference) for item in other
    ]
    assert [item.number for item in one] == list(range(1, len(one) + 1))


def test_a_file_that_does_not_parse_is_named_with_its_line() -> None:
    with pytest.raises(PlantingError) as caught:
        suggestions_of({"src/shop/serve.py": b"x = 1\ndef broken(:\n    pass\n"})
    assert "src/shop/serve.py:2: does not parse" in caught.value.message


def test_a_cell_that_does_not_parse_is_named_with_its_line() -> None:
    with pytest.raises(PlantingError) as caught:
        suggestions_of({"notebooks/report.ipynb": notebook({"one": "x = 1", "two": "y = 2\nz = = 3"})})
    assert "notebooks/report.ipynb cell `two` line 2: does not parse" in caught.value.message
