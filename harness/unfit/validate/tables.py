"""The table of expected against seen, with what in it is wanting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unfit.bank import Exercise
from unfit.checks import Check
from unfit.grades import DefectStatus, Outcome, status_of
from unfit.validate.planning import Roles, Tree
from unfit.validate.records import LETTERS, Cell, Problem, Row, Seen, Table

__all__ = ["dumb", "examined", "judge", "tabulate"]

Found = Mapping[tuple[str, int], Seen]


def examined(seen: Sequence[Seen]) -> dict[tuple[str, int], Seen]:
    """Index examinations by tree and seed."""
    return {(item.tree, item.seed): item for item in seen}


def tabulate(
    trees: Sequence[Tree], checks: Sequence[Check], roles: Roles, seen: Sequence[Seen], seeds: Sequence[int]
) -> Table:
    """Set what was expected of every check on every tree beside what was seen.

    Parameters
    ----------
    trees : sequence of Tree
    checks : sequence of Check
        In the order in which they ran.
    roles : Roles
    seen : sequence of Seen
        Every tree under its seeds.
    seeds : sequence of int

    Returns
    -------
    table : Table
    """
    found = examined(seen)
    rows = []
    for tree in trees:
        cells: dict[str, Cell] = {}
        for check in checks:
            judged = [found[tree.name, seed] for seed in tree.seeds(seeds)]
            cells[check.name] = _cell(tree, check, roles, judged, cells)
        rows.append(
            Row(
                tree=tree.name,
                kind=tree.kind,
                planted=tuple(sorted(tree.planted)),
                why=tree.why,
                cells=tuple(cells.values()),
            )
        )
    return Table(seeds=tuple(seeds), checks=tuple(check.name for check in checks), rows=tuple(rows))


def _cell(tree: Tree, check: Check, roles: Roles, seen: Sequence[Seen], before: Mapping[str, Cell]) -> Cell:
    expected = roles.expected(tree, check.name)
    letters = "".join(_letter(item, check.name) for item in seen)
    facts: dict[str, Any] = {"check": check.name, "expected": expected, "seen": letters}
    if "x" in letters:
        return Cell(**facts, state="broken")
    passed = letters.count("p")
    if 0 < passed < len(letters) and expected != "either":
        return Cell(**facts, state="flip", note=_who_differs(letters, seen))
    if expected == "either":
        return Cell(**facts, state="free")
    if (passed > 0) == (expected == "passed"):
        return Cell(**facts, state="expected")
    if expected == "passed" and set(letters) == {"u"}:
        return _blocked(check, facts, seen, before)
    return Cell(**facts, state="unexpected")


def _letter(seen: Seen, check: str) -> str:
    return "x" if check in seen.broken else LETTERS[seen.verdicts[check].outcome]


def _who_differs(letters: str, seen: Sequence[Seen]) -> str:
    """Name the seeds of whichever ending was the rarer one."""
    passed = [item.seed for item, letter in zip(seen, letters, strict=True) if letter == "p"]
    others = [item.seed for item, letter in zip(seen, letters, strict=True) if letter != "p"]
    rare, ending = (passed, "passes") if len(passed) < len(others) else (others, "does not pass")
    few = 5
    more = f" and {len(rare) - few} more" if len(rare) > few else ""
    return f"{ending} under seed {', '.join(map(str, rare[:few]))}{more} of {len(letters)}"


def _blocked(check: Check, facts: dict[str, Any], seen: Sequence[Seen], before: Mapping[str, Cell]) -> Cell:
    """Tell a declared coupling from one that follows from something else gone wrong, and from neither."""
    blockers = {blocker for item in seen for blocker in item.verdicts[check.name].blockers}
    if not blockers:
        return Cell(**facts, state="unexpected")
    wrong = sorted(
        name for name in blockers if before[name].state in {"unexpected", "flip", "broken", "follows"}
    )
    if wrong:
        return Cell(**facts, state="follows", note=f"waits for {', '.join(wrong)}")
    reasons = [f"{name}: {check.blocked_by.get(name, 'must pass first')}" for name in sorted(blockers)]
    return Cell(**facts, state="coupled", note="; ".join(reasons))


def judge(
    exercise: Exercise, table: Table, trees: Sequence[Tree], roles: Roles, seen: Sequence[Seen]
) -> list[Problem]:
    """Name everything in the table that is not as it must be, first what makes the rest doubtful."""
    by_name = {tree.name: tree for tree in trees}
    problems = [*_broken(seen)]
    for row in table.rows:
        tree = by_name[row.tree]
        for cell in row.cells:
            problems += _wanting(exercise, tree, cell, roles)
    found = examined(seen)
    problems += _defects(trees, roles, found, table.seeds)
    problems += _undecided(trees, roles, found, table.seeds)
    problems += _toothless(table, by_name, roles)
    problems += dumb(table)
    return sorted(problems, key=_rank)


RANKS = (
    "broken",
    "fixed",
    "flip",
    "alone",
    "coupling",
    "guard",
    "decoy",
    "empty",
    "variant",
    "right",
    "wrong",
    "undecided",
    "forge",
    "sample",
)
"""What to mend first: a broken check makes every other finding doubtful, and so on down."""


def _rank(problem: Problem) -> int:
    return RANKS.index(problem.gate)


def _broken(seen: Sequence[Seen]) -> Iterator[Problem]:
    told: set[str] = set()
    for item in seen:
        for check, why in item.broken.items():
            if check not in told:
                told.add(check)
                what, _, fix = why.partition("\n  fix: ")
                where = f"{item.tree}, seed {item.seed}"
                yield Problem(gate="broken", what=what, where=where, fix=fix or f"mend the check `{check}`")


def _wanting(exercise: Exercise, tree: Tree, cell: Cell, roles: Roles) -> Iterator[Problem]:
    if cell.state == "coupled" and cell.check not in roles.owners and tree.variant:
        what = f"`{cell.check}` is unproven where it must pass ({cell.note})"
        yield Problem(
            gate="guard", what=what, where=tree.name, fix="what no defect names must pass in every variant"
        )
    if cell.state == "flip":
        what = f"`{cell.check}` flips: it {cell.note}; expected: {cell.expected}"
        fix = "derive its limit anew, enlarge its sample, or make it exact; replay with that seed"
        yield Problem(gate="flip", what=what, where=tree.name, fix=fix)
    if cell.state == "unexpected":
        teller = {"empty": _on_empty, "fixed": _on_fixed, "alone": _on_alone}.get(tree.kind, _on_others)
        yield teller(exercise, tree, cell, roles)


def _on_empty(exercise: Exercise, tree: Tree, cell: Cell, roles: Roles) -> Problem:
    del exercise, roles
    return Problem(
        gate="empty",
        what=f"`{cell.check}` passes on the empty project, so it asks the submission nothing",
        where=tree.name,
        fix="call the submission and compare what it does; let a fault end the check",
    )


def _on_fixed(exercise: Exercise, tree: Tree, cell: Cell, roles: Roles) -> Problem:
    del exercise, roles
    return Problem(
        gate="fixed",
        what=f"`{cell.check}` {_ended(cell)} on the fixed project, which is right",
        where=tree.name,
        fix="mend the check; if the project is wrong, mend that",
    )


def _on_alone(exercise: Exercise, tree: Tree, cell: Cell, roles: Roles) -> Problem:
    del exercise
    (planted,) = tree.planted
    if cell.expected == "not passed":
        return Problem(
            gate="alone",
            what=f"`{cell.check}` passes although `{planted}` is planted",
            where=tree.name,
            fix="make the experiment see the defect, or drop the check from the defect's `checks`",
        )
    if cell.check not in roles.owners:
        return _on_others_kept(tree, cell, roles)
    owners = " and ".join(f"`{owner}`" for owner in roles.owners[cell.check])
    return Problem(
        gate="coupling",
        what=f"`{cell.check}` {_ended(cell)} with only `{planted}` planted, but belongs to {owners}: "
        "an undeclared coupling of the two",
        where=tree.name,
        fix=f"narrow the experiment to {owners}, or say `blocked_by` a check of `{planted}` with the reason",
    )


def _on_others_kept(tree: Tree, cell: Cell, roles: Roles) -> Problem:
    """Name a guard or a decoy's check that does not pass where it must."""
    decoy = roles.decoys.get(cell.check)
    kind = f"the decoy `{decoy}`'s check" if decoy else "the guard"
    return Problem(
        gate="decoy" if decoy else "guard",
        what=f"{kind} `{cell.check}` {_ended(cell)}",
        where=tree.name,
        fix="narrow it to what every variant keeps"
        if tree.variant
        else "mend the check, or name it in `guards_broken` of expect.toml where the entry really breaks it",
    )


def _on_others(exercise: Exercise, tree: Tree, cell: Cell, roles: Roles) -> Problem:
    if cell.check in tree.guards_broken:
        return Problem(
            gate=tree.kind,
            what=f"`{cell.check}` passes, though expect.toml says that it is broken here",
            where=tree.name,
            fix="make the guard see it, or drop it from `guards_broken`",
        )
    if cell.check not in roles.owners:
        return _on_others_kept(tree, cell, roles)
    owners = " and ".join(f"`{owner}`" for owner in roles.owners[cell.check])
    if cell.expected == "not passed":
        return Problem(
            gate=_gate(tree),
            what=f"`{cell.check}` passes although {owners} stands",
            where=tree.name,
            fix=_fix_too_kind(tree),
        )
    return Problem(
        gate=_gate(tree),
        what=f"`{cell.check}` {_ended(cell)}, though {owners} is mended here",
        where=tree.name,
        fix=_fix_too_strict(exercise, tree),
    )


def _gate(tree: Tree) -> str:
    return tree.kind if tree.kind in {"right", "wrong", "forge", "sample"} else "variant"


def _fix_too_kind(tree: Tree) -> str:
    if tree.kind == "forge":
        return "ask what is compared with case.apart or case.unmoved, so that nothing can be remembered in between"
    if tree.variant:
        return "another defect hides this one: make the experiment independent of it"
    return "make the experiment see the wrong fix; if the fix is right, list the defect in `fixes` of expect.toml"


def _fix_too_strict(exercise: Exercise, tree: Tree) -> str:
    if tree.variant:
        return "another planted defect breaks this check: narrow it, or say `blocked_by` with the reason"
    return (
        f"if the entry in solutions/{exercise.slug}/corpus/{tree.name} is right, mend the check, which rejects a "
        "correct fix; if it is wrong, drop the defect from `fixes` and move it to corpus/wrong"
    )


_ENDINGS = {"f": "fails", "e": "errors", "u": "is unproven"}


def _ended(cell: Cell) -> str:
    return " or ".join(_ENDINGS[letter] for letter in dict.fromkeys(cell.seen) if letter in _ENDINGS)


def _defects(trees: Sequence[Tree], roles: Roles, found: Found, seeds: Sequence[int]) -> Iterator[Problem]:
    """Name defects that stand and come out mended, whichever of their checks should have seen it."""
    checks = roles.checks
    for tree in trees:
        for defect in sorted(tree.planted & checks.keys()):
            names = checks[defect]
            if len(names) == 1 or tree.kind == "alone":
                continue  # told check by check
            fooled = [
                seed
                for seed in tree.seeds(seeds)
                if all(found[tree.name, seed].verdicts[name].outcome is Outcome.PASSED for name in names)
            ]
            if fooled:
                some = (
                    ""
                    if len(fooled) == len(tree.seeds(seeds))
                    else f" under seed {', '.join(map(str, fooled[:5]))}"
                )
                yield Problem(
                    gate="flip" if some else _gate(tree),
                    what=f"`{defect}` comes out mended{some}, though it stands: all of {', '.join(names)} pass",
                    where=tree.name,
                    fix=_fix_too_kind(tree),
                )


def _undecided(trees: Sequence[Tree], roles: Roles, found: Found, seeds: Sequence[int]) -> Iterator[Problem]:
    """Name defects that stand and are not judged, where a report must say *not mended*, and the other way round."""
    for tree in trees:
        if tree.kind not in {"alone", "right", "wrong"}:
            continue
        for defect in sorted(tree.planted & roles.checks.keys()):
            judged = [found[tree.name, seed] for seed in tree.seeds(seeds)]
            verdicts = [tuple(item.verdicts[name] for name in roles.checks[defect]) for item in judged]
            doubts = {status_of(each) for each in verdicts} & {DefectStatus.ERRORED, DefectStatus.UNPROVEN}
            if doubts and defect not in tree.unproven:
                blamed = dict.fromkeys(
                    f"`{verdict.check}` {_ENDINGS[LETTERS[verdict.outcome]]}"
                    for each in verdicts
                    for verdict in each
                    if verdict.outcome in {Outcome.ERRORED, Outcome.UNPROVEN}
                )
                yield Problem(
                    gate="undecided",
                    what=f"`{defect}` stands and comes out undecided: {', '.join(blamed)}",
                    where=tree.name,
                    fix="let the check fail there, or need less; or list the defect in `unproven` of expect.toml",
                )
            if not doubts and defect in tree.unproven:
                yield Problem(
                    gate="undecided",
                    what=f"`{defect}` is judged under every seed, though expect.toml says that it is unproven",
                    where=tree.name,
                    fix="drop it from `unproven`",
                )


def dumb(table: Table) -> Iterator[Problem]:
    """Name trees of the forge corpus that answer nothing, so that they prove nothing."""
    for row in table.rows:
        if row.kind == "forge" and not any("p" in cell.seen or "f" in cell.seen for cell in row.cells):
            what = "answers nothing, so its memory proves nothing"
            yield Problem(gate="forge", what=what, where=row.tree, fix="see in the table how its checks end")


def _toothless(table: Table, trees: Mapping[str, Tree], roles: Roles) -> Iterator[Problem]:
    """Name checks that are never seen to fail by themselves, but only wait for another."""
    for check, owners in roles.owners.items():
        cells = [
            cell
            for row in table.rows
            for cell in row.cells
            if cell.check == check and trees[row.tree].planted.intersection(owners)
        ]
        letters = set("".join(cell.seen for cell in cells))
        if letters and letters <= {"u", "p"} and all(cell.state in {"expected", "free"} for cell in cells):
            yield Problem(
                gate="alone",
                what=f"`{check}` never fails by itself where {' or '.join(owners)} stands",
                where="every tree",
                fix="add the wrong fix that it is there to catch to corpus/wrong, or drop the check",
            )
