"""What the readers rely on."""

import pandas as pd

from screen.figures import by_gender, held_out_round, report_of

PAST = pd.read_csv("data/applications.csv")


def test_the_report_follows_from_the_last_round() -> None:
    held_out = held_out_round(PAST)
    assert report_of(held_out)["ranking"] > 0.5
    assert by_gender(held_out)[0]["group"] == "everyone"
