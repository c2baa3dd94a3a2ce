"""The command line: ``python -m delays train`` or ``forecast``, on the project's own data."""

import json
import sys
from pathlib import Path

import pandas as pd

from delays.live import Archive, Clock
from delays.model import train
from delays.serve import forecast

DATA, MODEL = Path("data"), Path("model")

if __name__ == "__main__":
    flights = pd.read_csv(DATA / "flights.csv")
    if sys.argv[1] == "train":
        MODEL.mkdir(exist_ok=True)
        train(flights, pd.read_csv(DATA / "weather.csv"), MODEL)
    else:
        asked = json.loads((DATA / "requests.json").read_text())
        print(json.dumps(forecast(MODEL, asked, flights, Archive(DATA / "weather.csv"), Clock()), indent=2))
