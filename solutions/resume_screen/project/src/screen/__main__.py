"""The command line: ``python -m screen train``, or ``score ROUND``."""

import json
import sys
from pathlib import Path

import pandas as pd

from screen.model import train
from screen.score import score

DATA, MODEL = Path("data"), Path("model")


def main(verb: str, *paths: str) -> None:
    """Run one verb on the project's own data."""
    if verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(pd.read_csv(DATA / "applications.csv"), MODEL)
    else:
        print(json.dumps(score(MODEL, json.loads(Path(paths[0]).read_text())), indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
