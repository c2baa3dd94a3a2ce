"""The command line: ``python -m matinee train``, ``evaluate``, ``row VIEWER`` or ``serve``."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from matinee.evaluate import evaluate
from matinee.http import create_app
from matinee.service import Service
from matinee.train import train
from matinee.upstream import FileStore, FolderRegistry, SystemClock

DATA, REGISTRY = Path("data"), Path("registry")


def main() -> None:
    """Run one verb on the project's own data."""
    parser = argparse.ArgumentParser(prog="python -m matinee")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("train", help="fit a model, and publish it in registry/")
    verbs.add_parser("evaluate", help="say how often a row would have held what its viewer began")
    verbs.add_parser("row", help="print the row of one viewer").add_argument("viewer")
    verbs.add_parser("serve", help="serve rows on port 8080")
    asked = parser.parse_args()
    log = pd.read_csv(DATA / "plays.csv")
    if asked.verb == "train":
        (folder := REGISTRY / log["day"].max()).mkdir(parents=True, exist_ok=True)
        train(log, folder)
        return
    if asked.verb == "evaluate":
        report = evaluate(log)
        print(f"{report['metric']} {report['value']:.3f} on {len(report['held_out'])} viewers")
        return
    if not any(REGISTRY.glob("*/*")):
        raise SystemExit("there is no model yet; run first: make train")
    service = Service(FolderRegistry(REGISTRY), FileStore(DATA / "store.json"), SystemClock())
    if asked.verb == "row":
        films = pd.read_csv(DATA / "films.csv", index_col="film")
        print("\n".join(films["title"][service.recommend(asked.viewer, 10).films]))
    else:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lines have paths, with viewers in them
        create_app(service).run(port=8080, threaded=True)


if __name__ == "__main__":
    main()
