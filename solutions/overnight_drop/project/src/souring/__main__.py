"""The command line: ``python -m souring train``, ``score DAY``, ``accuracy`` or ``watch``."""

import argparse
import json
from collections import Counter
from pathlib import Path

import pandas as pd

from souring.monitor import watch
from souring.score import score
from souring.train import train

DATA, MODEL = Path("data"), Path("model")


def main() -> None:
    """Run one verb on the project's own data."""
    parser = argparse.ArgumentParser(prog="python -m souring")
    parser.add_argument("verb", choices=["train", "score", "accuracy", "watch"])
    parser.add_argument("day", nargs="?", default="", help="the day to score, as 2026-04-30")
    asked = parser.parse_args()
    farms = {path.stem: path.read_text() for path in sorted((DATA / "farms").glob("*.csv"))}
    batches = sorted((DATA / "batches").glob(f"{asked.day}*.jsonl"))
    loads = [json.loads(line) for path in batches for line in path.read_text().splitlines()]
    log = pd.DataFrame(loads)
    if not loads:
        parser.error(f"there is no batch of {asked.day}")
    if asked.verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(pd.read_csv(DATA / "history.csv"), MODEL)
    elif asked.verb == "accuracy":
        known = log.dropna(subset=["soured", "score"])
        right = (known["score"] >= 0.5) == (known["soured"] == 1)
        print(right.groupby(known["day"]).mean().round(3).to_string())
    elif not any(MODEL.glob("*")):
        parser.exit(1, "there is no model yet; run first: make train\n")
    elif asked.verb == "score":
        print(json.dumps(score(MODEL, loads, farms), indent=2))
    else:
        pages = Counter((page["day"], page["field"], page["kind"]) for page in watch(MODEL, log))
        for (date, field, kind), count in pages.items():
            print(date, field, kind, f"x{count}")


if __name__ == "__main__":
    main()
