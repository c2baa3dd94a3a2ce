"""A derived exercise says nothing of its origin's names, and works as before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomlkit
from typer.testing import CliRunner, Result

from unfit.bank import load_bank, read_tree
from unfit.checks import load_checks
from unfit.cli import app
from unfit.errors import ManifestError, UsageError
from unfit.likeness import shared_with_origin
from unfit.planting import stale
from unfit.renaming import Names, read_names, renamed
from unfit.scaffold import create, derive, draft_names

ROOT = Path(__file__).parents[1]
CODE = b'''
import pandas as pd

NUMBERS = ["wet_days"]


class VisitBook:
    """Visits of one day, by kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


def visits_of(table: pd.DataFrame, kind: str = "") -> pd.DataFrame:
    table = table.assign(kind=kind).sort_values("wet_days", kind="stable")
    return table[table["kind"] == kind].sample(frac=1, random_state=0)


VISITS = visits_of(pd.DataFrame(), kind="shop")
'''
CONTRACT = b"""
title = "Visits"

[contract.types.Visit]
kind = "str"
wet_days = "float"
"""


def changed(
    content: bytes, names: Mapping[str, str], words: Mapping[str, str], path: str = "project/a.py"
) -> str:
    tree = {"exercise.toml": CONTRACT, "project/src/code.py": CODE, path: content}
    found = renamed(tree, Names(names=dict(names), words=dict(words)))
    return found.files[path].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("visit_id", "call_id"),
        ("VisitBook", "CallBook"),
        ("VISITS", "CALLS"),
        ("Visits of a day", "Calls of a day"),
        ("revisit visitor", "revisit visitor"),
        ("boxes of visits", "crates of calls"),
        ("parties", "feasts"),
        ("Café", "Bar"),
        ("visit2", "call2"),
    ],
)
def test_a_word_is_replaced_as_it_is_written(text: str, expected: str) -> None:
    words = {"visit": "call", "box": "crate", "party": "feast", "café": "bar"}
    assert changed(text.encode(), {}, words, "project/README.md") == expected


def test_what_code_takes_from_elsewhere_stays() -> None:
    names = {"kind": "sort", "wet_days": "rain"}
    words = {"visit": "call", "sample": "probe", "frac": "part", "pandas": "bears", "state": "county"}
    text = changed(CODE, names, words, "project/src/code.py")
    compile(text, "code.py", "exec")
    for kept in (
        "import pandas as pd",
        '.sort_values("rain", kind="stable")',
        ".sample(frac=1, random_state=0)",
    ):
        assert kept in text
    for new in (
        "class CallBook:",
        "self.sort = sort",
        ".assign(sort=sort)",
        'calls_of(pd.DataFrame(), sort="shop")',
    ):
        assert new in text
    assert "isit" not in text


def test_an_attribute_that_only_variables_are_called_like_stays() -> None:
    code = b"""
import pandas as pd

WET = 3


class Visit:
    kind = ""


def often(visits: pd.DataFrame, days: int = 2) -> int:
    size = visits.groupby("kind").size() - (visits.until - visits.since).days
    return len(size) + days


def kind_of(visit: Visit, book: object) -> object:
    kind, wet = visit.kind, book.WET
    return often(pd.DataFrame(), days=kind) + wet
"""
    text = changed(code, {"days": "dates", "kind": "sort"}, {"size": "extent", "wet": "damp"})
    for part in (
        "dates: int = 2",
        'extent = visits.groupby("sort").size() - (visits.until - visits.since).days',
        "return len(extent) + dates",
        "sort, damp = visit.sort, book.DAMP",
        "often(pd.DataFrame(), dates=sort)",
    ):
        assert part in text


def test_a_whole_name_of_the_table_goes_before_everything() -> None:
    assert changed(b"visit visit_id", {"visit_id": "key"}, {"visit": "call"}) == "call key"


def test_keys_and_the_kits_own_words_stay_in_manifests() -> None:
    text = b"""
[[defect]]
id = "visits-unseen"
title = "A title of visits"
rule = "kept-apart"
[[defect.edit]]
fixed = '''
title = visits(kind="a")
[title]
'''
"""
    names = {"kind": "sort"}
    words = {"title": "name", "visit": "call", "kept": "held", "rule": "law", "fixed": "sound", "edit": "cut"}
    assert changed(text, names, words, "defects.toml") == (
        text.decode()
        .replace("visits", "calls")
        .replace("A title", "A name")
        .replace("\ntitle = calls(kind", "\nname = calls(kind")
        .replace("[title]", "[name]")
    )


def test_fields_of_the_contract_are_names() -> None:
    text = changed(CONTRACT, {"kind": "sort"}, {"visit": "call", "title": "name"}, "exercise.toml")
    assert tomlkit.parse(text) == {
        "title": "Calls",
        "contract": {"types": {"Call": {"sort": "str", "wet_days": "float"}}},
    }


def test_hidden_code_asks_the_kit_for_what_it_asked_before() -> None:
    text = changed(b"case.unmoved(attempt.value, row['value'])\n", {"value": "amount"}, {}, "checks.py")
    assert text == "case.unmoved(attempt.value, row['amount'])\n"


def test_columns_of_the_kits_tables_keep_their_names_in_hidden_code() -> None:
    code = """
def look(case, claim):
    rows = claim.rows
    own = rows.set_index("id")["fold"]
    return rows["value"], claim.known["truth"], claim.largest_fold()["value"], case.table["value"], own
"""
    text = changed(code.encode(), {"value": "amount", "fold": "lap", "truth": "fact"}, {}, "checks.py")
    assert text == code.replace('case.table["value"]', 'case.table["amount"]')


def test_hidden_code_says_what_the_kit_took_for_granted() -> None:
    contract = CONTRACT + b'status = "str"\nfold = "str"\n'
    code = b"""
SERVICE = Service(key="id", gap=0.5)
OTHER = Service(key="id", status="state")
CLAIM = Evaluated.of(1.0, table, row="id", truth="y")
"""
    tree = {"exercise.toml": contract, "checks.py": code}
    found = renamed(tree, Names(names={"status": "verdict", "fold": "lap"})).files["checks.py"].decode()
    assert found == (
        """
SERVICE = Service(key="id", gap=0.5, status="verdict")
OTHER = Service(key="id", status="state")
CLAIM = Evaluated.of(1.0, table, row="id", truth="y", fold="lap")
"""
    )


def test_entry_points_are_no_attributes_of_the_kit() -> None:
    assert changed(b'EVALUATE = "shop.evaluate:evaluate"\n', {"evaluate": "weigh"}, {}, "checks.py") == (
        'EVALUATE = "shop.weigh:weigh"\n'
    )


def test_fields_of_a_record_are_replaced_by_their_new_names() -> None:
    code = b"class Visit:\n    kind: str\n\n\nother = replace(visit, kind=1)\n"
    assert "replace(visit, sort=1)" in changed(code, {"kind": "sort"}, {}, "project/b.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an offer, An offer", "a bid, A bid"),
        ("test_an_offer_of_a_day", "test_a_bid_of_an_evening"),
        ("an apple and a day", "an apple and an evening"),
        ("a room", "a unit"),
        ("a = an", "a = an"),
    ],
)
def test_an_article_fits_the_word_that_follows(text: str, expected: str) -> None:
    words = {"offer": "bid", "day": "evening", "room": "unit"}
    assert changed(text.encode(), {}, words, "project/README.md") == expected


def test_a_build_file_keeps_what_tools_read() -> None:
    text = b"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "visits"
description = "Visits to build on."

[tool.hatch.build.targets.wheel]
packages = ["src/visits"]
"""
    words = {"build": "make", "target": "aim", "visit": "call", "system": "order"}
    assert changed(text, {}, words, "project/pyproject.toml") == (
        text.decode()
        .replace('"visits"', '"calls"')
        .replace("Visits to build", "Calls to make")
        .replace("src/visits", "src/calls")
    )
    parts = '[commit.parts]\n"pyproject.toml" = ["build-system"]\n"visit.md" = ["Visits"]\n'
    assert changed(parts.encode(), {}, words, "history.toml") == (
        parts.replace("visit.md", "call.md").replace("Visits", "Calls")
    )


def test_paths_change_with_the_names_in_them() -> None:
    found = renamed({"project/src/visits/book.py": b""}, Names(words={"visit": "call"}))
    assert set(found.files) == {"project/src/calls/book.py"}


@pytest.mark.parametrize(
    ("names", "words", "said"),
    [
        ({"kind": "wet_days"}, {}, "`kind` and `wet_days` would be `wet_days`"),
        ({}, {"visit": "number"}, "`NUMBERS` and `VISITS` would be `NUMBERS`"),
    ],
)
def test_two_names_of_the_code_never_become_one(
    names: dict[str, str], words: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        changed(b"", names, words)


def test_two_files_never_become_one() -> None:
    with pytest.raises(UsageError, match="`call` and `visit` would be `call`"):
        renamed({"project/visit.md": b"", "project/call.md": b""}, Names(words={"visit": "call"}))


def test_what_the_kit_calls_so_stays() -> None:
    words = {
        "corpus": "body",
        "right": "good",
        "expect": "hope",
        "project": "plan",
        "checks": "tests",
        "visit": "call",
    }
    tree = {"corpus/right/visit/expect.toml": b"", "project/visit.py": b"", "checks.py": b""}
    found = renamed(tree, Names(words=words)).files
    assert set(found) == {"corpus/right/call/expect.toml", "project/call.py", "checks.py"}


def test_ids_have_hyphens_and_values_of_the_kit_stay() -> None:
    manifest = b'[[defect]]\nid = "every-kind-fix"\njudged = "fix"\n'
    assert changed(manifest, {"kind": "sort_of"}, {"fix": "mend"}, "defects.toml") == (
        '[[defect]]\nid = "every-sort-of-mend"\njudged = "fix"\n'
    )


def test_what_needs_a_look_is_named() -> None:
    code = b"def mean(x): return x.mean() + x.date.mean\n"
    tree = {"project/a.py": code, "project/b.bin": b"\xff\xfe\x00"}
    found = renamed(tree, Names(names={"mean": "middle", "absent": "here"}, words={"whale": "bee"}))
    assert (found.doubtful, found.unread, found.unused) == (
        ("mean",),
        ("project/b.bin",),
        ("absent", "whale"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "format = 1\n[names]\nkind = 'two words'\n",
        "format = 1\n[names]\nkind = 'a-b'\n",
        "format = 1\n[words]\nkind = '1st'\n",
        "format = 1\n[words]\nKind = 'sort'\n",
        "format = 2\n",
        "format = 1\n[other]\n",
        "names = [",
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(text)
    with pytest.raises(ManifestError, match=r"names\.toml"):
        read_names(path)


def filled(text: str) -> Names:
    """Give each name and word of a drafted table another, as an author would."""
    table = tomlkit.parse(text)
    return Names(
        names={name: f"{name}_x" for name in table["names"]},
        words={word: f"{word}q" for word in table["words"] if word.isascii()},
    )


@pytest.mark.parametrize("kind", ["package", "notebook"])
def test_a_derived_exercise_holds_no_name_of_its_origins_contract(kind: str, tmp_path: Path) -> None:
    create(tmp_path, "demo", kind=kind)  # type: ignore[arg-type]
    names = filled(draft_names(tmp_path, "demo"))
    derive(tmp_path, tmp_path, "demo", "own", names)
    exercise = load_bank(tmp_path).exercise("own")
    assert stale(exercise) == []
    assert load_checks(exercise.solution)
    fields = {*exercise.manifest.contract.types, *names.names} - {f"{name}_x" for name in names.names}
    shown = read_tree(exercise.shipped_folder)
    said = {token for content in shown.values() for token in re.findall(r"\w+", content.decode())}
    assert fields & said == set(names.names) & {"tests"} & said


def test_a_derived_exercise_ships_other_rows_and_less_of_the_text(tmp_path: Path) -> None:
    create(tmp_path, "demo")
    names = filled(draft_names(tmp_path, "demo"))
    path = derive(tmp_path, tmp_path, "demo", "own", names).path
    one, other = (
        next((folder / "project/data").glob("*.csv")).read_text().splitlines()[1:]
        for folder in (tmp_path / "solutions/demo", path)
    )
    assert len(one) == len(other)
    assert one != other
    likeness = shared_with_origin(load_bank(tmp_path).exercise("own"))
    assert likeness
    assert likeness.seen < 0.6


def typed(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_drafts_a_table_and_takes_it(tmp_path: Path) -> None:
    create(tmp_path, "demo")
    table = tmp_path / "names.toml"
    words = ["new", "own", "--from", "demo", "--from-bank", tmp_path, "--bank", tmp_path, "--names", table]
    first = typed(*words)
    assert (first.exit_code, (tmp_path / "solutions/own").exists()) == (0, False), first.output
    assert "fill in" in first.output
    second = typed(*words)
    assert second.exit_code == 0, second.output
    assert (tmp_path / "solutions/own/world.py").is_file()


def test_the_command_drafts_documents_and_takes_them(tmp_path: Path) -> None:
    create(tmp_path, "demo")
    table, told = tmp_path / "names.toml", tmp_path / "told"
    table.write_text('format = 1\n[names]\npumps = "fans"\n')
    where = [
        "--from",
        "demo",
        "--from-bank",
        tmp_path,
        "--bank",
        tmp_path,
        "--names",
        table,
        "--retold",
        told,
    ]
    first = typed("new", "own", *where)
    assert (first.exit_code, (tmp_path / "solutions/own").exists()) == (0, False), first.output
    assert (told / "project/src/fans/serve.py").is_file()
    (told / "project/README.md").write_text("# Fans\n")
    second = typed("new", "own", *where)
    assert second.exit_code == 0, second.output
    assert "derived from `demo`" in second.output
    assert (tmp_path / "solutions/own/project/README.md").read_text() == "# Fans\n"


def test_a_table_of_names_needs_an_origin(tmp_path: Path) -> None:
    done = typed("new", "own", "--bank", tmp_path, "--names", tmp_path / "names.toml")
    assert isinstance(done.exception, UsageError)
    assert "--from" in done.exception.fix
