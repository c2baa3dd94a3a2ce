"""The command line: ``python -m triage train``, ``evaluate`` or ``score RECORDS``."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from triage.evaluate import evaluate
from triage.serve import score
from triage.train import train

DATA, MODEL = Path("data"), Path("model")


def main() -> None:
    """Run one verb on the project's own data."""
    parser = argparse.ArgumentParser(prog="python -m triage")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("train", help="fit the model and write model/")
    verbs.add_parser("evaluate", help="print how well the model ranks patients")
    verbs.add_parser("score", help="score a file of records").add_argument("records", type=Path)
    asked = parser.parse_args()
    sites, referrals = (pd.read_csv(DATA / name) for name in ("sites.csv", "referrals.csv"))
    if asked.verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(referrals, sites, MODEL)
    elif asked.verb == "evaluate":
        report = evaluate(referrals, sites)
        print(f"{report['metric']} {report['value']:.3f} on {len(report['held_out'])} held-out referrals")
    elif not any(MODEL.glob("*")):
        sys.exit("there is no model yet; run first: make train")
    elif not asked.records.is_file():
        parser.error(f"{asked.records} is no file")
    else:
        print(json.dumps(score(MODEL, json.loads(asked.records.read_text()), sites), indent=2))


if __name__ == "__main__":
    main()
