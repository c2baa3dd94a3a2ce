"""The documentation is true: its examples run, its links lead somewhere, nothing that can be looked up is missing."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import typer.main
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

import unfit.bank
import unfit.grades
import unfit.standard
from layers import PICTURE, drawn, layers
from unfit.bank import load_bank, read_tree, schemas
from unfit.cli import app
from unfit.corpus import lay
from unfit.export import history_of
from unfit.planting import ensure_current
from unfit.report import schema
from unfit.review import Overrules

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
GUIDE = DOCS / "how-to" / "write-an-exercise.md"


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(page))


FACES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "STANDARD.md")
]


@pytest.mark.parametrize("page", [*PAGES, *FACES], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if not path.startswith("https://"):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_pictures_of_the_readme_are_there_small_and_told_in_words() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r'src(?:set)?="([^"]+)"', readme)
    assert len(pictures) == 2
    assert all((ROOT / picture).stat().st_size < 250_000 for picture in pictures)
    assert re.search(r'<img [^>]*alt="[^"]{80,}"', readme)


def test_every_exercise_stands_in_the_readme_with_its_level_and_minutes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (\w+), (\d+) \|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    exercises = [load_bank(ROOT).exercise(slug) for slug in load_bank(ROOT).slugs]
    assert sorted(rows) == sorted(
        (one.slug, one.manifest.level, str(one.manifest.minutes)) for one in exercises
    )


def test_every_page_can_be_reached_from_the_index() -> None:
    listed = {
        (DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md") if "://" not in link
    }
    assert {page.resolve() for page in PAGES} - {(DOCS / "README.md").resolve()} <= listed


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


@pytest.mark.parametrize("verb", sorted(commands()))
def test_every_command_is_documented_with_its_options(verb: str) -> None:
    sections = re.split(r"^## ", text("reference/cli.md"), flags=re.MULTILINE)
    (section,) = [part for part in sections if re.match(rf"`unfit {verb}\b", part)]
    for parameter in commands()[verb].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            assert not option.startswith("--") or option.startswith("--no-") or f"`{option}" in section, (
                option
            )


def test_no_command_is_documented_that_does_not_exist() -> None:
    named = re.findall(r"^## `unfit (\w+)", text("reference/cli.md"), flags=re.MULTILINE)
    assert sorted(named) == sorted(commands())


def test_no_option_is_documented_that_does_not_exist() -> None:
    known = {option for command in commands().values() for part in command.params for option in part.opts}
    known |= {
        option for command in commands().values() for part in command.params for option in part.secondary_opts
    }
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text("reference/cli.md")))
    assert named - known <= {"--help", "--version"}


def test_every_target_of_make_exists() -> None:
    targets = re.findall(r"^([a-z-]+):.*?##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    named = {
        name for page in PAGES for name in re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text("utf-8"))
    }
    candidates_own = {"check", "submit"}
    assert named - candidates_own <= set(targets)


def fields(described: dict[str, Any]) -> set[str]:
    parts = [described, *described.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


@pytest.mark.parametrize("manifest", sorted(schemas()))
def test_every_key_of_a_manifest_is_documented(manifest: str) -> None:
    page = text("reference/manifests.md")
    for name in fields(schemas()[manifest]):
        assert re.search(rf"`[^`]*\b{name}\b[^`]*`", page), f"{manifest}: {name}"


def test_every_key_of_a_grade_is_documented() -> None:
    page = text("reference/grade-json.md")
    for name in fields(schema()):
        assert f"`{name}`" in page, name


def test_every_way_to_ask_and_to_compare_is_documented() -> None:
    from unfit.checks import Case

    page = text("reference/checks.md")
    for name in vars(Case):
        if not name.startswith("_") and name != "close":
            assert f"case.{name}" in page, name


@pytest.mark.parametrize(
    "name", ["exercise", "defects", "decoys", "edits", "errata", "expect", "history", "standard", "grade"]
)
def test_published_schemas_are_current(name: str) -> None:
    wanted = schema() if name == "grade" else schemas()[f"{name}.toml"]
    published = json.loads(text(f"reference/schemas/{name}.json"))
    assert published == wanted, "run: python docs/reference/schemas/write.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_python_example_parses(page: Path) -> None:
    for block in re.findall(
        r"^```python\n(.*?)^```$", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    ):
        ast.parse(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_toml_example_parses(page: Path) -> None:
    for block in re.findall(r"^```toml\n(.*?)^```$", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL):
        found = tomlkit.parse(block).unwrap()
        if "overrule" in found:
            Overrules.model_validate(found)


def test_the_reference_of_checks_runs() -> None:
    space: dict[str, Any] = {}
    parser = CodeBlockParser("python", lambda example: exec(example.parsed, space))
    for example in Sybil([parser]).parse(DOCS / "reference" / "checks.md").examples():
        example.evaluate()
    assert space["a_score_is_a_probability"].sentence == "A score lies between 0 and 1."


def test_the_picture_of_the_layers_is_current() -> None:
    assert PICTURE.read_text("utf-8") == drawn(layers()), "run: make layers"


def test_every_module_of_the_layers_is_named_under_the_picture() -> None:
    page = text("explanation/architecture.md")
    assert [name for layer in layers() for name in layer if f"`{name}`" not in page] == []


WORDS = re.findall(
    r"^\| ([A-Z][a-z ]+) \| (.+?) \| (?:`([\w.]+)`)? ?\|$", text("reference/glossary.md"), re.MULTILINE
)
NOT_WORDS = {"BackendUsed", "Together", "Commit", "CommitChange", "Function", "PullRequest", "Replacement"}
"""Parts of records that have a word; the pages of the manifests and of the grade describe them."""


@pytest.mark.parametrize(("word", "meaning", "name"), WORDS, ids=[word for word, _, _ in WORDS])
def test_a_word_of_the_glossary_is_told_in_one_sentence_and_is_what_the_code_calls_it(
    word: str, meaning: str, name: str
) -> None:
    assert re.fullmatch(r"[A-Z`][^.!?]*(?:\.toml[^.!?]*)?\.", meaning), meaning
    if name:
        module, _, record = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), record), type)


def test_every_record_of_the_bank_and_of_a_grade_has_a_word() -> None:
    named = {name.rpartition(".")[2] for _, _, name in WORDS}
    public = {
        name
        for module in (unfit.bank, unfit.grades, unfit.standard)
        for name in module.__all__
        if isinstance(getattr(module, name), type)
        and not re.search(r"Manifest$|Used$|Grade$|Answer$|Entry$", name)
    }
    assert public - NOT_WORDS <= named


class Reader:
    """Somebody who does what the guide says, in a folder of their own.

    Parameters
    ----------
    folder : Path
        Where the bank is made.
    validating : bool
        Whether they have the time to validate.
    """

    def __init__(self, folder: Path, *, validating: bool) -> None:
        self.folder = folder
        self.validating = validating
        programs = folder / ".programs"
        programs.mkdir(parents=True)
        (programs / "unfit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m unfit "$@"\n')
        (programs / "unfit").chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "harness"),
            "BANK": str(folder),
        }

    def follow(self, page: Path) -> None:
        """Do everything on a page, from top to bottom."""
        doing: dict[str, Callable[[Example], None]] = {
            "console": self.type,
            "toml": self.edit,
            "python": self.edit,
        }
        parsers = [CodeBlockParser(language, evaluator) for language, evaluator in doing.items()]
        for example in Sybil(parsers).parse(page).examples():
            example.evaluate()

    def type(self, example: Example) -> None:
        """Type the commands of a block in one shell, and look at what they say."""
        lines = example.parsed.splitlines()
        typed = [line[2:] for line in lines if line.startswith("$ ")]
        said = [line for line in lines if not line.startswith("$ ")]
        if any("unfit validate" in command for command in typed) and not self.validating:
            return
        command = ["bash", "-euc", "\n".join(typed)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert not done.returncode, done.stdout + done.stderr
        pattern = "\n".join(said).replace("[", "[[]").replace("...", "*")
        assert not said or fnmatchcase(done.stdout.strip(), pattern.strip()), done.stdout

    def edit(self, example: Example) -> None:
        """Put a block into the file that the comment above it names."""
        above = example.document.text[: example.region.start].rstrip().splitlines()[-1]
        named = re.fullmatch(r"<!-- example: (fill|append|write) (\S+) -->", above)
        assert named, f"line {example.line}: the block has no comment that says where it goes"
        path = self.folder / named[2]
        match named[1]:
            case "fill":
                manifest = tomlkit.parse(path.read_text())
                manifest["defect"][-1].update(tomlkit.parse(example.parsed))
                path.write_text(tomlkit.dumps(manifest))
            case "append":
                path.write_text(f"{path.read_text().rstrip()}\n\n\n{example.parsed}")
            case _:
                path.write_text(example.parsed)


def test_the_authors_guide_makes_an_exercise(tmp_path: Path) -> None:
    Reader(tmp_path, validating=False).follow(GUIDE)
    exercise = load_bank(tmp_path).exercise("pumps")
    ensure_current(exercise)
    assert exercise.default == ("batch-scales-itself", "unseeded-sample")
    history = history_of(exercise, exercise.default)
    assert [snapshot.message for snapshot in history] == [
        "Learn from settled readings",
        "All that the dispatcher needs",
    ]
    assert len([lay(exercise, entry.folder) for entry in exercise.corpus]) == 7
    assert b"sample(frac=0.8)" in read_tree(exercise.shipped_folder)["src/pumps/train.py"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_exercise_of_the_authors_guide_validates(tmp_path: Path) -> None:
    Reader(tmp_path, validating=True).follow(GUIDE)


@pytest.mark.slow
@pytest.mark.sandbox
def test_whoever_practises_gets_a_report(tmp_path: Path) -> None:
    Reader(tmp_path, validating=False).follow(DOCS / "how-to" / "practise.md")
    assert (tmp_path / "graded" / "report.html").is_file()
