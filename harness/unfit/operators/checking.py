"""Checks for what is recorded: one that exists, one that can be written, or the beginnings of one."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from unfit import experiments
from unfit.standard import STANDARD

__all__ = ["Draft", "drafted"]

Kind = Literal["there", "whole", "skeleton", "none"]
EXPERIMENTS: Final = frozenset(name for rule in STANDARD.rules for name in rule.experiments)
ALONE: Final = frozenset(
    {"one_for_one", "any_form", "alone_as_in_company", "same_again", "figure_follows", "on_one_side"}
)
"""Experiments of which one call in an exercise tells most that breaks their rule."""


@dataclass(frozen=True)
class _Call:
    """How an experiment is called where a model, requests or data are all there is to know."""

    needs: tuple[str, ...]
    text: str
    sentence: str
    name: str


CALLS: Final = {
    "one_for_one": _Call(
        ("model", "rows"),
        "model, rows",
        "Every request gets its own answer, in order.",
        "every_request_has_its_answer",
    ),
    "any_form": _Call(
        ("model", "rows"),
        "model, rows",
        "The order of the fields, and fields that nobody knows, change no answer.",
        "the_form_of_a_request_makes_no_difference",
    ),
    "alone_as_in_company": _Call(
        ("model", "rows"),
        'model, rows[:4], {"in other company": rows[4:]}',
        "A request gets the same answer alone and in company.",
        "company_makes_no_difference",
    ),
    "same_again": _Call(
        ("data", "rows"),
        "data, rows",
        "Training once more on the same data gives the same answers.",
        "a_rerun_gives_the_same",
    ),
}
GIVEN: Final = {"model": ("model",), "rows": ("rows",), "data": ("data", "usual")}
"""Parameters of experiments that are given what another one needs."""
MEANT: Final = {
    "model": "what the service's `train` gave",
    "rows": "raw requests",
    "usual": "data of the exercise's world",
    "data": "data of the exercise's world",
    "others": "by words that say what is changed: the same, changed",
    "watched": "requests that are asked about again",
    "companies": "by words that say who they are: further requests",
    "spoilt": "unreadable(rows, fields), beyond(rows, ranges), or your own",
    "newcomers": "by words that say what is new: a function that changes a request",
    "claim": "SERVICE.evaluated(case, data)",
    "truth": "what really happened, by the id of the row",
    "metric": "a function of truth and value",
    "group": "whom a row belongs to, by the id of the row",
    "ask": "a function from a batch to its alerts",
    "changes": "by words that say what changes: the field, and the changed batch",
    "days": "whether somebody was woken, on each of many ordinary days",
}
"""What a parameter is, for whoever fills it in."""


@dataclass(frozen=True)
class Draft:
    """A check for one defect.

    Parameters
    ----------
    kind : str
        ``there``: the exercise has it; ``whole``: written, to be run as it is; ``skeleton``: a comment to be filled in;
        ``none``: the library has no experiment for the rule.
    name : str
        Of the check; empty where there is none.
    text : str
        What to append to ``checks.py``.
    experiment : str
    """

    kind: Kind
    name: str = ""
    text: str = ""
    experiment: str = ""


def drafted(text: str, names: tuple[str, ...], *, defect: str, taken: Collection[str] = ()) -> Draft:
    """Find or write a check that runs an experiment.

    Parameters
    ----------
    text : str
        ``checks.py``, as it is; empty where there is none.
    names : tuple of str
        Experiments that tell the mistake.
    defect : str
        Its id.
    taken : collection of str
        Names of checks that are drafted already.
    """
    if not names:
        return Draft("none")
    tree = ast.parse(text)
    for name in names:
        there = next((check.name for check, call in _calls(tree) if _called(call) == name), "")
        if there and name in ALONE:
            return Draft("there", there, experiment=name)
    service = _service(tree)
    for name in names:
        call = CALLS.get(name)
        given = _given(tree, call.needs) if call else {}
        if service and call and all(part in given for part in call.needs):
            check = _free(call.name, {*taken, *_defined(tree)})
            return Draft("whole", check, _whole(tree, check, name, service=service, given=given), name)
    return Draft("skeleton", text=_skeleton(names[0], service, defect), experiment=names[0])


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """Go through the experiments of the library that checks call."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(_is_check(item) for item in node.decorator_list):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _called(call):
                    yield node, call


def _is_check(decorator: ast.expr) -> bool:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(named) in {"check", "unfit.check"}


def _called(call: ast.Call) -> str:
    """Name the experiment that is called; empty where it is none of the library's."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return name if name in EXPERIMENTS else ""


def _service(tree: ast.Module) -> str:
    """Name the exercise's adapter; empty where there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if ast.unparse(node.value.func).endswith("Service") and isinstance(node.targets[0], ast.Name):
                return node.targets[0].id
    return ""


def _defined(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _free(name: str, taken: Collection[str]) -> str:
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 99))) if one not in taken)


def _given(tree: ast.Module, needs: Collection[str]) -> dict[str, list[str]]:
    """Find lines that make what is needed, as a check of the exercise does; as much as can be from one check."""
    found = [dict(_made(tree, check, call)) for check, call in _calls(tree)]
    found.sort(key=lambda made: -len(made.keys() & set(needs)))
    given: dict[str, list[str]] = {}
    for made in found:
        given = {**made, **given}
    return given


def _made(tree: ast.Module, check: ast.FunctionDef, call: ast.Call) -> Iterator[tuple[str, list[str]]]:
    """Go through the model, the requests and the data that one call hands over, with the lines that make them."""
    bound = _bound(call)
    for part, parameters in GIVEN.items():
        value = next((bound[name] for name in parameters if name in bound), None)
        if value is not None:
            target = "model, rows" if isinstance(value, ast.Starred) else part
            lines = [*_before(check, call, value), f"{target} = {ast.unparse(_bare(value))}"]
            if _stands_alone(lines, tree):
                yield part, lines


def _stands_alone(lines: list[str], tree: ast.Module) -> bool:
    """Whether lines read nothing that only another function has."""
    found = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)]
    own = {node.id for node in found if isinstance(node.ctx, ast.Store)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.col_offset == 0}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return {node.id for node in found} <= own | _defined(tree) | {"case"} | set(dir(builtins))


def _bare(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.Starred) else value


def _bound(call: ast.Call) -> dict[str, ast.expr]:
    """Say what a call hands over, by parameter; a starred pair counts as the two after the service."""
    parameters = list(inspect.signature(getattr(experiments, _called(call))).parameters)
    found: dict[str, ast.expr] = {}
    for name, value in zip(parameters, call.args, strict=False):
        if isinstance(value, ast.Starred):
            if parameters[2:4] == ["model", "rows"] and name == "model":
                found |= {"model": value, "rows": value}
            break
        found[name] = value
    return found | {item.arg: item.value for item in call.keywords if item.arg}


def _before(check: ast.FunctionDef, call: ast.Call, value: ast.expr) -> list[str]:
    """Lines of a check, in front of a call, on which a value of the call rests."""
    wanted = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    lines: list[str] = []
    for node in reversed([node for node in check.body if node.lineno < call.lineno]):
        if isinstance(node, ast.Assign):
            own = {
                name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
            if own & wanted:
                wanted |= {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
                lines.insert(0, ast.unparse(node))
    return lines


def _whole(tree: ast.Module, check: str, name: str, *, service: str, given: Mapping[str, list[str]]) -> str:
    call = CALLS[name]
    lines: list[str] = []
    for part in call.needs:
        lines += [line for line in given[part] if line not in lines and not _idle(line)]
    body = "\n".join(f"    {line}" for line in [*lines, f"{name}(case, {service}, {call.text})"])
    found = f'@check\ndef {check}(case: Case) -> None:\n    """{call.sentence}"""\n{body}\n'
    imported = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names)
        for node in tree.body
    )
    return found if imported else found.replace(f"{name}(case", f"experiments.{name}(case", 1)


def _idle(line: str) -> bool:
    """Whether a line gives a name its own value."""
    return re.fullmatch(r"(\w+) = \1", line) is not None


def _skeleton(name: str, service: str, defect: str) -> str:
    """Write, as a comment, the check that is to be filled in."""
    signature = inspect.signature(getattr(experiments, name))
    asked = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty and parameter.name not in {"case", "service"}
    ]
    front = [service or "SERVICE"] if "service" in signature.parameters else []
    handed = ", ".join(["case", *front, *asked])
    lines = [
        f"For `{defect}`: fill in what `unfit.experiments.{name}` is handed, and take the marks away.",
        *(
            ["There is no `Service` here yet: write one first, as the library's reference shows."]
            * (not service)
        ),
        "",
        "@check",
        "def the_truth_that_it_tests(case: Case) -> None:",
        '    """The sentence that people read on the report."""',
        *(f"    {part} = ...  # {MEANT.get(part, 'see the reference of the library')}" for part in asked),
        f"    {name}({handed})",
    ]
    return "\n".join(f"# {line}".rstrip() for line in lines) + "\n"
