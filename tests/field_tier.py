"""What the tests of every exercise of the field tier ask: where its data, its schema and its evidence come from."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from unfit.bank import Exercise
from unfit.planting import plant, write_tree

EVIDENCE = re.compile(r"```(sql|console)\n(.*?)\n```\n\n```text\n(.*?)\n```", re.DOTALL)


def evidence(guide: Path) -> list[tuple[str, str, str]]:
    """List what a guide asks of the data: a query or a command, its text, and what it tells."""
    return EVIDENCE.findall(guide.read_text())


def answer(kind: str, asked: str, database: sqlite3.Connection, folder: Path) -> str:
    """Ask what a guide asks."""
    if kind == "sql":
        return "\n".join(" | ".join(map(str, row)) for row in database.execute(asked))
    command = asked.removeprefix("$ ")
    done = subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


def unlike(exercise: Exercise, drawn: Mapping[str, bytes | str]) -> set[str]:
    """Name the files of a project that are not what was drawn."""
    tree = plant(exercise, ())
    content = {path: one.encode() if isinstance(one, str) else one for path, one in drawn.items()}
    return {path for path in content if tree[path] != content[path]}


def migrated(exercise: Exercise, command: str, folder: Path) -> Path:
    """Let a project's migrations make a database in a new folder, named ``new`` in the command."""
    write_tree(plant(exercise, ()), folder / "project")
    (folder / "new").mkdir()
    printed(command, folder=folder, source="project/src")
    return folder / "new"


def printed(command: str, *arguments: str, folder: Path, source: str = "src") -> str:
    """Run Python text beside a project's code, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", command, *arguments],
        cwd=folder, env={"PYTHONPATH": source}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def logged(folder: Path) -> list[dict[str, Any]]:
    """Read the lines of a folder of logs, in the order of its files."""
    return [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]


def opened(database: Path) -> closing[sqlite3.Connection]:
    """Open a database that nothing may change."""
    return closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True))


def columns(database: Path, tables: Iterable[str]) -> dict[str, set[str]]:
    """Name the columns of tables."""
    with opened(database) as connection:
        return {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}
