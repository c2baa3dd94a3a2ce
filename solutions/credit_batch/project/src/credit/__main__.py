"""The command line: ``python -m credit train``, ``night DAY`` or ``evaluate``."""

import argparse
import json
import logging
import sys
from pathlib import Path

from credit.evaluate import evaluate
from credit.night import run
from credit.train import train

STORE, MODEL, OUT = Path("data/store"), Path("model"), Path("out")


def main() -> int:
    """Run one verb on the project's own data; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m credit")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("train", help="fit a scorecard on data/store and write model/")
    verbs.add_parser("night", help="score the applications of a day into out/").add_argument("day")
    verbs.add_parser("evaluate", help="say how well the scorecard tells applicants apart")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    if asked.verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(STORE, MODEL)
    elif asked.verb == "evaluate":
        print(json.dumps(evaluate(STORE)))
    else:
        if not any(MODEL.glob("*")):
            sys.exit("there is no model yet; run first: make train")
        OUT.mkdir(exist_ok=True)
        return run(STORE, MODEL, OUT, asked.day)
    return 0


if __name__ == "__main__":
    sys.exit(main())
