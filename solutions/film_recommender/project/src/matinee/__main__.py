"""The command line: ``python -m matinee train``, ``evaluate``, ``row VIEWER`` or ``serve``."""

import sys
from pathlib import Path

import pandas as pd

from matinee.evaluate import evaluate
from matinee.http import create_app
from matinee.service import Service
from matinee.train import train
from matinee.upstream import FileStore, FolderRegistry, SystemClock

DATA, REGISTRY = Path("data"), Path("registry")


def main(verb: str, viewer: str = "V0001") -> None:
    """Run one verb on the project's own data."""
    log = pd.read_csv(DATA / "plays.csv")
    if verb == "train":
        folder = REGISTRY / log["day"].max()
        folder.mkdir(parents=True, exist_ok=True)
        train(log, folder)
        return
    if verb == "evaluate":
        report = evaluate(log)
        print(f"{report['metric']} {report['value']:.3f} on {len(report['held_out'])} viewers")
        return
    service = Service(FolderRegistry(REGISTRY), FileStore(DATA / "store.json"), SystemClock())
    if verb == "row":
        titles = pd.read_csv(DATA / "films.csv").set_index("film")["title"]
        print("\n".join(titles[service.recommend(viewer, 10).films]))
    else:
        create_app(service).run(port=8080, threaded=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
