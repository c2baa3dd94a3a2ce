"""The command line: ``python -m credit train``, ``night DAY`` or ``evaluate``."""

import json
import logging
import sys
from pathlib import Path

from credit.evaluate import evaluate
from credit.night import run
from credit.train import train

STORE, MODEL, OUT = Path("data/store"), Path("model"), Path("out")


def main(verb: str, day: str = "") -> int:
    """Run one verb on the project's own data; return the exit code."""
    logging.basicConfig(level=logging.INFO)
    for folder in (MODEL, OUT):
        folder.mkdir(exist_ok=True)
    if verb == "night":
        return run(STORE, MODEL, OUT, day)
    if verb == "train":
        train(STORE, MODEL)
    else:
        print(json.dumps(evaluate(STORE)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
