"""A validation as plain text: problems first, then what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from unfit.harm import Harm
from unfit.validate.causes import causes, listed
from unfit.validate.validation import CheckCell, ErrorRates, Margin, Narrow, Side, Table, Validation

__all__ = ["couplings", "mark", "render_table", "render_text", "told_narrow"]

MARKS = {"unexpected": "!", "flip": "~", "coupled": "c", "follows": ">", "broken": "x"}
LEGEND = (
    "p passed, f failed, e errored, u unproven; ! not as expected, ~ flips over seeds, "
    "c a declared coupling, > waits for another check that is not as expected, x the check is broken"
)


def render_text(validation: Validation) -> str:
    """Write a validation as plain text.

    Parameters
    ----------
    validation : Validation

    Returns
    -------
    text : str
        Ends with a newline.
    """
    parts = [
        _head(validation),
        *_problems(validation),
        render_table(validation.table),
        *_causes(validation.table),
        *_couplings(validation.table),
    ]
    parts += _stopped(validation)
    parts += _narrow(validation.narrow)
    parts += [*_margins(validation.margins), *_harm(validation.harm), *_notes(validation), _tail(validation)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(validation: Validation) -> str:
    count = len(validation.problems)
    ending = "clean" if validation.clean else f"{count} problem{'' if count == 1 else 's'}"
    seeds = len(validation.table.seeds)
    trees = len(validation.table.rows)
    return f"{validation.slug} {validation.version}: {ending} ({trees} trees, {seeds} seed{'' if seeds == 1 else 's'})"


def _stopped(validation: Validation) -> Iterator[str]:
    where = validation.stopped
    if where:
        yield (
            f"stopped at {where.tree}, seed {where.seed}, after {where.examined} of {where.planned} examinations; "
            "nothing is said of the rest"
        )


def _problems(validation: Validation) -> Iterator[str]:
    for number, problem in enumerate(validation.problems, start=1):
        place = f"{problem.where}: " if problem.where else ""
        fix = f"\n     fix: {problem.fix}" if problem.fix else ""
        yield f"{number:3}. [{problem.gate}] {place}{problem.what}{fix}"


def render_table(table: Table) -> str:
    """Write the table with numbered columns, one row a tree."""
    if not table.rows:
        return ""
    width = max(len(row.tree) for row in table.rows)
    numbers = [f"{number:>3}" for number in range(1, len(table.checks) + 1)]
    lines = [f"{'':{width}} {' '.join(numbers)}"]
    for row in table.rows:
        by_check = {cell.check: cell for cell in row.cells}
        marks = [f"{mark(by_check[name]):>3}" for name in table.checks]
        lines.append(f"{row.tree:{width}} {' '.join(marks)}".rstrip())
    legend = [f"{number} {name}" for number, name in zip(numbers, table.checks, strict=True)]
    return "\n".join([*lines, "", *legend, "", LEGEND])


def mark(cell: CheckCell) -> str:
    """Write a cell as the most common ending and its state."""
    if cell.state == "broken":
        return MARKS["broken"]
    (letter, _), *_ = Counter(cell.seen).most_common(1) or [("?", 0)]
    return letter + MARKS.get(cell.state, "")


def couplings(table: Table) -> dict[tuple[str, str], list[str]]:
    """Gather the trees in which a declared coupling was seen, by check and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        for cell in row.cells:
            if cell.state == "coupled":
                found.setdefault((cell.check, cell.note), []).append(row.tree)
    return found


def _causes(table: Table) -> Iterator[str]:
    found = causes(table)
    if found:
        lines = [
            f"  {one.check} {'broke' if one.broken else 'errored'} in {len(one.trees)} "
            f"tree{'' if len(one.trees) == 1 else 's'}: {one.said}\n    {listed(one.trees)}"
            for one in found
        ]
        yield "\n".join(["causes of errors:", *lines])


def _couplings(table: Table) -> Iterator[str]:
    found = couplings(table)
    if found:
        lines = [f"  {check}, in {', '.join(trees)}\n    {note}" for (check, note), trees in found.items()]
        yield "\n".join(["declared couplings:", *lines])


def _narrow(narrow: tuple[Narrow, ...]) -> Iterator[str]:
    if narrow:
        head = "narrow margins: one of twenty fresh seeds would probably cross these limits"
        yield "\n".join(
            [
                f"{head};",
                "run more seeds, enlarge the sample, or derive the limit anew",
                *(f"  {told_narrow(one)}" for one in narrow),
            ]
        )


def told_narrow(one: Narrow) -> str:
    """Say in a sentence how near a limit is."""
    seeds = f"{one.seeds} seed{'' if one.seeds == 1 else 's'}"
    wrong = "would reject it" if one.must == "pass" else "would not see it"
    return (
        f"`{one.check}` on {one.tree}, {one.measured}: {one.distance:.3g} from its limit of {one.limit:g}, with a "
        f"spread of {one.spread:.2g} ({seeds}); the chance that one {wrong} is {one.chance:.0%}"
    )


def _margins(margins: tuple[Margin, ...]) -> Iterator[str]:
    if not margins:
        return
    lines = [
        "margins: the number nearest to its limit, with the mean's distance in standard deviations over seeds;"
    ]
    lines += ["rates are over seeds, with the exact upper bound at 95 %"]
    for check, found in groupby(margins, key=lambda margin: margin.check):
        comparisons = list(found)
        passes = comparisons[0].false_pass
        lines.append(f"  {check}" + (f": false passes {_rates(passes)}" if passes else ""))
        lines += [line for margin in comparisons for line in _margin(margin)]
    yield "\n".join(lines)


def _margin(margin: Margin) -> Iterator[str]:
    sign = "≤" if margin.direction == "at most" else "≥"
    unit = f" {margin.unit}" if margin.unit else ""
    fails = f"; false fails {_rates(margin.false_fail)}" if margin.false_fail else ""
    yield f"    {margin.measured} {sign} {margin.limit:g}{unit}{fails}"
    for must, sides in (("must pass", margin.passing), ("must not", margin.failing)):
        if sides:
            yield f"      {must}: {', '.join(_side(side) for side in sides.values())}"


def _side(side: Side) -> str:
    spreads = "" if side.spreads is None else f", {side.spreads:.1f} sd"
    return f"{side.nearest:.4g} ({side.tree}{spreads})"


def _rates(rates: ErrorRates) -> str:
    normal = "" if rates.normal is None else f", normal tail {rates.normal:.1g}"
    return f"{rates.wrong} of {rates.trials} (at most {rates.bound:.2g}{normal})"


def _harm(harm: Harm) -> Iterator[str]:
    if not harm.losses:
        return
    lines = ["harm (loss beside the fixed project, paired by seed, 95 % interval):"]
    for loss in harm.losses:
        if loss.mean is None:
            said = loss.reason or "not measured"
        else:
            interval = (
                "" if loss.low is None or loss.high is None else f" [{loss.low:+.4g}, {loss.high:+.4g}]"
            )
            said = f"{loss.mean:+.4g}{interval} {loss.loss}"
        lines.append(f"  {loss.defect} ({loss.severity}): {said}")
    yield "\n".join(lines)


def _notes(validation: Validation) -> Iterator[str]:
    if validation.notes:
        yield "\n".join(["notes:", *(f"  {note}" for note in validation.notes)])


def _tail(validation: Validation) -> str:
    costs = validation.costs
    seeds = ", ".join(map(str, validation.table.seeds))
    kept = f", {costs.kept} of them known from an earlier run" if costs.kept else ""
    sizes = ", ".join(f"{name} {count}" for name, count in validation.sizes.items())
    lines = [
        f"sizes: {sizes}" if sizes else "",
        f"seeds: {seeds}",
        f"cost: {costs.examinations} examinations{kept}; {costs.wall:.0f} s in all",
        f"a grade of the fixed project: {costs.processor_a_grade:.1f} s of processor",
    ]
    return "\n".join(line for line in lines if line)
