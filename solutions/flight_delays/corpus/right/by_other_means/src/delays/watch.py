"""Watch: alerts on errors and on the weather."""

import json
from pathlib import Path

import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_predict


class Watch:
    """Remembers what error is usual, and says when it is far exceeded."""

    def __init__(self, folder):
        self.path = Path(folder) / "usual.json"

    def learn(self, regressor, features, delay):
        """Measure the usual error."""
        told = cross_val_predict(clone(regressor), features, delay, cv=KFold(4, shuffle=True, random_state=0))
        self.path.write_text(json.dumps({"mae": float(abs(told - delay).mean())}))

    def alerts(self, answers, reports, now):
        """List the alerts of a call."""
        found = []
        told = reports.loc[reports["forecast"].notna() & reports["arr_delay"].notna()]
        told = told.assign(when=pd.to_datetime(told["reported_at"], utc=True)).sort_values("when")
        told = told[told["when"] <= now].tail(300)
        off = (told["forecast"] - told["arr_delay"].clip(upper=240)).abs()
        if len(off) >= 300 and off.mean() > 2 * json.loads(self.path.read_text())["mae"]:
            found.append({"kind": "error", "minutes": float(off.mean())})
        statuses = pd.Series([answer["status"] for answer in answers], dtype=str)
        if len(statuses) >= 20 and (statuses == "no_weather").mean() > 0.5:
            found.append({"kind": "weather"})
        return found
