"""Print what hangs on the notice board."""

import argparse
from pathlib import Path

import pandas as pd

from sewing.gauge import gauge

argparse.ArgumentParser(prog="python -m sewing", description=__doc__).parse_args()
board = gauge(pd.read_csv(Path("data") / "orders.csv"))
print(f"off by {board['amount']:.1f} effort over {len(board['unseen'])} orders")
