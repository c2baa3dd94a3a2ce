"""The command line: ``python -m screen train``, or ``score ROUND``."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from screen.model import train
from screen.score import score

DATA, MODEL = Path("data"), Path("model")


def main() -> None:
    """Run one verb on the project's own data."""
    parser = argparse.ArgumentParser(prog="python -m screen")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("train", help="fit the model and write model/")
    verbs.add_parser("score", help="score a round, a file of applications").add_argument("round", type=Path)
    asked = parser.parse_args()
    if asked.verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(pd.read_csv(DATA / "applications.csv"), MODEL)
    elif not any(MODEL.glob("*")):
        sys.exit("there is no model yet; run first: make train")
    elif not asked.round.is_file():
        parser.error(f"{asked.round} is no file")
    else:
        print(json.dumps(score(MODEL, json.loads(asked.round.read_text())), indent=2))


if __name__ == "__main__":
    main()
