"""Hidden checks of the lemonade stand."""

from unfit import Case, check, measure

from .world import sales

TRAIN, SCORE = "stand.forecast:train", "stand.forecast:score"


@check
def a_day_is_scored_alone_as_in_a_batch(case: Case) -> None:
    """A day is scored alone as in a batch."""
    alone = case.call(SCORE, 20.0, [None])
    together = case.call(SCORE, 20.0, [*sales(9, seed=case.seed), None])
    if not alone or not together:
        case.fail("a day has no score")
    case.compare("difference of the score", seen=abs(alone[-1] - together[-1]), limit=1e-6)


@check
def the_newest_day_counts(case: Case) -> None:
    """A change of the newest day moves the level."""
    days = sales(30, seed=case.seed)
    before = case.call(TRAIN, days)["level"]
    after = case.call(TRAIN, [*days[:-1], days[-1] + 70.0])["level"]
    case.compare("change of the level", seen=after - before, limit=1.0, direction="at least", sd=0.1)


@check
def days_before_last_week_do_not_count(case: Case) -> None:
    """Days of an earlier month do not move the level."""
    days = sales(60, seed=case.seed)
    moved = case.call(TRAIN, [*(day + 9 for day in days[:30]), *days[30:]])["level"]
    case.compare("change of the level", seen=abs(moved - case.call(TRAIN, days)["level"]), limit=1e-6)


@check
def every_day_has_a_score(case: Case) -> None:
    """Each day has one score."""
    days = sales(5, seed=case.seed)
    case.equal("scores", len(case.call(SCORE, 20.0, days)), 5)


@measure
def harm(case: Case) -> dict[str, float]:
    """What the stand loses."""
    days = sales(30, seed=case.seed)
    level = case.call(TRAIN, [*days[:-1], days[-1] + 70.0])["level"]
    (*_, missing) = case.call(SCORE, 20.0, [*days, None])
    return {
        "cups the level is off": abs(level - (sum(days[-7:]) + 70.0) / 7),
        "cups of a missing day misjudged": abs(missing),
    }
