"""Hidden checks of the tea shop."""

from unfit import Case, check


@check
def newest_day_counts(case: Case) -> None:
    """The newest day moves the forecast."""
    (before,) = case.call("tea.forecast:forecast", {"assam": [1.0] * 9})
    (after,) = case.call("tea.forecast:forecast", {"assam": [*[1.0] * 8, 2.0]})
    case.compare("change of the forecast", seen=after["amount"] - before["amount"], limit=0.01, direction="at least")


@check
def old_days_do_not_count(case: Case) -> None:
    """A day of last season does not move the forecast."""
    (before,) = case.call("tea.forecast:forecast", {"assam": [1.0] * 40})
    (after,) = case.call("tea.forecast:forecast", {"assam": [9.0, *[1.0] * 39]})
    case.compare("change of the forecast", seen=after["amount"] - before["amount"], limit=1e-9)


@check
def empty_days_raise_an_alert(case: Case) -> None:
    """A tea without any day is named on standard error."""
    attempt = case.attempt("tea.forecast:forecast", {"assam": []})
    case.confirm("the tea is named", "assam" in attempt.stderr)


@check
def every_tea_gets_a_forecast(case: Case) -> None:
    """Each tea has one forecast, in order."""
    found = case.call("tea.forecast:forecast", {"assam": [1.0], "keemun": [2.0]})
    case.equal("teas", [item["tea"] for item in found], ["assam", "keemun"])
