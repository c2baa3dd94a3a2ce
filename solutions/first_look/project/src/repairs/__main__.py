"""The command line: ``python -m repairs`` prints how far off the estimates are."""

import argparse
from pathlib import Path

import pandas as pd

from repairs.evaluate import evaluate

argparse.ArgumentParser(prog="python -m repairs", description=__doc__).parse_args()
report = evaluate(pd.read_csv(Path("data") / "visits.csv"))
print(f"off by {report['value']:.1f} minutes over {len(report['held_out'])} visits")
