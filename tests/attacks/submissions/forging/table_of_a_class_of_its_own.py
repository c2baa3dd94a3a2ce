"""Return a DataFrame of a class whose comparisons always agree: its rows arrive, its class does not.

ends: answer or value
says: 
"""

import pandas as pd


class Agreeable(pd.DataFrame):
    def equals(self, other):
        return True

    def __getattribute__(self, name):
        if name == "equals":
            return lambda *_: True
        return super().__getattribute__(name)


def attack(bait):
    return Agreeable({"a": [1.0, 2.0]})
