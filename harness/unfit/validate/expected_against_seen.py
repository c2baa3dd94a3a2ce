"""The table of expected against seen, with what in it is wanting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from unfit.bank import Exercise
from unfit.brief import some_of
from unfit.checks import Check
from unfit.grades import DefectStatus, Outcome, status_of
from unfit.validate.causes import cause_of, listed, shape
from unfit.validate.planning import Roles, Tree
from unfit.validate.validation import LETTERS, CheckCell, Problem, Seen, Table, TreeRow

__all__ = ["dumb", "examination", "examined", "judge", "tabulate"]

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
        cells: dict[str, CheckCell] = {}
        for check in checks:
            judged = [found[tree.name, seed] for seed in tree.seeds(seeds)]
            cells[check.name] = _cell(tree, check, roles, judged, cells)
        rows.append(
            TreeRow(
                tree=tree.name,
                kind=tree.kind,
                planted=tuple(sorted(tree.planted)),
                why=tree.why,
                cells=tuple(cells.values()),
            )
        )
    return Table(seeds=tuple(seeds), checks=tuple(check.name for check in checks), rows=tuple(rows))


def _cell(
    tree: Tree, check: Check, roles: Roles, seen: Sequence[Seen], before: Mapping[str, CheckCell]
) -> CheckCell:
    letters = "".join(_letter(item, check.name) for item in seen)
    cell = _stated(tree, check, roles, seen, before=before, letters=letters)
    telling = "ex" if cell.state not in {"unexpected", "flip"} else "xef"
    told = [item for letter in telling for item, one in zip(seen, letters, strict=True) if one == letter]
    cause = cause_of(told[0], check.name) if told and tree.kind != "empty" else ""
    return cell.model_copy(update={"cause": cause})


def _stated(
    tree: Tree,
    check: Check,
    roles: Roles,
    seen: Sequence[Seen],
    *,
    before: Mapping[str, CheckCell],
    letters: str,
) -> CheckCell:
    expected = roles.expected(tree, check.name)
    facts: dict[str, Any] = {"check": check.name, "expected": expected, "seen": letters}
    if "x" in letters:
        return CheckCell(**facts, state="broken")
    passed = letters.count("p")
    if 0 < passed < len(letters) and expected != "either":
        return CheckCell(**facts, state="flip", note=_who_differs(letters, seen))
    if expected == "either":
        return CheckCell(**facts, state="free")
    if (passed > 0) == (expected == "passed"):
        return CheckCell(**facts, state="expected")
    if expected == "passed" and set(letters) == {"u"}:
        return _blocked(check, facts, seen, before)
    return CheckCell(**facts, state="unexpected")


def _letter(seen: Seen, check: str) -> str:
    return "x" if check in seen.broken else LETTERS[seen.verdicts[check].outcome]


def _who_differs(letters: str, seen: Sequence[Seen]) -> str:
    """Name the seeds of whichever ending was the rarer one."""
    passed = [item.seed for item, letter in zip(seen, letters, strict=True) if letter == "p"]
    others = [item.seed for item, letter in zip(seen, letters, strict=True) if letter != "p"]
    rare, ending = (passed, "passes") if len(passed) < len(others) else (others, "does not pass")
    return f"{ending} under seed {some_of(rare, 5)} of {len(letters)}"


def _blocked(
    check: Check, facts: dict[str, Any], seen: Sequence[Seen], before: Mapping[str, CheckCell]
) -> CheckCell:
    """Tell a declared coupling from one that follows from something else gone wrong, and from neither."""
    blockers = {blocker for item in seen for blocker in item.verdicts[check.name].blockers}
    if not blockers:
        return CheckCell(**facts, state="unexpected")
    wrong = sorted(
        name for name in blockers if before[name].state in {"unexpected", "flip", "broken", "follows"}
    )
    if wrong:
        return CheckCell(**facts, state="follows", note=f"waits for {', '.join(wrong)}")
    reasons = [f"{name}: {check.blocked_by.get(name, 'must pass first')}" for name in sorted(blockers)]
    return CheckCell(**facts, state="coupled", note="; ".join(reasons))


def judge(
    exercise: Exercise, table: Table, trees: Sequence[Tree], roles: Roles, seen: Sequence[Seen]
) -> list[Problem]:
    """Name everything in the table that is not as it must be, first what makes the rest doubtful."""
    problems = examination(exercise, table, trees, roles, seen)
    problems += _toothless(table, {tree.name: tree for tree in trees}, roles)
    problems += dumb(table)
    return sorted(problems, key=_rank)


def examination(
    exercise: Exercise, table: Table, trees: Sequence[Tree], roles: Roles, seen: Sequence[Seen]
) -> list[Problem]:
    """Name what is not as it must be on some trees, whatever the others show; what is the same is told once."""
    found = examined(seen)
    problems = [
        *_broken(seen),
        *_in_cells(exercise, table, {tree.name: tree for tree in trees}, roles),
        *_told_once(_defects(trees, roles, found, table.seeds)),
        *_told_once(_undecided(trees, roles, found, table.seeds)),
    ]
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
    found: dict[tuple[str, str], list[Seen]] = {}
    for item in seen:
        for check, why in item.broken.items():
            found.setdefault((check, shape(why)), []).append(item)
    for (check, _), items in found.items():
        first, trees = items[0], tuple(dict.fromkeys(item.tree for item in items))
        what, _, fix = first.broken[check].partition("\n  fix: ")
        many = f" in {len(trees)} trees: {listed(trees)}" if len(trees) > 1 else ""
        yield Problem(
            gate="broken",
            what=f"{what}{many}",
            where=f"{first.tree}, seed {first.seed}",
            fix=fix or f"mend the check `{check}`",
            trees=trees if many else (),
        )


def _in_cells(exercise: Exercise, table: Table, trees: Mapping[str, Tree], roles: Roles) -> Iterator[Problem]:
    """Name every cell that is not as it must be; those of one check and one cause together."""
    found: dict[tuple[str, ...], list[tuple[CheckCell, Problem]]] = {}
    for row in table.rows:
        for cell in row.cells:
            for problem in _wanting(exercise, trees[row.tree], cell, roles):
                errs = cell.state == "unexpected" and "e" in cell.seen and cell.cause
                key = (cell.check, shape(cell.cause)) if errs else (*_same(problem), cell.check)
                found.setdefault(key, []).append((cell, problem))
    for cells in found.values():
        cell, first = min(cells, key=lambda one: _rank(one[1]))
        told = [problem for _, problem in cells]
        cause = f": {cell.cause}" if cell.cause else ""
        if len(told) > 1 and "e" in cell.seen and cell.state == "unexpected":
            what = f"{_called(cell.check, roles)} {_ended(cell)} in {len(told)} trees{cause}"
        else:
            what = f"{first.what}{cause}"
        yield _joined(told, first.model_copy(update={"what": what}))


def _told_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Tell once what is the same on several trees."""
    found: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault(_same(problem), []).append(problem)
    for same in found.values():
        yield _joined(same, same[0])


def _same(problem: Problem) -> tuple[str, str, str]:
    what = shape(problem.what) if problem.gate == "undecided" else problem.what
    return problem.gate, what, problem.fix


def _joined(problems: Sequence[Problem], told: Problem) -> Problem:
    trees = tuple(dict.fromkeys(problem.where for problem in problems))
    many = {"where": listed(trees), "trees": trees} if len(trees) > 1 else {}
    return told.model_copy(update=many)


def _called(check: str, roles: Roles) -> str:
    """Name a check by its part."""
    if check in roles.decoys:
        return f"the decoy `{roles.decoys[check]}`'s check `{check}`"
    return f"`{check}`" if check in roles.owners else f"the guard `{check}`"


def _wanting(exercise: Exercise, tree: Tree, cell: CheckCell, roles: Roles) -> Iterator[Problem]:
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


def _on_empty(exercise: Exercise, tree: Tree, cell: CheckCell, roles: Roles) -> Problem:
    del exercise, roles
    return Problem(
        gate="empty",
        what=f"`{cell.check}` passes on the empty project, so it asks the submission nothing",
        where=tree.name,
        fix="call the submission and compare what it does; let a fault end the check",
    )


def _on_fixed(exercise: Exercise, tree: Tree, cell: CheckCell, roles: Roles) -> Problem:
    del exercise, roles
    return Problem(
        gate="fixed",
        what=f"`{cell.check}` {_ended(cell)} on the fixed project, which is right",
        where=tree.name,
        fix="mend the check; if the project is wrong, mend that",
    )


def _on_alone(exercise: Exercise, tree: Tree, cell: CheckCell, roles: Roles) -> Problem:
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


def _on_others_kept(tree: Tree, cell: CheckCell, roles: Roles) -> Problem:
    """Name a guard or a decoy's check that does not pass where it must."""
    return Problem(
        gate="decoy" if cell.check in roles.decoys else "guard",
        what=f"{_called(cell.check, roles)} {_ended(cell)}",
        where=tree.name,
        fix="narrow it to what every variant keeps"
        if tree.variant
        else "mend the check, or name it in `guards_broken` of expect.toml where the entry really breaks it",
    )


def _on_others(exercise: Exercise, tree: Tree, cell: CheckCell, roles: Roles) -> Problem:
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


def _ended(cell: CheckCell) -> str:
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
                blamed = {
                    f"`{verdict.check}` {_ENDINGS[LETTERS[verdict.outcome]]}": cause_of(item, verdict.check)
                    for item, each in reversed([*zip(judged, verdicts, strict=True)])
                    for verdict in reversed(each)
                    if verdict.outcome in {Outcome.ERRORED, Outcome.UNPROVEN}
                }
                said = [f"{what} ({cause})" if cause else what for what, cause in reversed(blamed.items())]
                yield Problem(
                    gate="undecided",
                    what=f"`{defect}` stands and comes out undecided: {', '.join(said)}",
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
