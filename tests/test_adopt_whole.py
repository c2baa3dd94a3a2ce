"""Three projects of different shape become proven exercises by the documented commands and a few lines by hand."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from unfit.bank import load_bank

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs/how-to/adopt-your-own-code.md"
MOST_LINES = 40
"""What an author may have to write by hand."""


def typed(line: str) -> str:
    words = [sys.executable, "-m", "unfit", *shlex.split(line)[1:]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def documented(slug: str) -> list[str]:
    """Read the commands that the page types for one of the projects."""
    (block,) = re.findall(rf"<!-- project: {slug} -->\n```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


class Hand:
    """An author's hand, which counts the lines that it writes."""

    def __init__(self, solution: Path, copies: Path) -> None:
        self.solution, self.copies, self.lines = solution, copies, 0
        self.table = tomllib.loads((HERE / "adopt" / f"{solution.name}.toml").read_text("utf-8"))
        self.mended: set[str] = set()

    def fill(self) -> None:
        """Fill in what `adopt` and `suggest` left open."""
        for one in self.table["fill"]:
            self.put(self.solution / one["file"], one["was"], one["now"])
        for one in self.table.get("append", ()):
            path = self.solution / one["file"]
            path.write_text(f"{path.read_text()}\n\n{one['text']}")
            self.count(one["text"])
        for one in self.table.get("check", ()):
            path = self.solution / "defects.toml"
            head, sep, tail = path.read_text().partition(f'id = "{one["defect"]}"')
            path.write_text(
                head + sep + tail.replace("checks = []", f"checks = {json.dumps(one['checks'])}", 1)
            )
            self.count(str(one["checks"]))

    def mend(self, name: str) -> None:
        """Mend the copy of a right fix."""
        (entry,) = (one for one in self.table["right"] if one["name"] == name)
        for one in entry["change"]:
            path = self.copies / f"{self.solution.name}-right-{name}" / one["file"]
            was, now = ((json.dumps(text)[1:-1] for text in (one["was"], one["now"])) if path.suffix == ".ipynb"
                        else (one["was"], one["now"]))  # fmt: skip
            self.put(path, was, now, told=(one["was"], one["now"]))

    def say_why(self, name: str) -> None:
        """Say why a right fix is one."""
        (entry,) = (one for one in self.table["right"] if one["name"] == name)
        path = self.solution / "corpus/right" / name / "expect.toml"
        (blank,) = re.findall(r'why = "(.*)"', path.read_text())
        self.put(path, blank, entry["why"])

    def put(self, path: Path, was: str, now: str, *, told: tuple[str, str] | None = None) -> None:
        text = path.read_text()
        assert text.count(was) == 1, f"{path}: {text.count(was)} times {was!r}"
        path.write_text(text.replace(was, now))
        before, after = told or (was, now)
        self.count("\n".join(line for line in after.splitlines() if line not in before.splitlines()))

    def count(self, text: str) -> None:
        self.lines += sum(bool(line.strip()) for line in text.splitlines())


def prepared(slug: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Hand]]:
    """Type the documented commands but for the last, with the work by hand between them; yield each first."""
    shutil.copytree(HERE / "adopt" / slug, folder / slug)
    for example in (HERE / "adopt").glob(f"{slug}_example.py"):
        shutil.copy(example, folder / "example.py")
    (folder / "our-bank").mkdir()
    monkeypatch.chdir(folder / "our-bank")
    hand = Hand(folder / "our-bank/solutions" / slug, folder / "our-bank/.unfit")
    for line in documented(slug):
        name = line.split()[-1]
        if "corpus" in line.split() and (hand.copies / f"{slug}-right-{name}").exists():
            hand.mend(name)
            yield line, hand
            hand.say_why(name)
        else:
            yield line, hand
            if "suggest" in line.split():
                hand.fill()


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", ["shop", "turbines", "visitors"])
def test_a_project_becomes_a_clean_exercise_with_few_lines_by_hand(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ""
    for line, _hand in prepared(slug, tmp_path, monkeypatch):
        said = typed(line)
    assert _hand.lines <= MOST_LINES
    assert len(load_bank(Path()).exercise(slug).defects) == 6
    assert re.match(rf"{slug} 0\.1\.0: clean \(\d+ trees, 5 seeds\)", said), said
