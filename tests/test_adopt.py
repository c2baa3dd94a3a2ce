"""A team's own code becomes an exercise: what is taken along, what the contract says, and what holds of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from unfit.adopt import Adopted, adopt, offer
from unfit.adopt.books import book_of, naming
from unfit.adopt.kinds import Kinds
from unfit.adopt.sources import open_project
from unfit.bank import Exercise, load_bank
from unfit.environment import find
from unfit.errors import UsageError
from unfit.sandbox import choose

HERE = Path(__file__).parent / "adopt"
SHOP = ("shop.model:train", "shop.model:score")
TURBINES = ("turbines.job:Job.forecast", "turbines.job:main")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Lay a project out where nothing above it is one."""
    shutil.copytree(HERE / "shop", tmp_path / "shop")
    (tmp_path / "shop/.env").write_text("TOKEN=abc")
    (tmp_path / "shop/env").mkdir()
    (tmp_path / "shop/env/pyvenv.cfg").touch()
    (tmp_path / "shop/env/numpy.py").touch()
    return tmp_path / "shop"


def adopted(path: Path, bank: Path, *entries: str, example: Path | None = None, **how: Any) -> Adopted:
    backend = choose("bubblewrap")
    return adopt(path, entries, example=example, bank=bank, environment=find(bank), backend=backend, **how)


def exercise(bank: Path, slug: str) -> Exercise:
    return load_bank(bank).exercise(slug)


# What is found by reading


def test_what_can_be_called_is_listed(shop: Path) -> None:
    assert offer(shop)[:2] == (
        "shop.features:features(orders) -> np.ndarray",
        "shop.model:train(orders, folder) -> None",
    )


def test_of_a_notebook_its_names_are_listed() -> None:
    names = offer(HERE / "visitors/visitors.ipynb")
    assert names[:2] + names[-3:] == ("SEED", "SHARE", "said", "error", "fit")


def test_imports_and_named_files_are_followed_and_the_rest_is_left(shop: Path) -> None:
    found = open_project(shop).needed(["shop.model"])
    assert set(found.modules) == {"shop", "shop.model", "shop.features"}
    assert found.data == ("src/shop/kinds.csv",)
    assert found.tests == ("tests/test_features.py",)
    assert found.packages == ("joblib", "numpy", "pandas", "sklearn")
    assert found.left == {"src/shop/dashboard.py": "no entry point imports it"}


def test_a_package_is_found_from_inside_of_its_project(shop: Path) -> None:
    assert open_project(shop / "src/shop").root == shop
    assert open_project(shop / "src/shop/model.py").modules == open_project(shop).modules


def test_a_module_alone_does_not_bring_its_neighbours_folders(tmp_path: Path) -> None:
    (tmp_path / "scores.py").write_text("from helper import one\n\n\ndef score(): return one\n")
    (tmp_path / "helper.py").write_text("one = 1\n")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").touch()
    project = open_project(tmp_path / "scores.py")
    assert project.files == ("helper.py", "scores.py")
    assert set(project.needed(["scores"]).modules) == {"scores", "helper"}


def test_secrets_and_large_files_stay_behind(shop: Path) -> None:
    (shop / "data").mkdir(exist_ok=True)
    (shop / "data/credentials.json").write_text("{}")
    (shop / "data/all.csv").write_bytes(bytes(5 << 20))
    (shop / "src/shop/model.py").write_text(
        'import json\nPATHS = ["data/credentials.json", "data/all.csv", ".env"]\n'
    )
    found = open_project(shop).needed(["shop.model"])
    assert found.data == ()
    assert found.left["data/credentials.json"] == "it looks like a secret"
    assert found.left["data/all.csv"] == "it is larger than 4 MiB"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (("shop.modle:train",), "no module `shop.modle`"),
        (("shop.model:trian",), "defines no function `trian`"),
        (("train",), "names no function"),
    ],
)
def test_an_entry_that_is_not_there_is_named_with_what_is(
    entries: tuple[str, ...], said: str, shop: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        adopted(shop, tmp_path / "bank", *entries, example=HERE / "shop_example.py")
    assert said in str(refused.value)
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize("text", ["", "print(1)\n", "from shop.model import\n"])
def test_an_example_that_cannot_serve_is_refused(text: str, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(text)
    with pytest.raises(UsageError, match=r"example.py"):
        adopted(shop, tmp_path / "bank", *SHOP, example=tmp_path / "example.py")
    assert not (tmp_path / "bank").exists()


def test_without_an_example_one_is_asked_for(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seen from an example") as refused:
        adopted(shop, tmp_path / "bank", *SHOP)
    assert "--example FILE" in refused.value.fix


def test_code_that_does_not_parse_is_named_by_file_and_line(shop: Path) -> None:
    (shop / "src/shop/model.py").write_text("def train(:\n")
    with pytest.raises(UsageError, match=r"model.py, line 1: does not parse"):
        open_project(shop).needed(["shop.model"])


def test_a_package_that_the_environment_lacks_is_named(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not hold streamlit") as refused:
        adopted(shop, tmp_path / "bank", "shop.dashboard:show", example=HERE / "shop_example.py")
    assert "environment.lock" in refused.value.fix


@pytest.mark.parametrize("path", ["nowhere", "notes.txt", "empty"])
def test_what_is_no_project_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        offer(tmp_path / path)


# What becomes of it


@pytest.mark.sandbox
def test_a_package_of_functions_becomes_an_exercise(shop: Path, tmp_path: Path) -> None:
    done = adopted(shop, tmp_path / "bank", *SHOP, example=HERE / "shop_example.py", title="Orders")
    assert done.wrapped == ()
    assert done.notes == (
        "the check `what_was_asked_before_is_answered` passes on the project",
        "the check `a_row_is_answered_by_itself` passes on the project",
    )
    assert 'key="order_id"' in (done.path / "checks.py").read_text()
    contract = exercise(tmp_path / "bank", "shop").manifest.contract
    assert [entry.call for entry in contract.entry] == list(SHOP)
    assert contract.entry[0].arguments == {"orders": "Table[Order]", "folder": "Folder"}
    assert contract.types["Order"] == {
        "order_id": "str", "kind": "str", "price": "float", "items": "int", "came_back": "int",
    }  # fmt: skip
    assert done.left["pyproject.toml"].startswith("the exercise has one of its own")
    project = done.path / "project"
    assert (project / "README.md").read_text() == (shop / "README.md").read_text()
    assert {path.name for path in (project / "tests").iterdir()} == {"test_features.py", "test_example.py"}
    assert not list(done.path.rglob(".env"))


@pytest.mark.slow
@pytest.mark.sandbox
def test_what_tests_share_is_kept_with_those_that_pass(shop: Path, tmp_path: Path) -> None:
    (shop / "tests/conftest.py").write_text("import pytest\n\n\n@pytest.fixture\ndef six():\n    return 6\n")
    (shop / "tests/test_six.py").write_text(
        "import shop.features\n\n\ndef test_it(six):\n    assert six == 6\n"
    )
    (shop / "tests/test_no.py").write_text(
        "import shop.features\n\n\ndef test_it(six):\n    assert six == 7\n"
    )
    done = adopted(shop, tmp_path / "bank", *SHOP, example=HERE / "shop_example.py")
    kept = {path.name for path in (done.path / "project/tests").iterdir()}
    assert kept == {"conftest.py", "test_features.py", "test_six.py", "test_example.py"}
    assert "tests/test_no.py" in done.left


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_check_of_the_library_that_the_project_does_not_pass_is_taken_out_again(
    shop: Path, tmp_path: Path
) -> None:
    model = shop / "src/shop/model.py"
    model.write_text(
        model.read_text().replace("[:, 1]\n", "[:, 1]\n    chances = chances - chances.mean()\n")
    )
    done = adopted(shop, tmp_path / "bank", *SHOP, example=HERE / "shop_example.py")
    assert done.notes[0].endswith("passes on the project")
    assert done.notes[1].startswith("left out the check `a_row_is_answered_by_itself`")
    assert "Service" not in (done.path / "checks.py").read_text()


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_job_with_a_class_a_file_and_a_command_line_becomes_one(tmp_path: Path) -> None:
    shutil.copytree(HERE / "turbines", tmp_path / "turbines")
    done = adopted(tmp_path / "turbines", tmp_path / "bank", *TURBINES, example=HERE / "turbines_example.py")
    assert done.wrapped == TURBINES
    assert done.notes == (
        "the check `what_was_asked_before_is_answered` passes on the project",
        "the check `a_row_is_answered_by_itself` passes on the project",
    )
    assert 'key="plan_id", answer=_answer, train=_train' in (done.path / "checks.py").read_text()
    contract = exercise(tmp_path / "bank", "turbines").manifest.contract
    job, command = contract.entry
    assert (job.call, job.returns) == ("turbines.entrypoints:job_forecast", "list[Forecast]")
    assert job.arguments == {
        "config": "str", "margin": "float", "readings": "list[Reading]", "tomorrow": "list[Plan]",
    }  # fmt: skip
    assert contract.types["Plan"] == {"plan_id": "str", "turbine": "str", "wind": "float | None"}
    assert command.arguments == {"argv": "list[str]"}
    assert (done.path / "project/config/job.yaml").is_file()


SHAPES = """
from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Order:
    number: int


class Till:
    def __init__(self, start, *, step=2):
        self.start, self.step = start, step

    def total(self, n=3, *rest, **more):
        return {"sum": self.start + self.step * n}

    @staticmethod
    def single(order: Order):
        return Pair(order.number, "x")

    @classmethod
    def several(cls, orders):
        return {one.number for one in orders}


async def later(n: int) -> int:
    return n


def counted(n):
    yield from range(n)
"""
USED = """
import asyncio
from tills import Order, Till, counted, later

Till(1).total(n=5)
Till.single(Order(3))
Till.several([Order(1), Order(2)])
assert asyncio.run(later(4)) == 4
list(counted(3))
"""


@pytest.mark.slow
@pytest.mark.sandbox
def test_methods_coroutines_generators_and_objects_are_called_through_small_functions(tmp_path: Path) -> None:
    (tmp_path / "tills.py").write_text(SHAPES)
    (tmp_path / "broken.py").write_bytes(b"\0\xff")
    (tmp_path / "example.py").write_text(USED)
    entries = ("Till.total", "Till.single", "Till.several", "later", "counted")
    assert {call.partition("(")[0] for call in offer(tmp_path / "tills.py")} == {
        f"tills:{one}" for one in entries
    }
    done = adopted(
        tmp_path / "tills.py",
        tmp_path / "bank",
        *(f"tills:{one}" for one in entries),
        example=tmp_path / "example.py",
    )
    assert done.notes == ("the check `what_was_asked_before_is_answered` passes on the project",)
    contract = exercise(tmp_path / "bank", "tills").manifest.contract
    assert [entry.arguments for entry in contract.entry] == [
        {"start": "int", "n": "int"}, {"order": "Order"}, {"orders": "list[Order]"}, {"n": "int"}, {"n": "int"},
    ]  # fmt: skip
    assert [entry.returns for entry in contract.entry] == [
        "TotalResult",
        "Pair",
        "list[int]",
        "int",
        "list[int]",
    ]


PARCELS = """
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path


class Mode(StrEnum):
    ROAD = "road"
    SEA = "sea"


class Carrier(Enum):
    NORDA = "norda"
    VIAQ = "viaq"


class Size(IntEnum):
    SMALL = 0
    LARGE = 1


@dataclass(frozen=True)
class Stop:
    at: datetime | None
    mode: Mode


@dataclass(frozen=True)
class Parcel:
    parcel_id: str
    carrier: Carrier
    day: date
    first: Stop
    stops: list[Stop]
    sizes: list[Size | None]
    other: Carrier | None = None


def train(data: Path, folder: Path):
    folder = Path(folder)
    (folder / "model.json").write_text(json.dumps(len(Path(data).read_text())))


def hours(parcels: list[Parcel]):
    for one in parcels:
        assert isinstance(one.carrier, Carrier) and isinstance(one.first.mode, Mode)
        assert one.other is None or isinstance(one.other, Carrier)
        assert one.day.year and all(stop.at is None or stop.at.hour for stop in [one.first, *one.stops])
        assert all(size is None or isinstance(size, Size) for size in one.sizes)
    return [{"parcel_id": one.parcel_id, "carrier": one.carrier} for one in parcels]


def price(amount: Decimal, carrier: Carrier) -> Carrier:
    return carrier


def main(argv=None) -> int:
    print(json.loads(Path(argv[0]).read_text()), sorted(path.name for path in Path(argv[1]).iterdir()))
    return 0 if argv[2].startswith("--model=") and Path(argv[2][8:]).is_file() else 3
"""
SENT = """
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from parcels import Carrier, Mode, Parcel, Size, Stop, hours, main, price, train

stops = [Stop(datetime(2025, 1, 2, 9), Mode.SEA), Stop(None, Mode.ROAD)]
sizes = [[Size.SMALL, None], [Size.LARGE]]
others = [None, Carrier.NORDA]
PARCELS = [
    Parcel(f"P-{n}", Carrier.VIAQ, date(2025, 1, n + 1), stops[0], stops, sizes[n % 2], others[n % 2]) for n in range(6)
]
with tempfile.TemporaryDirectory() as folder:
    train(Path("data/parcels.csv"), Path(folder))
    hours(PARCELS)
    price(Decimal("2.5"), Carrier.VIAQ)
    main([f"{folder}/model.json", folder, f"--model={folder}/model.json"])
"""


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    """Lay out a project with dates, enumerations and a command line that reads what training wrote."""
    (tmp_path / "parcels/data").mkdir(parents=True)
    (tmp_path / "parcels/config").mkdir()
    (tmp_path / "parcels/pyproject.toml").touch()
    (tmp_path / "parcels/parcels.py").write_text(PARCELS + 'SETTINGS = "config/parcels.json"\n')
    (tmp_path / "parcels/data/parcels.csv").write_text("parcel_id\nP-1\n")
    (tmp_path / "parcels/config/parcels.json").write_text("{}")
    (tmp_path / "example.py").write_text(SENT)
    return tmp_path / "parcels"


@pytest.mark.sandbox
def test_dates_enumerations_and_folders_within_a_command_are_handed_over(
    parcels: Path, tmp_path: Path
) -> None:
    entries = [f"parcels:{name}" for name in ("train", "hours", "main")]
    done = adopted(parcels, tmp_path / "bank", *entries, example=tmp_path / "example.py")
    assert done.notes == (
        (
            "`parcels:train` reads `data` from a file, so checks can ask it about data/parcels.csv alone: name an "
            "entry point of your own with --entry instead that takes rows, or a folder in which the file lies"
        ),
        "the check `what_was_asked_before_is_answered` passes on the project",
    )
    contract = exercise(tmp_path / "bank", "parcels").manifest.contract
    assert contract.types["Parcel"] == {
        "parcel_id": "str", "carrier": "Literal['norda', 'viaq']", "day": "date", "first": "Stop",
        "stops": "list[Stop]", "sizes": "list[Literal[0, 1] | None]", "other": "Literal['norda', 'viaq'] | None",
    }  # fmt: skip
    assert contract.types["Stop"] == {"at": "datetime | None", "mode": "Literal['road', 'sea']"}
    assert contract.entry[2].arguments == {"argv": "list[str | list[str]]"}
    checks = (done.path / "checks.py").read_text()
    assert '[[folder1, "/model.json"], folder1, ["--model=", folder1, "/model.json"]]' in " ".join(
        checks.split()
    )
    assert "/tmp" not in (done.path / "recorded.json").read_text()
    headings = (done.path / "project/data/README.md").read_text().split("## `")[1:]
    assert [heading.partition("`")[0] for heading in headings] == ["parcels.csv"]


@pytest.mark.sandbox
def test_what_cannot_be_made_again_is_named(parcels: Path, tmp_path: Path) -> None:
    done = adopted(parcels, tmp_path / "bank", "parcels:price", example=tmp_path / "example.py")
    assert done.notes[0] == (
        "`parcels:price` takes `amount`, a decimal.Decimal, which is not made again of plain values: "
        "name an entry point of your own with --entry instead that takes numbers and text, and makes it"
    )


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_notebook_of_an_old_version_becomes_one(tmp_path: Path) -> None:
    shutil.copytree(HERE / "visitors", tmp_path / "visitors")
    done = adopted(tmp_path / "visitors/visitors.ipynb", tmp_path / "bank", "said", "error")
    assert done.notes == (
        "the check `what_was_asked_before_is_answered` passes on the project",
        "the check `the_same_data_give_the_same_figures` passes on the project",
    )
    assert "tests/test_cells.py" not in done.left
    (notebook,) = exercise(tmp_path / "bank", "visitors").manifest.contract.notebook
    assert (notebook.path, notebook.reads) == ("visitors.ipynb", ("data/days.csv",))
    assert notebook.defines == {"said": "Table[SaidRow]", "error": "float"}
    book = nbformat.read(done.path / "project/visitors.ipynb", as_version=4)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])


@pytest.mark.sandbox
def test_a_notebook_that_does_not_run_is_refused(tmp_path: Path) -> None:
    shutil.copytree(HERE / "visitors", tmp_path / "visitors")
    (tmp_path / "visitors/data/days.csv").unlink()
    with pytest.raises(UsageError, match=r"does not run: FileNotFoundError"):
        adopted(tmp_path / "visitors/visitors.ipynb", tmp_path / "bank", "error")
    assert not (tmp_path / "bank").exists()


# A notebook of two tables, with a module beside it

CELLS = (
    "import matplotlib.pyplot as plt\nimport pandas as pd",
    "from sklearn.linear_model import Ridge\nfrom tidy import tidy",
    'meters = pd.read_csv("meters.csv")\nheat = tidy(pd.read_csv("heat.csv"))',
    "fig, ax = plt.subplots()",
    'model = Ridge().fit(heat[["cold"]], heat["kwh"])\nmean = model.predict(heat[["cold"]]).mean()',
    """def forecast(rows: pd.DataFrame, meters: pd.DataFrame, more: float = 0.0) -> pd.DataFrame:
    table = rows.merge(meters, on="meter", how="left")
    return table[["meter", "day"]].assign(said=table["area"] * table["cold"] + more)


def unused(rows):
    return rows""",
    "said = forecast(heat, meters)",
)

NO_KEY = "no column names a row of `heat.csv` and one of `said` by itself"


@pytest.fixture
def heat(tmp_path: Path) -> Path:
    """Lay out a notebook that reads a table of readings, and a smaller one of meters."""
    folder = tmp_path / "heat"
    folder.mkdir()
    rows = [(f"M-{at % 3}", f"2024-10-{at // 3 + 1:02}", at % 7 + 0.5, 3.0 * at) for at in range(60)]
    pd.DataFrame(rows, columns=["meter", "day", "cold", "kwh"]).to_csv(folder / "heat.csv", index=False)
    meters = pd.DataFrame({"meter": ["M-0", "M-1", "M-2"], "area": [68, 127, 163]})
    meters.to_csv(folder / "meters.csv", index=False)
    (folder / "tidy.py").write_text("def tidy(rows):\n    return rows.dropna()\n")
    (folder / "heat.ipynb").write_text(json.dumps(notebook(CELLS)))
    return folder / "heat.ipynb"


def notebook(sources: Sequence[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    cells = [{**cell, "id": f"c{at}", "source": source} for at, source in enumerate(sources)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def test_functions_of_a_notebook_are_listed_behind_its_values_and_figures_and_models_are_not(
    heat: Path,
) -> None:
    assert offer(heat) == (
        "meters",
        "heat",
        "mean",
        "said",
        "forecast(rows, meters, more) -> pd.DataFrame",
        "unused(rows)",
    )


def test_a_table_that_no_column_names_makes_no_service() -> None:
    read = pd.DataFrame({"meter": ["a", "a", "b"], "day": ["1", "2", "1"], "kwh": [1.0, 2.0, 3.0]})
    said = pd.DataFrame({"meter": ["a", "b"], "said": [1.0, 2.0]})
    kinds = Kinds()
    kinds.records["SaidRow"] = {"meter": "str", "said": "float"}
    defines = {"said": "Table[SaidRow]"}
    found = book_of("heat.ipynb", "heat.csv", read, answers={"said": said}, defines=defines, kinds=kinds)
    assert found == NO_KEY
    assert naming(read) == ("meter", "day")


@pytest.mark.sandbox
def test_the_longest_table_is_drawn_and_functions_come_into_the_contract(heat: Path, tmp_path: Path) -> None:
    done = adopted(heat, tmp_path / "bank", "said", "forecast")
    assert done.notes == (
        "moved tidy.py to src/tidy.py: candidates may put modules there, and the notebook imports them from there",
        "draws `heat.csv` for each seed, which has most rows (60)",
        "hands `meters.csv` over as it came",
        f"wrote no `Service`, which `unfit suggest` needs: {NO_KEY}",
        "the check `the_same_data_give_the_same_figures` passes on the project",
        "the check `functions_answer_what_they_were_asked` passes on the project",
    )
    (entry,) = exercise(tmp_path / "bank", "heat").manifest.contract.notebook
    assert entry.defines == {"said": "Table[SaidRow]"}
    function = entry.functions["forecast"]
    assert function.arguments == {"rows": "Table[Row]", "meters": "Table[Meter]"}
    assert function.returns.startswith("Table[")
    assert 'key=["meter", "day"]' in (done.path / "world.py").read_text()
    assert "unfit" not in (done.path / "project/heat.ipynb").read_text()


@pytest.mark.sandbox
def test_a_function_that_no_cell_calls_is_refused(heat: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="defines `unused`, and no cell calls it") as refused:
        adopted(heat, tmp_path / "bank", "unused")
    assert "[contract.notebook.functions]" in refused.value.fix
    assert not (tmp_path / "bank").exists()
