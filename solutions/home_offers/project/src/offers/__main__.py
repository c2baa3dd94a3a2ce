"""The command line: ``python -m offers refit``, ``evaluate`` or ``answer``."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from offers.evaluate import evaluate
from offers.monthly import refit
from offers.serve import answer

DATA, LIVE = Path("data"), Path("live")


def main() -> None:
    """Run one verb on the project's own data."""
    parser = argparse.ArgumentParser(prog="python -m offers")
    parser.add_argument("verb", choices=["refit", "evaluate", "answer"])
    asked = parser.parse_args()
    sales = pd.read_csv(DATA / "sales.csv")
    if asked.verb == "refit":
        LIVE.mkdir(exist_ok=True)
        in_force = LIVE if any(LIVE.iterdir()) else None
        print(json.dumps(refit(sales, LIVE, in_force)))
    elif asked.verb == "evaluate":
        report = evaluate(sales)
        print(f"{report['metric']} {report['value']:,.0f} on {len(report['held_out'])} held-out sales")
    elif not any(LIVE.glob("*")):
        sys.exit("no model is in force yet; run first: make refit")
    else:
        requests = json.loads((DATA / "requests.json").read_text())
        print(json.dumps(answer(LIVE, requests, pd.read_csv(DATA / "priced.csv")), indent=2))


if __name__ == "__main__":
    main()
