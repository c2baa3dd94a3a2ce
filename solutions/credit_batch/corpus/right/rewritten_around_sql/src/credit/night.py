"""Night: a file, metrics, an exit code."""

import csv
import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from credit.facts import FIGURES, facts, readable
from credit.train import risk

HEAD = ["application_id", "status", "score", *FIGURES]


def run(store: str | Path, model: str | Path, out: str | Path, night: str) -> int:
    """Publish the night; say how it ended."""
    counts: Counter[str] = Counter()
    ended = 1
    try:
        lines = answered(facts(store, night).query("received == @night"), json.loads(Path(model, "points.json").read_text()))
        whole(Path(out, f"scores-{night}.csv"), lambda file: csv.writer(file).writerows([HEAD, *lines]))
        counts, ended = Counter(line[1] for line in lines), 0
    except Exception as error:
        logging.error("night of %s: %s: %s", night, type(error).__name__, error)
    told = [f'credit_lines{{status="{status}"}} {counts[status]}' for status in ("manual", "ok")]
    told += ["# TYPE credit_published gauge", f"credit_published {1 - ended}", ""]
    whole(Path(out, "metrics.prom"), lambda file: file.write("\n".join(told)))
    sys.exit(ended)


def answered(table: pd.DataFrame, model: dict[str, Any]) -> list[list[Any]]:
    """Write the lines of the file."""
    table = table.assign(status="manual", score=None)
    usable = readable(table, model["kinds"])
    if usable.any():
        table.loc[usable, "status"] = "ok"
        table.loc[usable, "score"] = risk(model, table[usable])
    plain = table[HEAD].astype(object)
    return plain.where(plain.notna(), None).to_numpy().tolist()


def whole(path: Path, write: Callable[[Any], Any]) -> None:
    """Write a file beside its place, and move it there."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, newline="", delete=False) as file:
        write(file)
    os.replace(file.name, path)
