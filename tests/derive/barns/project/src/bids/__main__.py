"""Run ``python -m bids`` with one of renew, examine and reply."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from bids.examine import examine
from bids.season import renew
from bids.window import reply

DATA, ACTIVE = Path("data"), Path("active")


def main() -> None:
    """Do what was typed, with the files of ``data/``."""
    parser = argparse.ArgumentParser(prog="python -m bids")
    parser.add_argument("task", choices=["renew", "examine", "reply"])
    sought = parser.parse_args()
    transfers = pd.read_csv(DATA / "transfers.csv")
    if sought.task == "renew":
        ACTIVE.mkdir(exist_ok=True)
        in_force = ACTIVE if any(ACTIVE.iterdir()) else None
        print(json.dumps(renew(transfers, ACTIVE, in_force)))
    elif sought.task == "examine":
        sheet = examine(transfers)
        print(f"{sheet['gauge']} {sheet['amount']:,.0f} on {len(sheet['unseen'])} held-out transfers")
    elif not any(ACTIVE.glob("*")):
        sys.exit("no reckoner is in force yet; run first: make renew")
    else:
        queries = json.loads((DATA / "queries.json").read_text())
        print(json.dumps(reply(ACTIVE, queries, pd.read_csv(DATA / "settled.csv")), indent=2))


if __name__ == "__main__":
    main()
