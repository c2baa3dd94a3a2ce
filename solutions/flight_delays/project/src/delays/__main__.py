"""The command line: ``python -m delays train`` or ``forecast``, on the project's own data."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from delays.live import Archive, Clock
from delays.model import train
from delays.serve import forecast

DATA, MODEL = Path("data"), Path("model")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m delays")
    parser.add_argument("verb", choices=["train", "forecast"])
    asked = parser.parse_args()
    flights = pd.read_csv(DATA / "flights.csv")
    if asked.verb == "train":
        MODEL.mkdir(exist_ok=True)
        train(flights, pd.read_csv(DATA / "weather.csv"), MODEL)
    elif not any(MODEL.glob("*")):
        sys.exit("there is no model yet; run first: make train")
    else:
        requests = json.loads((DATA / "requests.json").read_text())
        print(
            json.dumps(forecast(MODEL, requests, flights, Archive(DATA / "weather.csv"), Clock()), indent=2)
        )
