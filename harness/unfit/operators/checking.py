"""Checks for what is recorded: one that exists, one that can be written, or the beginnings of one."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from unfit import experiments
from unfit.planting.linting import ruff
from unfit.standard import STANDARD

__all__ = ["About", "Draft", "begun", "drafted"]

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
    before: str = ""
    """A line in front of the call."""
    promise: str = ""
    """What an error of the submission breaks, where an answer is promised."""


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
        "rows = worlds.alternating(rows)",
    ),
    "same_again": _Call(
        ("data", "rows"),
        "data, rows",
        "Training once more on the same data gives the same answers.",
        "a_rerun_gives_the_same",
    ),
}
OLDER: Final = _Call(
    ("data", "rows"),
    'data, {{"older lines in front of some": worlds.corrected(data, key="{field}", seed=case.seed)}}, rows',
    "What was corrected is learnt once, as it was last corrected.",
    "a_correction_replaces_what_it_corrects",
)
NEWCOMERS: Final = _Call(
    ("model", "rows"),
    "model, sorted(rows, key=lambda row: None in row.values()), "
    '{{"{field}: never met before": lambda row: {{"{field}": "never met before"}}}}',
    "Who was never met before is answered, and so are the others.",
    "a_newcomer_is_answered",
)
SPELLINGS: Final = {
    "answers_the_same": _Call(
        ("model", "rows"),
        'model, rows, {{"in capitals, with blanks around": worlds.respelt(rows, fields=["{field}"])}}',
        "Another spelling gets the same answer.",
        "spelling_makes_no_difference",
        promise="another spelling is answered",
    ),
    "learns_the_same": _Call(
        ("data", "rows"),
        'data, {{"in capitals, with blanks around": worlds.respelt(data, fields=["{field}"])}}, rows',
        "Another spelling is learnt as the same.",
        "spelling_makes_no_difference",
        promise="another spelling is learnt from",
    ),
}
OWN: Final[dict[str, dict[str, _Call]]] = {
    "sent-twice-counts-twice": {"learns_the_same": OLDER},
    "first-line-kept": {"learns_the_same": OLDER},
    "lost-in-the-join": {"answered_on_the_rest": NEWCOMERS},
    "newcomer-raises": {"answered_on_the_rest": NEWCOMERS},
    "spellings-told-apart": SPELLINGS,
    "code-read-as-number": {
        "learns_the_same": _Call(
            ("data", "rows"),
            'data, {{"an empty field in the place of {code}": '
            'data.assign({field}=data["{field}"].replace({code}, float("nan")))}}, rows',
            "A code for missing is learnt as an empty field.",
            "a_code_for_missing_is_no_number",
        )
    },
    "unknown-outcome-as-none": {
        "learns_the_same": _Call(
            ("data", "rows"),
            'known, {{"some outcomes are not known yet": waiting}}, rows',
            "An outcome that is not known yet is not learnt from.",
            "an_unknown_outcome_is_no_outcome",
            'known, waiting = worlds.unsettled(data, outcome="{field}", seed=case.seed)',
        )
    },
}
"""For operators of which a change of the data tells: by experiment, how it is called."""
FIELDS: Final = {
    "sent-twice-counts-twice": r"drop_duplicates\(\s*\[?['\"](\w+)",
    "first-line-kept": r"drop_duplicates\(\s*\[?['\"](\w+)",
    "unknown-outcome-as-none": r"subset=\[?['\"](\w+)",
    "code-read-as-number": r"\[['\"](\w+)['\"]\]\.replace\(",
    "": r"(\w+)",
}
"""Where the fixed lines of an operator name the field that they are about."""
GIVEN: Final = {"model": ("model",), "rows": ("rows", "watched"), "data": ("data", "usual")}
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
    refused : str
        Why a written check is not used; empty where it is, or none was written.
    """

    kind: Kind
    name: str = ""
    text: str = ""
    experiment: str = ""
    refused: str = ""


@dataclass(frozen=True)
class About:
    """What a check is to be written for.

    Parameters
    ----------
    defect : str
        Its id.
    operator : str
        The name of the operator that planted it.
    fixed : str
        The fixed lines that it changes.
    kinds : mapping of str to str
        What a field of the exercise's rows holds, by its name: ``str``, ``float``, ...
    code : str
        All code of the fixed project.
    """

    defect: str
    operator: str = ""
    fixed: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def words(self, tree: ast.Module) -> dict[str, str] | None:
        """Find the key, the field and the code that a call names; nothing where the field is not known."""
        key = _key(tree)
        pattern = FIELDS.get(self.operator, FIELDS[""])
        named = [one for found in re.finditer(pattern, self.fixed) for one in found.groups() if one]
        text = self.operator in {"spellings-told-apart", "lost-in-the-join", "newcomer-raises"}
        once = self.operator in {"sent-twice-counts-twice", "first-line-kept"}
        known = [
            name for name in self.kinds if (once or name != key) and (not text or self.kinds[name] == "str")
        ]
        fields = [name for name in named if name in known]
        if named and not fields and self.operator in FIELDS:
            return None  # the rows that are drawn have no such column
        fields = fields or known
        code = re.search(r"\.replace\((-?[\w.]+)", self.fixed)
        value = code[1] if code else ""
        set_to = re.search(rf"(?m)^{re.escape(value)}\b[^=\n]*= *(-?[\d.]+)$", self.code) if value else None
        return {"key": key, "field": fields[0], "code": set_to[1] if set_to else value} if fields else None


def drafted(text: str, names: tuple[str, ...], about: About, *, taken: Collection[str] = ()) -> Draft:
    """Find or write a check that runs an experiment.

    Parameters
    ----------
    text : str
        ``checks.py``, as it is; empty where there is none.
    names : tuple of str
        Experiments that tell the mistake.
    about : About
    taken : collection of str
        Names of checks that are drafted already.
    """
    tree = ast.parse(text)
    own = OWN.get(about.operator, {})
    service = _service(tree)
    words = about.words(tree)
    for name, call in own.items():
        given = _given(tree, call.needs, name)
        if service and words and all(part in given for part in call.needs):
            said = replace(call, text=call.text.format(**words), before=call.before.format(**words))
            check = _free(call.name, {*taken, *_defined(tree)})
            return Draft("whole", check, _whole(tree, check, name, said, service=service, given=given), name)
    if not names:
        return Draft("none")
    for name in names:
        there = next((check.name for check, call in _calls(tree) if _called(call) == name), "")
        if there and name in ALONE:
            return Draft("there", there, experiment=name)
    for name in names:
        usual = CALLS.get(name)
        given = _given(tree, usual.needs, name) if usual else {}
        if service and usual and all(part in given for part in usual.needs):
            check = _free(usual.name, {*taken, *_defined(tree)})
            return Draft("whole", check, _whole(tree, check, name, usual, service=service, given=given), name)
    return Draft("skeleton", text=_skeleton(names[0], service, about.defect), experiment=names[0])


def begun(text: str, draft: Draft, defect: str, why: str) -> Draft:
    """Begin a written check as a comment instead, where it does not pass on the fixed project.

    Parameters
    ----------
    text : str
        ``checks.py``, as it is.
    draft : Draft
        The check that was written.
    defect : str
        The id of the defect.
    why : str
        What it said of the fixed project.
    """
    comment = _skeleton(draft.experiment, _service(ast.parse(text)), defect)
    return Draft("skeleton", text=comment, experiment=draft.experiment, refused=f"`{draft.name}` {why}")


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


def _key(tree: ast.Module) -> str:
    """Name the field that names a row, as the exercise's adapter says; empty where there is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Service"):
            for item in node.keywords:
                if item.arg == "key" and isinstance(item.value, ast.Constant):
                    return str(item.value.value)
    return ""


def _given(tree: ast.Module, needs: Collection[str], name: str) -> dict[str, list[str]]:
    """Find lines that make what is needed, as a check of the exercise does; as much as can be from one check."""
    found = [dict(_made(tree, check, call)) for check, call in _calls(tree)]
    found.sort(key=lambda made: -len(made.keys() & set(needs)))
    given: dict[str, list[str]] = {}
    for made in found:
        given = {**made, **given}
    if name == "learns_the_same" and ".notebook(" in ast.unparse(tree):
        given = {"rows": ["rows = []"]} | given  # a notebook answers the rows that it holds out itself
    return given


def _made(tree: ast.Module, check: ast.FunctionDef, call: ast.Call) -> Iterator[tuple[str, list[str]]]:
    """Go through the model, the requests and the data that one call hands over, with the lines that make them."""
    bound = _bound(call)
    learnt = next(_learnt_from(check), None)
    if learnt is not None:
        bound.setdefault("data", learnt)
    for part, parameters in GIVEN.items():
        value = next((bound[name] for name in parameters if name in bound), None)
        if value is not None:
            target = "model, rows" if isinstance(value, ast.Starred) else part
            lines = [*_before(check, call, value), f"{target} = {ast.unparse(_bare(value))}"]
            if _stands_alone(lines, tree):
                yield part, lines


def _learnt_from(check: ast.FunctionDef) -> Iterator[ast.expr]:
    """Find the data that a check trains on."""
    for node in ast.walk(check):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "trained" and len(node.args) == 2:
            yield node.args[1]


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
    """Take the star from a pair, and take all of what only a part is named of."""
    if isinstance(value, ast.Starred):
        return value.value
    part = isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice)
    return value.value if isinstance(value, ast.Subscript) and part else value


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


def _whole(
    tree: ast.Module, check: str, name: str, call: _Call, *, service: str, given: Mapping[str, list[str]]
) -> str:
    lines: list[str] = []
    for part in call.needs:
        lines += [line for line in given[part] if line not in lines and not _idle(line)]
    lines += [call.before] if call.before else []
    asked = [f"{name}(case, {service}, {call.text})"]
    if call.promise:
        asked = [f'with experiments.promised(case, "{call.promise}"):', f"    {asked[0]}"]
    body = "\n".join(f"    {line}" for line in [*lines, *asked])
    text = f'@check\ndef {check}(case: Case) -> None:\n    """{call.sentence}"""\n{body}\n'
    imported = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names)
        for node in tree.body
    )
    text = text if imported else text.replace(f"{name}(case", f"experiments.{name}(case", 1)
    laid = ruff("format", "--isolated", "--line-length", "110", "-", text=text.encode())
    return laid.stdout.decode() or text


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
