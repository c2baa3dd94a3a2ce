"""Hidden checks of `home_offers`: each simulates, calls and compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from unfit import Case, check, incident, measure
from unfit.experiments import (
    ABSENT,
    UNREADABLE,
    Evaluated,
    Row,
    Service,
    alone_as_in_company,
    answers_the_same,
    any_form,
    figure_follows,
    judges_the_same,
    learns_the_same,
    one_for_one,
    promised,
    real_rows,
    same_again,
    set_aside,
    unmoved,
    unreadable,
)

from .world import (
    ACRE,
    FIRST_DAY,
    HOME,
    NEIGHBOURHOODS,
    TODAY,
    City,
    asked,
    asked_as_sold,
    city,
    harm,
    history,
    homes,
    mistaken,
    offered,
    priced,
    worth,
)

LEVEL, EVALUATE = "offers.features:price_level", "offers.evaluate:evaluate"
REFIT, ANSWER = "offers.monthly:refit", "offers.serve:answer"

LATER = TODAY + 45  # the day on which sellers ask, six weeks after the newest sale
CLOSE = 0.2  # typical miss of an estimate: .03 to .07 here, .14 and more where everybody gets the same

Model = tuple[Any, pd.DataFrame]
"""The folder in force, and the homes priced lately."""


def _refit(case: Case, sales: pd.DataFrame, champion: Any = None, *, again: int = 0) -> tuple[Any, Row]:
    folder = case.folder()
    before = () if champion is None else (champion,)
    return folder, case.call(REFIT, sales, folder, *before, seed=case.shared_seed + again)


def _evaluate(case: Case, sales: pd.DataFrame, *, again: int = 0) -> Evaluated:
    """Evaluate under other names."""
    labels = case.relabel(sales["sale_id"])
    report = case.call(EVALUATE, labels.table(sales, "sale_id"), seed=case.shared_seed + again)
    rows = labels.back(report["held_out"], "sale_id")
    rows = rows.assign(fold=rows["fold"].astype(str))
    return Evaluated.of(report["value"], rows, row="sale_id", truth="price", value="estimate")


SERVICE = Service(
    key="request_id",
    answer=lambda case, model, rows: case.call(ANSWER, model[0], rows, model[1]),
    train=lambda case, sales, again=0: (_refit(case, sales, again=again)[0], _few(case)),
    evaluate=_evaluate,
    value="estimate",
    held="referred",
    gap=0.5,  # dollars, of some hundred thousand
)


def _sales(case: Case, n: int = 200, **how: Any) -> pd.DataFrame:
    """Recorded sales, the same in every check, so that few models are fitted."""
    return history(n, seed=case.shared_seed, where=city(seed=case.shared_seed), **how)


def _small_model(case: Case) -> Model:
    """A model for exact comparisons, where its quality does not matter."""
    model: Model = SERVICE.trained(case, _sales(case))
    return model


def _few(case: Case) -> pd.DataFrame:
    """Homes priced lately as they should be, and too few of them to judge by."""
    return priced(20, seed=case.shared_seed, where=city(seed=case.shared_seed), agreed=0.01)


def _usual(case: Case, n: int, **how: Any) -> list[Row]:
    """Requests for homes that are not larger than others."""
    return asked(homes(n, seed=case.seed).assign(area_sqft=1600, lot_sqft=7000), **how)


def _miss(case: Case, model: Model, rows: list[Row], value: np.ndarray) -> float:
    """Typical miss of the estimates, as a share of the worth."""
    estimates = SERVICE.values(case, model, rows).reindex(SERVICE.ids(rows)).to_numpy()
    return float(np.median(np.nan_to_num(np.abs(estimates / value - 1), nan=1.0)))


def _statuses(answers: list[Row], status: str) -> int:
    return sum(row["status"] == status for row in answers)


# Guards


@check
def requests_are_answered_one_for_one(case: Case) -> None:
    """Ordinary requests are answered one for one and in order, with offers six per cent below the estimates."""
    model, rows = _small_model(case), _usual(case, 60)
    one_for_one(case, SERVICE, model, rows, within=(1.0, np.inf))
    made = [row for row in case.call(ANSWER, model[0], rows, model[1]) if row["status"] == "ok"]
    short = sum(row["offer"] is None or row["estimate"] is None for row in made)
    if case.equal("answers without a sum, though ok", short, 0) and made:
        off = np.abs(offered(made) - 0.94 * offered(made, "estimate")) / offered(made, "estimate")
        case.compare("largest deviation from .94 of the estimate", seen=off.max(), limit=0.002)


@check
def estimates_lie_near_the_worth(case: Case) -> None:
    """On the day of the request an estimate lies near what the home is worth."""
    where, many = city(seed=case.shared_seed), homes(300, seed=case.seed)
    model = SERVICE.trained(case, _sales(case, 400))
    seen = _miss(case, model, asked(many), worth(where, many, np.full(len(many), TODAY + 10)))
    case.compare("typical miss of an estimate", seen=seen, limit=CLOSE, sd=0.01)


@check
def the_figure_rests_on_real_sales(case: Case) -> None:
    """The held-out sales are real, each once, with their own prices and with estimates that tell homes apart."""
    sales = _sales(case, 400)
    claim = _evaluate(case, sales)
    real_rows(case, claim, sales.set_index("sale_id")["price"], least=40)
    rows = claim.rows
    blind = float((rows["truth"] - rows["truth"].median()).abs().mean())
    # A fitted model stands at .15 to .25; one median for all at 1.
    seen = _mean_error(rows["truth"], rows["value"]) / blind
    case.compare("error, as a share of that of one estimate for all", seen=seen, limit=0.6, sd=0.03)


def _mean_error(truth: Any, value: Any) -> float:
    return float(np.mean(np.abs(truth - value)))


@check
def a_rerun_gives_the_same(case: Case) -> None:
    """Fitting and evaluating once more on the same sales gives the same estimates."""
    same_again(case, SERVICE, _sales(case), asked(homes(40, seed=case.seed)), evaluate=_sales(case))


@check
def a_request_that_cannot_be_read_is_referred(case: Case) -> None:
    """A request that cannot be read goes to a valuer, and the others are answered as usual."""
    rows = _usual(case, 12)
    ways = {**UNREADABLE, "nothing": None, "no such field": ABSENT}
    set_aside(case, SERVICE, _small_model(case), rows, unreadable(rows, HOME, ways), alone=False)


@check
def who_else_asks_makes_no_difference(case: Case) -> None:
    """An estimate is the same alone, in other company, and with fields that nobody knows."""
    model, rows = _small_model(case), asked(homes(20, seed=case.seed))
    others = [row | {"request_id": f"L{at:05d}"} for at, row in enumerate(rows)]
    companies = {
        "large and good ones": [row | {"area_sqft": 2900, "condition": 5} for row in others],
        "ones that cannot be read, or go to a valuer": [
            row | [{"condition": "fair"}, {"area_sqft": 90_000}][at % 2] for at, row in enumerate(others[:6])
        ],
    }
    alone_as_in_company(case, SERVICE, model, rows, companies, alone=1)
    richer = [row | {"asking": 900_000, "partner": "Doorstep"} for row in rows]
    answers_the_same(case, SERVICE, model, rows, {"unknown fields": richer})


@check
def a_level_is_what_a_square_foot_costs(case: Case) -> None:
    """The level of a neighbourhood lies near what a square foot costs there."""
    lines, days = _lines(range(400, TODAY, 60))
    seen = case.call(LEVEL, _sales(case, 400), lines)["dollars_per_sqft"].to_numpy(dtype=float)
    if not case.equal("levels", len(seen), len(lines)):
        return
    place = [NEIGHBOURHOODS.index(name) for name in lines["neighbourhood"]]
    truth = np.exp(city(seed=case.shared_seed).levels[days, place])
    missed = np.nan_to_num(np.abs(seen / truth - 1), nan=1.0)
    # Twelve sales: .06 to .12, half of it because homes are old; all sales: up to .14; one for the city: .2 and more.
    case.compare("mean miss of a level", seen=missed.mean(), limit=0.2, sd=0.01)


def _lines(days: Sequence[int]) -> tuple[pd.DataFrame, np.ndarray]:
    """Ask for every neighbourhood on every one of the days."""
    asked_for = np.repeat(days, len(NEIGHBOURHOODS))
    dates = [_date(day) for day in asked_for]
    return pd.DataFrame({"neighbourhood": list(NEIGHBOURHOODS) * len(days), "day": dates}), asked_for


def _date(day: int) -> str:
    return (FIRST_DAY + pd.Timedelta(days=int(day))).strftime("%Y-%m-%d")


# The split

# The level of the neighbourhood is another matter: what it is made of stays.
REST = [field for field in HOME if field != "area_sqft"]
SPREAD = 50  # dollars a square foot, of 90 and more


@check(requires=("the_figure_rests_on_real_sales",))
def later_sales_do_not_reach_earlier_estimates(case: Case) -> None:
    """Changing the homes that were sold on a day or later leaves the estimates up to that day unchanged."""
    sales = _whole_rates(_sales(case, 300))
    sales = _crowded(sales, _starts(_evaluate(case, sales), sales))
    claim, closed = _evaluate(case, sales), sales.set_index("sale_id")["closed"]
    before = closed.reindex(claim.known.index).dropna()
    if before.empty:
        case.fail("the evaluation holds no sale out")
    middle = before.sort_values().iloc[len(before) // 2]
    questions = {f"later than {middle}": before.index[before <= middle]}
    for names in _starts(claim, sales):
        day = closed[names[0]]
        questions[f"on {day}, where a fold begins, or later"] = before.index[before < day].append(
            pd.Index([name for name in names if closed[name] == day][::2])
        )
    for label, watched in questions.items():
        changed = (sales["closed"] >= closed[watched].max()) & ~sales["sale_id"].isin(watched)
        order = np.random.default_rng([case.seed, 10]).permutation(changed.sum())
        others = sales.copy()
        others.loc[changed, REST] = sales.loc[changed, REST].to_numpy()[order]
        known = claim.known["value"]
        judges_the_same(case, SERVICE, sales, {label: others}, watched=watched, known=known)
    _sent_once_more(case, sales, before.index[before <= middle][::4], middle)
    watched, spread = before.index[before <= middle], _spread(sales, middle)
    lines = sales[sales["sale_id"].isin(watched)].rename(columns={"closed": "day"})[["neighbourhood", "day"]]
    one, other = case.apart(lambda table: _levels(case, table, lines), (sales, spread))
    if one.equals(other):
        others = {f"prices later than {middle} spread": spread}
        judges_the_same(case, SERVICE, sales, others, watched=watched, known=claim.known["value"])


def _sent_once_more(case: Case, sales: pd.DataFrame, early: pd.Index, middle: str) -> None:
    """Send some early sales once more, below all others: they stay early."""
    longer = pd.concat([sales, sales[sales["sale_id"].isin(early)]], ignore_index=True)
    known = _evaluate(case, longer).known["value"]
    late = longer["closed"] > middle
    order = np.random.default_rng([case.seed, 11]).permutation(late.sum())
    others = longer.copy()
    others.loc[late, REST] = longer.loc[late, REST].to_numpy()[order]
    label = f"later than {middle}, for early sales that were sent once more"
    judges_the_same(
        case, SERVICE, longer, {label: others}, watched=known.index.intersection(early), known=known
    )


def _whole_rates(sales: pd.DataFrame) -> pd.DataFrame:
    """Round what a square foot cost to whole dollars, so that sums of it are exact in any order."""
    return sales.assign(price=(sales["price"] / sales["area_sqft"]).round().astype(int) * sales["area_sqft"])


def _spread(sales: pd.DataFrame, day: str) -> pd.DataFrame:
    """Let later sales cost more where they are dear and less where they are cheap.

    As many rise as fall in each neighbourhood, all by one sum a square foot, and none crosses its median. So the mean
    and the median of a neighbourhood stay what they were.
    """
    rates, places = sales["price"] // sales["area_sqft"], sales["neighbourhood"]
    off = (rates - rates.groupby(places).transform("median")).where(sales["closed"] > day, 0)
    for place in NEIGHBOURHOODS:
        there = off[places == place]
        dear, cheap = there.index[there > 0], there.index[there < 0]
        pairs = min(len(dear), len(cheap))
        rates[dear[:pairs]] += SPREAD
        rates[cheap[:pairs]] -= SPREAD
    return sales.assign(price=rates * sales["area_sqft"])


def _starts(claim: Evaluated, sales: pd.DataFrame) -> list[list[str]]:
    """List the held-out sales of the first, the middle and the last fold to begin, oldest first."""
    folds: dict[str, list[str]] = {}
    for name, fold in claim.known["fold"].reindex(sales["sale_id"]).dropna().items():
        folds.setdefault(fold, []).append(str(name))
    listed = list(folds.values())
    return [listed[at] for at in sorted({0, len(listed) // 2, len(listed) - 1})] if listed else []


def _crowded(sales: pd.DataFrame, folds: list[list[str]]) -> pd.DataFrame:
    """Let the eight sales round the beginning of each fold close on one day, so that a cut by number cuts a day."""
    place = pd.Series(sales.index, index=sales["sale_id"])
    closed = sales["closed"].copy()
    for names in folds:
        at = place[names[0]]
        closed[max(0, at - 4) : at + 4] = closed[at]
    return sales.assign(closed=closed)


# The level


@check(requires=("a_level_is_what_a_square_foot_costs",))
def a_level_knows_only_earlier_sales(case: Case) -> None:
    """Changing the prices of sales of a day or later leaves the level of that day unchanged."""
    sales = _sales(case, 300)
    # On the day of the third sale, most neighbourhoods have none before it.
    early, *days = ((pd.Timestamp(sales["closed"][at]) - FIRST_DAY).days for at in (2, 145, 250))
    for day in days:
        lines, _ = _lines((early, *range(day - 90, day + 1, 30)))
        raised = sales["price"].where(sales["closed"] < _date(day), sales["price"] * 1.4)
        changed = {f"prices of {_date(day)} and later changed": sales.assign(price=raised.round())}
        unmoved(
            case,
            lambda table, lines=lines: _levels(case, table, lines),  # type: ignore[misc]
            sales,
            changed,
            watched=range(len(lines)),
            gap=2e-4,
        )


def _levels(case: Case, sales: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Ask for levels, by the number of the line, under other names of the sales."""
    relabelled = case.relabel(sales["sale_id"]).table(sales, "sale_id")
    return pd.Series(case.call(LEVEL, relabelled, lines)["dollars_per_sqft"].to_numpy(dtype=float))


@check(requires=("the_figure_rests_on_real_sales",))
def a_sale_does_not_tell_its_own_price(case: Case) -> None:
    """Changing the prices of the newest sales leaves the estimates of those same sales unchanged."""
    # Sales of one fold on the last day, each in a neighbourhood of its own: no other estimate may build on them.
    sales = _sales(case, 300, last_day=8)
    claim = _evaluate(case, sales)
    newest = sales["sale_id"][sales["closed"] == sales["closed"].max()]
    watched = claim.largest_fold(among=newest).index
    if watched.empty:
        case.unproven("no sale of the last day is held out")
    raised = sales["price"].where(~sales["sale_id"].isin(watched), sales["price"] * 1.4)
    others = {"their own prices changed": sales.assign(price=raised.round().astype(int))}
    judges_the_same(case, SERVICE, sales, others, watched=watched, known=claim.known["value"])
    _sold_on_one_day(case, sales, newest)


def _sold_on_one_day(case: Case, sales: pd.DataFrame, newest: pd.Series) -> None:
    """Let another home be sold next to each on its day: neither price tells of the other home."""
    first = sales[sales["sale_id"].isin(newest)]
    second = first.assign(
        area_sqft=first["area_sqft"] + 100, price=(first["price"] * 1.1).round().astype(int)
    )
    second["sale_id"] = [f"T{at:04d}" for at in range(len(second))]
    both = pd.concat([sales, second], ignore_index=True)
    claim = _evaluate(case, both)
    folds = claim.known["fold"]
    pairs = [(a, b) for a, b in zip(first["sale_id"], second["sale_id"], strict=True)]
    pairs = [
        pair for pair in pairs if folds.get(pair[0]) is not None and folds.get(pair[0]) == folds.get(pair[1])
    ]
    if not pairs:
        return  # a split by chance tears them apart
    most = pd.Series([folds[a] for a, _ in pairs]).mode()[0]
    for at, label in enumerate(("first", "second")):
        raised = both["sale_id"].isin([pair[at] for pair in pairs if folds[pair[0]] == most])
        prices = both["price"].where(~raised, both["price"] * 1.4).round().astype(int)
        others = {f"prices of the {label} of two sales of one day changed": both.assign(price=prices)}
        watched = pd.Index([pair[1 - at] for pair in pairs if folds[pair[0]] == most])
        judges_the_same(case, SERVICE, both, others, watched=watched, known=claim.known["value"])


# The figure


@check(requires=("the_figure_rests_on_real_sales",))
def the_figure_is_the_mean_error_in_dollars(case: Case) -> None:
    """The claimed figure is the mean absolute error, in dollars, of the held-out sales, however large the homes are."""
    sales = _sales(case, 300)
    size = (2 * sales["area_sqft"].max() / sales["area_sqft"]).where(sales.index >= 285, 1)
    sales = sales.assign(
        **{name: (sales[name] * size).round().astype(int) for name in ("area_sqft", "price")}
    )
    truth = sales.set_index("sale_id")["price"]
    figure_follows(case, _evaluate(case, sales), truth, _mean_error, least=40, gap=1.0)


# The order of the fields

# The worth rises by .32 from the worst condition to the best; boosting and forests say .25 (sd .034 in twenty cities),
# a linear model .32. One that reads the condition from another field says .02 (sd .015).
ADDED = 0.1


@check
def the_order_of_fields_makes_no_difference(case: Case) -> None:
    """A home gets the same estimate, and a good one, in whatever order its fields and those of the tables come."""
    many, sales = homes(60, seed=case.seed), _sales(case, 300)
    model, rows = SERVICE.trained(case, sales[sales.columns[::-1]]), asked(many)
    any_form(case, SERVICE, model, rows)
    turned = [dict(reversed(row.items())) for row in rows]
    strange = [{"campaign": "spring", **row, "asking": 900_000} for row in turned]
    answers_the_same(case, SERVICE, model, rows, {"fields in the opposite order and unknown ones": strange})
    calm = _market(case)
    markets = {"as in the data card": calm, "in the opposite order": calm[calm.columns[::-1]]}
    usual, other = (
        [row["status"] for row in answers] for answers in _offers(case, model[0], markets).values()
    )
    case.equal("columns of the homes priced lately in the opposite order: statuses", other, usual)
    longer = pd.concat([sales, _sales(case, 120, days=(TODAY + 2, TODAY + 120))], ignore_index=True)
    turned_sales = {
        "columns of the sales by which a refit is judged in the opposite order": longer[longer.columns[::-1]]
    }
    unmoved(
        case, lambda table: _errors(_refit(case, table, model[0])[1]), longer, turned_sales, gap=SERVICE.gap
    )
    value = worth(city(seed=case.shared_seed), many, np.full(len(many), TODAY + 10))
    seen = _miss(case, model, turned, value)
    case.compare("typical miss, fields in the opposite order", seen=seen, limit=CLOSE, sd=0.01)
    states = [[row | {"condition": state} for row in turned] for state in (1, 5)]
    poor, good = case.apart(lambda batch: SERVICE.values(case, model, batch), states)
    with np.errstate(all="ignore"):
        dearer = float(np.nan_to_num(np.log(good / poor), nan=0.0, neginf=0.0).mean())
    label = "what the best condition adds, as a logarithm"
    case.compare(label, seen=dearer, limit=ADDED, direction="at least", sd=0.03)


def _errors(outcome: Row) -> pd.Series:
    """The errors, in dollars, by which a refit was judged."""
    return pd.Series({name: outcome.get(name) for name in ("mae_usd", "before_usd")}, dtype=float)


# What goes live

# The error over that by which a model was judged, on a log scale: calm 0 with sd .15; after a fall of 40 % 1.8 (.22);
# where prices scatter by .4 instead of .05, 1.7 (.17). Twice is .69, 4.5 of these sds from each.
FALL, SCATTER = 0.4, 0.4


# The old model misses the homes of a fallen market by .5 to .85 of their worth, a model of that market by at most half
# as much. Beside them are pairs of equal homes, one dear and one cheap, which miss every estimate by one and the same
# sum, some sixteen times the worth of the former. So the new error is .96 to .99 of the old one (.966 to .975 here).
PAIRS, DEAR, CHEAP = 60, 5_000_000, 1_000

# Where the newest sales hold nothing to learn, the error of the refit is that of the model in force, with sd .006;
# one that has learnt those very sales stands at .4 to .6 of it.
JUDGES = 240


@check(requires=("estimates_lie_near_the_worth",))
def a_worse_refit_does_not_go_live(case: Case) -> None:
    """A refit on slipped prices, or one that is hardly better, does not go live, and the answers stay as they were."""
    sales = _sales(case, 300)
    later = _sales(case, 60, days=(TODAY + 2, TODAY + 60))
    slipped = pd.concat([mistaken(sales, seed=case.seed), later], ignore_index=True)
    first = _stays(case, sales, slipped)
    _, outcome = _refit(case, pd.concat([sales, _hardly_told_apart(case)], ignore_index=True), first)
    case.equal("a gain of less than five per cent: promoted", outcome["promoted"], expected=False)


def _hardly_told_apart(case: Case) -> pd.DataFrame:
    """Let the market fall, and let the newest sales be such that all models miss them by nearly the same."""
    turned = city(seed=case.shared_seed, falls=FALL)
    later = history(240, seed=case.shared_seed, where=turned, days=(TODAY + 2, TODAY + 180))
    newest = homes(3 * PAIRS, seed=case.seed).assign(area_sqft=1600, lot_sqft=7000)
    newest.loc[2 * PAIRS :] = newest.loc[PAIRS : 2 * PAIRS - 1].to_numpy()
    day = np.tile(np.linspace(TODAY + 200, TODAY + 240, PAIRS).astype(int), 3)
    price = np.r_[worth(turned, newest[:PAIRS], day[:PAIRS]), np.full(PAIRS, DEAR), np.full(PAIRS, CHEAP)]
    ids = [f"T{at:04d}" for at in range(len(newest))]
    closed = [_date(one) for one in day]
    newest = newest.assign(sale_id=ids, closed=closed, price=price.round().astype(int))
    return pd.concat([later, newest.sort_values("closed", kind="stable")[later.columns]], ignore_index=True)


@check(after=("a_worse_refit_does_not_go_live",))
def a_refit_is_judged_on_sales_that_it_has_not_seen(case: Case) -> None:
    """A refit that has nothing to learn but the sales by which it is judged does not go live."""
    sales = _sales(case, 300)
    useless = mistaken(_sales(case, JUDGES, days=(TODAY + 2, TODAY + 60)), seed=case.seed, garbled=0.8)
    _stays(case, sales, pd.concat([sales, useless], ignore_index=True))


def _stays(case: Case, sales: pd.DataFrame, longer: pd.DataFrame) -> Any:
    """See a refit not go live, and return the folder in force before."""
    rows, (first, _) = asked(homes(40, seed=case.seed), day=TODAY + 70), _refit(case, sales)
    second, outcome = _refit(case, longer, first)
    case.equal("promoted", outcome["promoted"], expected=False)
    models = [(folder, _few(case)) for folder in (first, second)]
    after = {"after the refit": models[1]}
    with promised(case, "a request after the refit"):
        unmoved(case, lambda model: SERVICE.values(case, model, rows), models[0], after, gap=SERVICE.gap)
    return first


# Half a year after prices fell by 40 %, models of the new market miss by .09 with sd .04 (at most .20 of 35), one that
# is fitted once more on the sales of both by .29 with sd .02, the old one by .58 with sd .03.
AFTER_THE_FALL = 0.42


@check(after=("a_refit_is_judged_on_sales_that_it_has_not_seen",))
def a_better_refit_goes_live(case: Case) -> None:
    """After the market has fallen, a refit that is far better goes live although its own error has grown."""
    turned = city(seed=case.seed, falls=FALL)
    sales = history(300, seed=case.seed, where=turned)
    later = history(240, seed=case.seed, where=turned, days=(TODAY + 2, TODAY + 240), agreed=0.25)
    first, _ = _refit(case, sales)
    second, outcome = _refit(case, pd.concat([sales, later], ignore_index=True), first)
    case.equal("promoted", outcome["promoted"], expected=True)
    many, day = homes(100, seed=case.seed), TODAY + 245
    value = worth(turned, many, np.full(len(many), day))
    seen = _miss(case, (second, _few(case)), asked(many, day=day), value)
    case.compare("typical miss of an estimate afterwards", seen=seen, limit=AFTER_THE_FALL, sd=0.05)


# The brake

LATELY, ENOUGH = 160, 40


def _market(case: Case, n: int = LATELY, *, agreed: float = 0.05, **world: Any) -> pd.DataFrame:
    """Homes priced lately in the market of the sales, in which something may have happened since."""
    days = (TODAY + 31, TODAY + 44) if world else (TODAY + 1, TODAY + 44)
    where = city(seed=case.shared_seed, **world)
    return priced(n, seed=case.seed, where=where, days=days, agreed=agreed)


def _sellers(case: Case) -> list[Row]:
    """Requests of one day, some of which give the lot in acres."""
    rows = _usual(case, 60, day=LATER)
    return [row | ({"lot_sqft": 0.16} if at % 3 == 1 else {}) for at, row in enumerate(rows)]


def _offers(case: Case, folder: Any, markets: dict[str, pd.DataFrame]) -> dict[str, list[Row]]:
    """Answer the sellers of a day, by what is known of homes priced lately."""
    rows = _sellers(case)
    answers = case.apart(lambda lately: case.call(ANSWER, folder, rows, lately), markets.values())
    return dict(zip(markets, answers, strict=True))


def _pauses(case: Case, folder: Any, markets: dict[str, pd.DataFrame]) -> None:
    for label, answers in _offers(case, folder, markets).items():
        paused = _statuses(answers, "paused")
        case.equal(f"{label}: requests that are paused", paused, len(_sellers(case)))
        case.equal(f"{label}: offers", sum(row["offer"] is not None for row in answers), 0)


@check(requires=("estimates_lie_near_the_worth",))
def offers_stop_when_the_error_doubles(case: Case) -> None:
    """Once the error has more than doubled no offer goes out, so no seller can take one that is too high."""
    model = SERVICE.trained(case, _sales(case, 400))
    # All of them bought: whether the homes of others count is another check's question.
    fallen = _market(case, falls=FALL).assign(bought=True)
    scattered = _missed_both_ways(case, model, _market(case)).assign(bought=True)
    markets = {"prices fell by 40 %": fallen, "prices scatter eight times as much": scattered}
    for n in (ENOUGH, ENOUGH + 1):
        markets[f"prices fell by 40 %, {n} homes"] = fallen[2 * n : 3 * n]
    calm, number = _market(case), np.arange(LATELY)
    huge = {"area_sqft": 5_990, "lot_sqft": 79_000, "price": 6_000_000}
    markets["only the first thirty are missed, which are too large for an offer"] = _with(
        calm, number < 30, **huge
    )
    lost = (calm["price"] * 0.4).round().astype(int)
    markets["only the last sixty are missed"] = _with(calm, number >= LATELY - 60, price=lost)
    _pauses(case, model[0], markets)


def _with(lately: pd.DataFrame, some: np.ndarray, **values: Any) -> pd.DataFrame:
    """Give some of the homes other values, and let us have bought them."""
    laid = {"bought": True, **values}
    return lately.assign(**{name: lately[name].where(~some, value) for name, value in laid.items()})


def _missed_both_ways(case: Case, model: Model, lately: pd.DataFrame) -> pd.DataFrame:
    """Let the estimates of homes priced lately miss by much, two and two by the same sum upwards and downwards.

    What a generator draws cancels out only nearly, and a brake that adds errors up with their signs would then stop
    by chance.
    """
    rows = asked_as_sold(lately)
    estimates = SERVICE.values(case, model, rows).reindex(SERVICE.ids(rows)).to_numpy()
    known = np.flatnonzero(np.isfinite(estimates))
    paired = known[np.argsort(estimates[known], kind="stable")][: len(known) // 2 * 2]
    gaps = np.repeat(np.round(SCATTER * estimates[paired[::2]]), 2)
    prices = np.round(estimates[paired] + gaps * np.tile([-1, 1], len(paired) // 2))
    return lately.iloc[paired].assign(price=prices).sort_index()


@check(after=("offers_stop_when_the_error_doubles",))
def offers_go_on_in_a_calm_market(case: Case) -> None:
    """While the error is what it was, or rests on a few homes only, offers go out as ever."""
    model = SERVICE.trained(case, _sales(case, 400))
    wild, right = _market(case, agreed=0.5), _market(case, ENOUGH + 1, agreed=0.01)
    markets = {"calm": _market(case), "no home priced": wild[:0]}
    markets |= {f"fifteen homes with wild prices, lot {lot + 1}": wild[15 * lot :][:15] for lot in range(3)}
    markets["39 homes with wild prices"] = wild[50 : 50 + ENOUGH - 1]
    markets |= {f"{n} homes with right prices": right[:n] for n in (ENOUGH, ENOUGH + 1)}
    for label, answers in _offers(case, model[0], markets).items():
        case.equal(f"{label}: offers", _statuses(answers, "ok"), len(_sellers(case)))


@check(requires=("requests_are_answered_one_for_one", "estimates_lie_near_the_worth"))
def homes_beyond_all_others_go_to_a_valuer(case: Case) -> None:
    """A home larger than any that the model has met gets no offer, but a valuer, in whatever unit its lot is given."""
    sales, area, acres = _sales(case, 300), 5_600, 1.25  # both ways from acres to square feet are exact
    sales = sales.assign(
        area_sqft=sales["area_sqft"].clip(upper=5_000), lot_sqft=sales["lot_sqft"].clip(upper=5e4)
    )
    # Sales of the middle: any right model has learnt from them, wherever its levels begin.
    sales.loc[150, "area_sqft"], sales.loc[151, "lot_sqft"] = area, acres
    # Sold in the last sixty days, and so not learnt from, unless a model is fitted once more before it goes live.
    sales.loc[298, "area_sqft"], sales.loc[299, "lot_sqft"] = 5_900, 1.5
    if _learns_of_the_newest(case, sales):
        area, acres = 5_900, 1.5
    sizes = [(share, "area", {"area_sqft": share * area}) for share in (0.97, 1.0, 1.03, 2.2)]
    for unit, feet in (("acres", 1), ("square feet", ACRE)):
        sizes += [
            (share, f"lot, in {unit}", {"lot_sqft": share * acres * feet}) for share in (0.97, 1.0, 1.03, 2.2)
        ]
    rows = [row | size for row, (_, _, size) in zip(_usual(case, len(sizes)), sizes, strict=True)]
    folder, lately = SERVICE.trained(case, sales)
    answers = case.call(ANSWER, folder, rows, lately)
    if not case.equal("answers", len(answers), len(rows)):
        return
    for (share, what, _), row in zip(sizes, answers, strict=True):
        wanted = "referred" if share > 1 else "ok"
        case.equal(f"{share:.0%} of the largest {what}: status", row["status"], wanted)
        case.equal(f"{share:.0%} of the largest {what}: offer made", row["offer"] is not None, share <= 1)
    word = _usual(case, len(sizes) + 1)[-1] | {"built": "about 1960"}
    paused = case.call(ANSWER, folder, [*rows, word], _market(case, falls=FALL).assign(bought=True))
    labels = [f"{share:.0%} of the largest {what}" for share, what, _ in sizes] + ["a word for a year"]
    wanted = ["referred" if share > 1 else "paused" for share, _, _ in sizes] + ["referred"]
    for label, row, status in zip(labels, paused, wanted, strict=False):
        case.equal(f"{label}, while offers are paused: status", row["status"], status)


def _learns_of_the_newest(case: Case, sales: pd.DataFrame) -> bool:
    """Whether prices of the last fifty days reach the estimates of the first model."""
    newest = sales["closed"] > str((pd.Timestamp(sales["closed"].max()) - pd.Timedelta(days=50)).date())
    raised = sales.assign(price=sales["price"].where(~newest, sales["price"] * 1.4).round().astype(int))
    rows = asked(homes(24, seed=case.seed))
    one, other = case.apart(
        lambda table: SERVICE.values(case, SERVICE.trained(case, table), rows), (sales, raised)
    )
    return not one.equals(other)


STOPS = "without a brake nothing stops, whatever it measures"
KEPT = "a refit that always goes live brings a yardstick of its own"


@check(blocked_by={"offers_stop_when_the_error_doubles": STOPS})
def homes_that_others_bought_count(case: Case) -> None:
    """When only the homes that others bought have lost their price, offers stop as well."""
    calm = _market(case)
    lower = calm.assign(price=calm["price"].where(calm["bought"], calm["price"] * 0.5).round().astype(int))
    _pauses(case, SERVICE.trained(case, _sales(case, 400))[0], {"homes of others at half their price": lower})


@check(
    blocked_by={
        "offers_stop_when_the_error_doubles": STOPS,
        "a_worse_refit_does_not_go_live": KEPT,
        "a_refit_is_judged_on_sales_that_it_has_not_seen": KEPT,
    }
)
def the_yardstick_of_the_brake_stays(case: Case) -> None:
    """A rough month in which the model in force stays does not make the brake more patient."""
    sales = _sales(case, 400)
    # Half as rough again as the market that must be noticed: a yardstick that took in half of it would miss that too.
    rough = _sales(case, JUDGES, days=(TODAY + 2, TODAY + 60), agreed=1.5 * SCATTER)
    first, _ = _refit(case, sales)
    second, _ = _refit(case, pd.concat([sales, rough], ignore_index=True), first)
    _pauses(case, second, {"after a rough month": _market(case, agreed=SCATTER)})


# What looks wrong and is right


@check
def a_mended_line_counts_once(case: Case) -> None:
    """A sale whose line was mended counts by its last line, in the model and in the figure."""
    sales = _sales(case)
    wrong = sales[5:200:20].assign(price=lambda table: table["price"] * 10)
    longer = {"wrong lines in front of the right ones": pd.concat([wrong, sales], ignore_index=True)}
    learns_the_same(case, SERVICE, sales, longer, asked(homes(30, seed=case.seed)))
    judges_the_same(case, SERVICE, sales, longer)


@check
def acres_and_square_feet_are_the_same_lot(case: Case) -> None:
    """A lot in acres is worth what the same lot is worth in square feet."""
    many, lots = homes(30, seed=case.seed), np.linspace(0.04, 0.3, 30).round(3)
    rows, acres = (asked(many.assign(lot_sqft=each)) for each in (lots * ACRE, lots))
    answers_the_same(case, SERVICE, _small_model(case), rows, {"lots in acres": acres})
    sales = _sales(case)
    recorded = (sales["lot_sqft"] / ACRE).round(3)
    feet = sales.assign(lot_sqft=recorded * ACRE)
    mixed = feet.assign(lot_sqft=recorded.where(sales.index % 3 == 0, feet["lot_sqft"]))
    learns_the_same(case, SERVICE, feet, {"every third lot recorded in acres": mixed}, rows)


@check
def a_home_sold_off_plan_is_new(case: Case) -> None:
    """A home that is still to be built is worth what one of this year is worth."""
    many = homes(30, seed=case.seed)
    this, later = (asked(many.assign(built=year), day=LATER) for year in (2024, 2026))
    answers_the_same(case, SERVICE, _small_model(case), this, {"built in two years": later})


# What it costs


@measure
def dollars(case: Case) -> dict[str, float]:
    """Dollars that are lost, or that the figure hides."""
    with case.session(seconds=60) as session:
        return harm(
            lambda sales, champion=None: _refit(case, sales, champion)[0],
            lambda model, rows, lately: session.call(ANSWER, model, rows, lately),
            lambda sales: case.call(EVALUATE, sales),
            seed=case.seed,
        )


# Incidents, for the conversation


def _monthly_model(case: Case, **market: Any) -> tuple[City, pd.DataFrame, Any]:
    """A market, its recorded sales, and the model of the month."""
    where = city(seed=case.shared_seed, **market)
    sales = history(300, seed=case.shared_seed, where=where)
    folder = case.folder(writable=False)
    case.call(REFIT, sales, folder, seed=case.shared_seed)
    return where, sales, folder


def _told(answers: list[Row]) -> str:
    """Answers in words: how often each status."""
    statuses = [row["status"] for row in answers]
    return ", ".join(f"{statuses.count(one)} {one}" for one in dict.fromkeys(statuses)) or "nothing"


def _sums(values: Any) -> str:
    known = np.array([value for value in values if value is not None], dtype=float)
    return f"${np.median(known):,.0f} in the middle" if len(known) else "none"


@incident(
    "What do the 100 get?", "What are the offers, in the middle?", "And what are the homes worth by then?"
)
def prices_fall_by_two_fifths(case: Case) -> list[Any]:
    """The large employer leaves, and within weeks homes are worth two fifths less. The refit was a month ago.
    100 sellers ask; with the requests come 160 homes priced since the fall, all of which other people
    bought."""
    _, _, model = _monthly_model(case)
    fallen = city(seed=case.shared_seed, falls=FALL)
    lately = priced(160, seed=case.seed, where=fallen, days=(TODAY + 31, TODAY + 44)).assign(bought=False)
    many = homes(100, seed=case.seed)
    answers = case.call(ANSWER, model, asked(many, day=LATER), lately)
    value = worth(fallen, many, np.full(len(many), LATER))
    return [_told(answers), _sums(row["offer"] for row in answers), _sums(value)]


@incident(
    "What do the ten with acres get?",
    "What are their estimates, in the middle, with square feet and with acres?",
)
def a_partner_sends_lots_in_acres(case: Case) -> list[Any]:
    """A partner's form sends the lot in acres: 0.17 instead of 7,400 square feet. Of 40 requests ten come from
    there; the same ten had asked before, in square feet."""
    where, _, model = _monthly_model(case)
    rows = asked(homes(40, seed=case.seed).assign(area_sqft=1500, lot_sqft=7400))
    acres = [row | {"lot_sqft": 0.17} if at < 10 else row for at, row in enumerate(rows)]
    lately = priced(20, seed=case.seed, where=where, agreed=0.01)
    before, after = case.apart(lambda batch: case.call(ANSWER, model, batch, lately)[:10], (rows, acres))
    middles = [_sums(row["estimate"] for row in answers) for answers in (before, after)]
    return [_told(after), f"{middles[0]}; {middles[1]}"]


@incident("What do the six get?", "What do the other 24 get?")
def a_form_with_words_in_it(case: Case) -> list[Any]:
    """The sellers' form is translated overnight. Of 30 requests six carry words: three `built` as `about 1960`,
    three an empty condition."""
    where, _, model = _monthly_model(case)
    rows = asked(homes(30, seed=case.seed).assign(area_sqft=1500, lot_sqft=7400))
    words: list[dict[str, Any]] = [{"built": "about 1960"}] * 3 + [{"condition": ""}] * 3
    rows = [row | (words[at] if at < 6 else {}) for at, row in enumerate(rows)]
    lately = priced(20, seed=case.seed, where=where, agreed=0.01)
    answers = case.call(ANSWER, model, rows, lately)
    return [_told(answers[:6]), _told(answers[6:])]


@incident("Is the refit promoted?", "What is the middle estimate, before and after?")
def the_recorder_adds_a_nought(case: Case) -> list[Any]:
    """For the last 60 days the recorder's office has entered every price with a nought too many. The monthly
    refit runs on the 300 sales before and 60 of those, against the model in force."""
    where, sales, first = _monthly_model(case)
    later = history(60, seed=case.seed, where=where, days=(TODAY + 2, TODAY + 60))
    longer = pd.concat([sales, later.assign(price=later["price"] * 10)], ignore_index=True)
    second, outcome = _refit(case, longer, first)
    rows = asked(homes(40, seed=case.seed), day=TODAY + 70)
    lately = priced(20, seed=case.seed, where=where, agreed=0.01)
    pair = case.apart(lambda model: SERVICE.values(case, (model, lately), rows).median(), (first, second))
    return [bool(outcome["promoted"]), f"${pair[0]:,.0f} and ${pair[1]:,.0f}"]


@incident("What does she get?", "What do the other nine get?")
def a_mansion_asks(case: Case) -> list[Any]:
    """Among ten sellers one has a mansion: 14,000 square feet on a lot of 400,000, more than anything ever
    recorded."""
    where, _, model = _monthly_model(case)
    rows = asked(homes(10, seed=case.seed).assign(area_sqft=1500, lot_sqft=7400))
    rows[0] |= {"area_sqft": 14000, "lot_sqft": 400000, "bedrooms": 8, "bathrooms": 6}
    answers = case.call(ANSWER, model, rows, priced(20, seed=case.seed, where=where, agreed=0.01))
    return [f"{_told(answers[:1])}; offer {_sums(row['offer'] for row in answers[:1])}", _told(answers[1:])]
