"""The records of a validation: what was expected, what was seen, and what is wanting."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from unfit.grades import Outcome, Verdict
from unfit.harm import Harm
from unfit.records import Record

__all__ = [
    "LETTERS",
    "CheckCell",
    "Costs",
    "ErrorRates",
    "Margin",
    "Narrow",
    "Problem",
    "Seen",
    "Side",
    "Stopped",
    "Table",
    "TreeRow",
    "Validation",
]

LETTERS = {Outcome.PASSED: "p", Outcome.FAILED: "f", Outcome.ERRORED: "e", Outcome.UNPROVEN: "u"}
"""One letter an outcome, so that a cell shows every seed; ``x`` is a check that broke."""

State = Literal["expected", "free", "coupled", "follows", "unexpected", "flip", "broken"]


class Seen(Record):
    """What every check saw of one tree under one seed."""

    tree: str
    seed: int
    verdicts: dict[str, Verdict]
    broken: dict[str, str] = Field(default_factory=dict)
    """What went wrong with a check itself, by check."""
    places: dict[str, str] = Field(default_factory=dict)
    """Line of the exercise's own code that asked what ended a check as errored, by check."""
    spent: dict[str, float] = Field(default_factory=dict)
    """Processor seconds of the submission, by check."""
    losses: dict[str, float] = Field(default_factory=dict)
    """What the submission costs in the world, where that was measured."""
    unmeasured: str = ""
    """Why it could not be measured."""
    asked: tuple[str, ...] = ()
    """Entry points, notebooks and their functions that the checks reached."""
    wall: float = 0.0
    kept: bool = False
    """Whether an earlier run had seen it already."""

    @property
    def processor(self) -> float:
        """Processor seconds of the submission."""
        return sum(self.spent.values())


class Problem(Record):
    """One thing that must be mended before the exercise can be used."""

    gate: str
    """Which part of the validation found it."""
    what: str
    where: str = ""
    """A file, a tree, a check or a seed; of many trees the first few."""
    fix: str = ""
    trees: tuple[str, ...] = ()
    """Every tree on which it was seen, where there are several."""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"\n  fix: {self.fix}" if self.fix else "")


class CheckCell(Record):
    """How one check ended on one tree, over all seeds."""

    check: str
    expected: Literal["passed", "not passed", "either"]
    seen: str
    """One letter a seed: passed, failed, errored, unproven; x where the check itself broke."""
    state: State
    note: str = ""
    """The reason of a declared coupling, or the seeds that differ."""
    cause: str = ""
    """What the check said where it errored, broke or failed unexpectedly, with the line of the author's file."""


class TreeRow(Record):
    """All checks on one tree."""

    tree: str
    kind: str
    planted: tuple[str, ...] = ()
    why: str = ""
    cells: tuple[CheckCell, ...]


class Table(Record):
    """Expected against seen: a row a tree, a column a check."""

    seeds: tuple[int, ...]
    checks: tuple[str, ...]
    rows: tuple[TreeRow, ...]

    def cell(self, tree: str, check: str) -> CheckCell:
        """Find one cell."""
        (row,) = (row for row in self.rows if row.tree == tree)
        (cell,) = (cell for cell in row.cells if cell.check == check)
        return cell


class Side(Record):
    """How far one comparison stays from its limit, where it comes nearest."""

    tree: str
    """Where it comes nearest."""
    nearest: float
    """The number that came nearest to the limit."""
    margin: float
    """Distance to the limit; positive on the right side."""
    spread: float | None = None
    """Standard deviation over the seeds of that tree; ``None`` below three seeds."""
    spreads: float | None = None
    """The mean's distance in standard deviations; ``None`` where the number does not vary."""


class ErrorRates(Record):
    """How often an ending was wrong, with the exact upper bound at 95 %."""

    wrong: int
    trials: int
    rate: float
    bound: float
    normal: float | None = None
    """What a normal distribution with the seen mean and spread would give, where there is a spread."""


class Margin(Record):
    """One comparison with a numeric limit, on both sides."""

    check: str
    label: str
    direction: Literal["at most", "at least"]
    limit: float
    unit: str = ""
    statistical: bool
    """Whether the number varies over seeds on trees where it must hold, or the check states its spread."""
    passing: dict[str, Side] = Field(default_factory=dict)
    """Where the check must pass: by variants and by the corpus."""
    failing: dict[str, Side] = Field(default_factory=dict)
    """Where it must not."""
    false_fail: ErrorRates | None = None
    false_pass: ErrorRates | None = None
    """Of the whole check: one comparison of several may catch a defect."""

    @property
    def measured(self) -> str:
        """What was measured, in words, with no number in its place."""
        return self.label.replace("{seen}", "…")


class Narrow(Record):
    """One limit that fresh seeds would probably reach, on one tree."""

    check: str
    measured: str
    """What is compared, in words."""
    tree: str
    must: Literal["pass", "not pass"]
    """How the check must end there."""
    limit: float
    distance: float
    """Of the mean to the limit, positive on the right side."""
    spread: float
    """Standard deviation over seeds, as far as it is known."""
    seeds: int
    chance: float
    """That at least one of twenty fresh seeds crosses the limit."""


class Costs(Record):
    """What the validation cost."""

    trees: int = 0
    examinations: int = 0
    kept: int = 0
    """Examinations that an earlier run had made already."""
    processor_a_grade: float = 0.0
    """Processor seconds of the fixed project's submission, a grade, on average."""
    processor: float = 0.0
    """Processor seconds of all submissions."""
    wall: float = 0.0
    """Wall seconds of the whole."""
    sum_of_gradings: float = 0.0
    """Wall seconds of the gradings, added up over the workers."""


class Stopped(Record):
    """Where a validation that was to stop early did."""

    tree: str
    seed: int
    verdicts: tuple[Verdict, ...]
    """Of the checks that did not end as expected there, with all that they compared."""
    examined: int
    """Examinations until then."""
    planned: int


class Validation(Record):
    """The gate's whole answer about one exercise."""

    format: Literal[1] = 1
    kit: str
    slug: str
    version: str
    digest: str
    """Hash of the solution's folder."""
    environment: str
    backend: str
    problems: tuple[Problem, ...]
    """First the one to mend first; none where the exercise may land."""
    notes: tuple[str, ...] = ()
    """What a reader should know, and need not mend."""
    table: Table
    margins: tuple[Margin, ...] = ()
    narrow: tuple[Narrow, ...] = ()
    """Limits that twenty fresh seeds would probably reach, the most probable first."""
    harm: Harm = Harm()
    sizes: dict[str, int] = Field(default_factory=dict)
    """Source lines, README words and minutes, as the budget counts them."""
    costs: Costs = Costs()
    stopped: Stopped | None = None
    """Where it stopped, if it was to stop at the first tree that is not as expected; the rest was not looked at."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wanting."""
        return not self.problems
