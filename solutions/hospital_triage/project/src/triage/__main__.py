"""The command line: ``python -m triage train``, ``evaluate`` or ``score RECORDS``."""

import json
import sys
from pathlib import Path

import pandas as pd

from triage.evaluate import evaluate
from triage.serve import score
from triage.train import train

DATA, MODEL = Path("data"), Path("model")


def main(verb: str, *paths: str) -> None:
    """Run one verb on the project's own data."""
    sites, referrals = (pd.read_csv(DATA / name) for name in ("sites.csv", "referrals.csv"))
    if verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(referrals, sites, MODEL)
    elif verb == "evaluate":
        report = evaluate(referrals, sites)
        print(f"{report['metric']} {report['value']:.3f} on {len(report['held_out'])} held-out referrals")
    else:
        print(json.dumps(score(MODEL, json.loads(Path(paths[0]).read_text()), sites), indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
