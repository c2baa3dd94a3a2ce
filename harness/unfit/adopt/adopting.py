"""Adopting: from a team's project and one example of its use to an exercise whose contract is written."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pandas as pd

from unfit.adopt import entry_points
from unfit.adopt.adapter import COMPANY, adapter_of
from unfit.adopt.books import Book, Drawn, book_of, naming
from unfit.adopt.cells import CALLS, Cells, cells_of
from unfit.adopt.entry_points import Offered, Wrapped
from unfit.adopt.kinds import PLAIN, Kinds, annotated
from unfit.adopt.recorder import MOST_ROWS, shape
from unfit.adopt.sources import Found, TeamProject, holds_tests, open_project
from unfit.adopt.writing import FILL_IN, ContractPart, checks, data_card, manifest, solution
from unfit.bank import Exercise, load_bank
from unfit.errors import SandboxError, UsageError
from unfit.grades import Outcome, Verdict
from unfit.planting import write_tree
from unfit.planting.linting import ruff
from unfit.planting.notebook_documents import write_notebook
from unfit.report.words import why
from unfit.sandbox import Backend, Call, Environment, Limits, Notebook
from unfit.scaffold import add, check_slug
from unfit.trying import attempt, chosen, tree_of
from unfit.validate.size_budget import minutes_for, source_lines
from unfit.validate.visible_tests import failure_of_tests
from unfit.worlds import Recorded

__all__ = ["Adopted", "adopt", "offer"]

RECORDER: Final = "unfit_recorder"
EXAMPLES: Final = "examples"
TEMPORARY: Final = re.compile(r"/(var/)?tmp/.")
TABLES: Final = frozenset(
    {".csv", ".tsv", ".parquet", ".feather", ".jsonl", ".ndjson", ".xlsx", ".sqlite", ".db"}
)
PATIENCE: Final = Limits(cpu=120.0, wall=240.0)
SEED: Final = 1
USUAL: Final = 60
"""Minutes of an exercise."""
README: Final = f"""# {{title}}

{FILL_IN}: what this is for, who uses it, how to run it.
"""
VISIBLE: Final = '''"""The example runs as it stands."""

import runpy
from pathlib import Path


def test_the_example_runs(tmp_path, monkeypatch):
    root = Path(__file__).parents[1]
    monkeypatch.syspath_prepend(str(root / "src"))
    monkeypatch.chdir(root)
    runpy.run_path(str(root / "{example}"), run_name="__main__")
'''


CELLS: Final = '''"""Every cell of the notebook can be read."""

import ast
import json
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

BOOK = json.loads((Path(__file__).parents[1] / "{notebook}").read_text(encoding="utf-8"))
CELLS = {{cell["id"]: "".join(cell["source"]) for cell in BOOK["cells"] if cell["cell_type"] == "code"}}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_can_be_read(cell):
    ast.parse(TransformerManager().transform_cell(CELLS[cell]))
'''


@dataclass(frozen=True)
class Adopted:
    """An exercise that began with a team's project.

    Parameters
    ----------
    path : Path
        Folder of its solution.
    taken : tuple of str
        Files that were taken along.
    left : mapping of str to str
        Files that were not, each with the reason.
    wrapped : tuple of str
        Entry points that got a small function of their own.
    notes : tuple of str
        What an author should know.
    todo : tuple of str
        What is left to do, in order.
    """

    path: Path
    taken: tuple[str, ...]
    left: Mapping[str, str]
    wrapped: tuple[str, ...]
    notes: tuple[str, ...]
    todo: tuple[str, ...]


def offer(path: Path) -> tuple[str, ...]:
    """List what of a project could be an entry point, each with what it takes.

    Parameters
    ----------
    path : Path
        A package, a project, a module or a notebook.
    """
    project = open_project(path)
    if project.notebook:
        cells = cells_of(project)
        return (*cells.values(), *(one.signature for one in cells.functions.values()))
    return tuple(
        f"{entry.module}:{entry.signature}" for entry in entry_points.offered(project, project.modules)
    )


def adopt(
    path: Path,
    wanted: Sequence[str],
    *,
    example: Path | None,
    bank: Path,
    environment: Environment,
    backend: Backend,
    slug: str = "",
    title: str = "",
) -> Adopted:
    """Make an exercise of a project.

    Parameters
    ----------
    path : Path
        A package, a project, a module or a notebook.
    wanted : sequence of str
        Entry points, ``module:function`` or ``module:Class.method``; of a notebook the names that it ends with, and
        its functions.
    example : Path, optional
        A script that calls every entry point once, as a README would. A notebook needs none: it is run itself.
    bank : Path
        Folder of the bank; made where it is missing.
    environment : Environment
        The one in which submissions will run.
    backend : Backend
        Where the example runs.
    slug, title : str, optional
        The exercise's name and title; the project's own where not given.

    Raises
    ------
    UsageError
        If an entry point is not there or is never called, a package is missing from the environment, or the example
        does not run. Nothing is written then.
    """
    project = open_project(path)
    slug = slug or re.sub(r"[^a-z0-9]+", "_", (path.resolve().stem).lower()).strip("_")
    check_slug(slug)
    title = title or slug.replace("_", " ").capitalize()
    made = _of_a_notebook if project.notebook else _of_code
    draft = made(project, wanted, example, environment, backend)
    allowed = sorted(set(draft.found.packages))
    adapter = adapter_of(draft.parts, draft.kinds)
    hidden = solution(
        slug,
        title,
        draft.parts,
        allowed,
        notebook=draft.notebook,
        adapter=adapter,
        book=draft.book,
        drawn=draft.drawn,
        functions=draft.functions,
    )
    tree = {f"project/{name}": content for name, content in draft.tree.items()}
    tree |= {name: text.encode() for name, text in hidden.items()}
    lines = source_lines(draft.tree)
    minutes, most = minutes_for(lines)
    tree["exercise.toml"] = manifest(
        title,
        minutes=minutes,
        paths=draft.paths,
        packages=allowed,
        parts=draft.parts,
        kinds=draft.kinds,
        notebook=draft.notebook,
    ).encode()
    tree.setdefault("project/README.md", README.format(title=title).encode())
    tree.setdefault("project/data/README.md", data_card(draft.found.data, draft.kinds).encode())
    given = {part.call: part.given for part in (*draft.parts, *draft.functions) if not part.within}
    given |= {draft.notebook["path"]: dict(draft.tables)} if draft.notebook else {}
    tree["recorded.json"] = Recorded.text(given).encode()
    written = {"checks.py", "world.py", *(f"project/{name}" for name in draft.written)}
    tree |= {name: formatted(tree[name]) for name in written if name in tree}
    tests = {name: content for name, content in tree.items() if name.startswith("project/tests/")}
    kept, dropped = _passing(tree, tests, environment, draft.paths)
    tree = {name: content for name, content in tree.items() if name not in tests or name in kept}
    solved = add(bank, slug, tree)
    notes = (
        *draft.notes,
        *_sized(lines, minutes, most),
        *_proven(load_bank(bank).exercise(slug), backend, draft),
    )
    own = "pyproject.toml" in project.files
    replaced = (
        {"pyproject.toml": "the exercise has one of its own, with the packages that it uses"} if own else {}
    )
    return Adopted(
        solved,
        tuple(draft.tree),
        {**draft.found.left, **replaced, **dropped},
        draft.wrapped,
        notes,
        tuple(_todo(slug, tree)),
    )


@dataclass(frozen=True)
class _Draft:
    tree: dict[str, bytes]
    found: Found
    parts: tuple[ContractPart, ...]
    kinds: Kinds
    paths: tuple[str, ...]
    notebook: dict[str, Any] | None = None
    wrapped: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """What is drawn of what a notebook reads, by path."""
    book: Book | None = None
    drawn: Drawn | None = None
    functions: tuple[ContractPart, ...] = ()
    """Functions of a notebook."""
    written: tuple[str, ...] = ()
    """Python that was written, relative to the project."""
    notes: tuple[str, ...] = ()
    """What of the contract an author has to look at."""


def formatted(code: bytes) -> bytes:
    """Lay code out as ruff does."""
    done = ruff("format", "--isolated", "--line-length", "110", "-", text=code)
    done.check_returncode()
    return done.stdout


# Code


def _of_code(
    project: TeamProject,
    wanted: Sequence[str],
    example: Path | None,
    environment: Environment,
    backend: Backend,
) -> _Draft:
    chosen = [entry_points.find(project, one) for one in wanted]
    if example is None:
        raise UsageError(
            "what the entry points take and give is seen from an example, and none was given",
            fix="name a script that calls each of them once, as your README does: --example FILE",
        )
    if not example.is_file():
        raise UsageError(
            f"{example}: there is no such file", fix="name a script that calls the entry points once"
        )
    text = example.read_text("utf-8", errors="replace")
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise UsageError(
            f"{example}, line {error.lineno}: does not parse: {error.msg}", fix="mend it first"
        ) from None
    found = project.needed([one.module for one in chosen], texts=[text])
    left = {path: why for path, why in found.left.items() if project.root / path != example.resolve()}
    found = replace(found, left=left)
    environment = _offering(environment, found.packages)
    tree = _copied(project, found)
    shown = f"{EXAMPLES}/{example.name}"
    tree[shown] = text.encode()
    calls = _recorded(tree, shown, [one.call for one in chosen], environment, backend)
    kinds = Kinds()
    wrapped = {one.call: entry_points.wrapper(one, calls[one.call]) for one in chosen}
    first = found.modules and next(iter(found.modules)).partition(".")[0]
    package = (
        f"{first}.{entry_points.WRAPPERS}"
        if f"src/{first}/__init__.py" in tree
        else f"{first}_{entry_points.WRAPPERS}"
    )
    own = [one for one in wrapped.values() if one]
    entrypoints = f"src/{package.replace('.', '/')}.py"
    if own:
        tree[entrypoints] = entry_points.module_of(own).encode()
    parts = tuple(_part(one, calls[one.call], wrapped[one.call], package, kinds) for one in chosen)
    tree["tests/test_example.py"] = VISIBLE.format(example=shown).encode()
    names = tuple(call for call, one in wrapped.items() if one)
    notes = tuple(note for one in chosen for note in _noted(one, calls[one.call], tree))
    return _Draft(tree, found, parts, kinds, ("src",), wrapped=names, written=(entrypoints,), notes=notes)


def _noted(entry: Offered, call: Mapping[str, Any], tree: Mapping[str, bytes]) -> Iterator[str]:
    """Say what of an entry checks cannot vary, or cannot hand over, and what to do about it."""
    remedy = "name an entry point of your own with --entry instead that takes"
    for place, made in entry_points.unmade(entry, call).items():
        kind = made.replace(":", ".")
        yield (
            f"`{entry.call}` takes `{place}`, a {kind}, which is not made again of plain values: "
            f"{remedy} numbers and text, and makes it"
        )
    for name, value in call["given"].items():
        yield from _dead(entry, call, name, value)
        if isinstance(value, str) and value in tree and PurePosixPath(value).suffix in TABLES:
            yield (
                f"`{entry.call}` reads `{name}` from a file, so checks can ask it about {value} alone: "
                f"{remedy} rows, or a folder in which the file lies"
            )


def _dead(entry: Offered, call: Mapping[str, Any], name: str, value: Any) -> Iterator[str]:
    """Say which paths that were given are there only while the example runs."""
    if call["arguments"][name]["kind"] == "folder":
        return
    split = call["within"].get(name, {})
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        path = item.rpartition("=")[2] if isinstance(item, str) else ""
        if number not in split and TEMPORARY.match(path):
            yield (
                f"`{entry.call}` is given {path} as `{name}`, which is there only while the example runs: "
                "hand over a file of the project, or a folder that an entry point writes"
            )


def _copied(project: TeamProject, found: Found) -> dict[str, bytes]:
    """Lay the files that are needed out as an exercise has them."""
    return {to: (project.root / path).read_bytes() for path, to in _places(project, found).items()}


def _places(project: TeamProject, found: Found) -> dict[str, str]:
    """Say where each file that is needed goes: code below ``src``, all else where it was."""
    prefix = "" if project.sources == "." else f"{project.sources}/"
    code = {path: f"src/{path.removeprefix(prefix)}" for path in found.modules.values()}
    packages = {str(PurePosixPath(path).parent) for path in code if path.endswith("__init__.py")}
    beside = {
        path: f"src/{path.removeprefix(prefix)}"
        for path in found.data
        if any(path.startswith(f"{package}/") for package in packages)
    }
    readme = [path for path in project.files if path in {"README.md", "data/README.md"}]
    plain = {path: path for path in (*found.data, *found.tests, *readme) if path not in beside}
    tests = {path: f"tests/{PurePosixPath(path).name}" for path in found.tests}
    return {**code, **plain, **beside, **tests}


def _recorded(
    tree: Mapping[str, bytes], example: str, calls: Sequence[str], environment: Environment, backend: Backend
) -> dict[str, dict[str, Any]]:
    """Run the example in the sandbox, and return what each entry's first call looked like."""
    recorder = (files("unfit") / "adopt" / "recorder.py").read_bytes()
    with tempfile.TemporaryDirectory(prefix="unfit-adopt-") as folder:
        write_tree({**tree, f"src/{RECORDER}.py": recorder}, Path(folder, "project"))
        with backend.open(Path(folder, "project"), environment, paths=("src",)) as worker:
            reply = worker.call(Call(f"{RECORDER}:observe", (example, list(calls)), limits=PATIENCE))
    if reply.fault is not None:
        where = f" ({reply.fault.where})" if reply.fault.where else ""
        raise UsageError(
            f"{example}: does not run: {reply.fault.message}{where}", fix="let it run by itself first"
        )
    first: dict[str, dict[str, Any]] = {}
    for call in reply.value["calls"]:
        first.setdefault(call["entry"], call)
    missing = [call for call in calls if call not in first]
    if missing:
        raise UsageError(
            f"{example}: does not call {', '.join(missing)}",
            fix="call every entry point in it, once is enough",
        )
    return {call: first[call] for call in sorted(first, key=list(first).index)}


def _part(
    entry: Offered, call: Mapping[str, Any], wrapped: Wrapped | None, package: str, kinds: Kinds
) -> ContractPart:
    local = {name: f"made_with_{name}" if name in call["arguments"] else name for name in call["made_with"]}
    taken = {local[name]: told for name, told in call["made_with"].items()} | call["arguments"]
    given = {local[name]: value for name, value in call["made_given"].items()} | call["given"]
    within: dict[int, tuple[str, str, str]] = {}
    if entry.command:
        within = next(iter(call["within"].values()), {})
        taken = {"argv": {"kind": "list", "of": {"kind": "str"}}}
        given = {"argv": next(iter(call["given"].values()), None) or []}
    elif wrapped is None:
        taken = {one.arg: taken[one.arg] for one in entry.own if one.arg in taken}
    folders = {name: told["path"] for name, told in taken.items() if told["kind"] == "folder"}
    kept = {name: value for name, value in given.items() if name not in folders}
    rows = {
        name: len(kept[name])
        for name, told in taken.items()
        if (told["kind"] == "table" or (told["kind"] == "list" and told["of"]["kind"] == "record"))
        and len(kept[name])
    }
    plain = {local.get(one.arg, one.arg): annotated(one.annotation) for one in entry.made}
    plain |= {one.arg: annotated(one.annotation) for one in entry.own}
    plain = {one: kind for one, kind in plain.items() if taken.get(one, {}).get("kind") in PLAIN and kind}
    name = entry.name.rpartition(".")[2]
    arguments = {one: plain.get(one) or kinds.of(told, one) for one, told in taken.items()}
    if entry_points.parted(within):
        arguments["argv"] = "list[str | list[str]]"
    returns = {"kind": "record", "fields": {"status": {"kind": "int"}, "said": {"kind": "str"}}}
    return ContractPart(
        call=entry.call if wrapped is None else f"{package}:{wrapped.name}",
        does=entry.does,
        arguments=arguments,
        returns=kinds.of(returns, f"{name}_ending")
        if entry.command
        else kinds.of(call["returns"], f"{name}_result"),
        given=kept,
        folders=folders,
        rows=rows,
        came_back=call["rows"] if call["returns"]["kind"] in {"table", "list"} else None,
        ended=call["ended"] or 0,
        said=call["said"],
        within=within,
    )


def _offering(environment: Environment, packages: tuple[str, ...]) -> Environment:
    """Allow the packages of a project in the environment; refuse a project whose packages it does not hold."""
    code = (
        "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])"
    )
    done = subprocess.run(
        [str(environment.python), "-c", code, *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SandboxError(
            f"the environment of exercises does not start: {done.stderr.strip()[-200:]}",
            fix="run `unfit setup`",
        )
    missing = done.stdout.split()
    if missing:
        raise UsageError(
            f"the environment of exercises does not hold {', '.join(missing)}, and the project has no such module",
            fix="if a package is meant, give your bank an environment.lock of its own that does "
            '(see "Keep a private bank" in the docs), run `unfit setup`, and adopt again',
        )
    return replace(environment, packages=packages)


# Notebooks


def _of_a_notebook(
    project: TeamProject,
    wanted: Sequence[str],
    example: Path | None,
    environment: Environment,
    backend: Backend,
) -> _Draft:
    del example
    cells = cells_of(project)
    unknown = [name for name in wanted if name not in {*cells.assigned, *cells.functions}]
    if unknown:
        raise UsageError(
            f"{project.notebook}: gives no value to {', '.join(unknown)}, and defines no such function",
            fix=f"it has: {', '.join([*cells.assigned, *cells.functions][:20])}",
        )
    functions = [name for name in wanted if name in cells.functions]
    names = [name for name in wanted if name not in functions]
    found = project.needed([], texts=[cells.code])
    environment = _offering(environment, found.packages)
    inner = project.notebook
    tree = _copied(project, found) | {inner: write_notebook(cells.document)}
    tree["tests/test_cells.py"] = CELLS.format(notebook=inner).encode()
    reads = [path for path in found.data if path in tree]
    seen, calls = _seen(tree, cells, names, functions, environment=environment, backend=backend)
    kinds = Kinds()
    entry = {"path": inner, "does": f"{FILL_IN}: what the notebook works out.", "reads": reads, "seconds": 30}
    defines = {name: kinds.of(shape(one), name) for name, one in seen.items()}
    parts = tuple(_function(cells, name, calls.get(name), kinds) for name in functions)
    promised = {"functions": {part.name: part.promised() for part in parts}} if parts else {}
    tables = {path: pd.read_csv(io.BytesIO(tree[path])) for path in reads if path.endswith(".csv")}
    order = sorted(tables, key=lambda path: (-len(tables[path]), cells.code.find(PurePosixPath(path).name)))
    read = {path: tables[path].head(MOST_ROWS) for path in order[:1]}
    answers = {name: one for name, one in seen.items() if isinstance(one, pd.DataFrame)}
    books = [
        book_of(inner, path, rows, answers=answers, defines=defines, kinds=kinds)
        for path, rows in read.items()
    ]
    notes = [_moved(path, to) for path, to in _places(project, found).items() if path != to]
    if len(tables) > 1:
        notes += [f"draws `{order[0]}` for each seed, which has most rows ({len(tables[order[0]]):,})"]
        notes += [f"hands `{path}` over as it came" for path in order[1:]]
    notes += [
        f"wrote no `Service`, which `unfit suggest` needs: {one}" for one in books if isinstance(one, str)
    ]
    return _Draft(
        tree,
        found,
        (),
        kinds,
        ("src",),
        notebook={**entry, "defines": defines, **promised},
        tables=read,
        book=next((one for one in books if isinstance(one, Book)), None),
        drawn=next((Drawn(inner, path, naming(rows)) for path, rows in read.items()), None),
        functions=parts,
        notes=tuple(notes),
    )


def _moved(path: str, to: str) -> str:
    return f"moved {path} to {to}: candidates may put modules there, and the notebook imports them from there"


def _seen(
    tree: Mapping[str, bytes],
    cells: Cells,
    names: Sequence[str],
    functions: Sequence[str],
    *,
    environment: Environment,
    backend: Backend,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a notebook in the sandbox; return what it ends with, and the first call of each function."""
    path = cells.path
    if functions:
        recorder = (files("unfit") / "adopt" / "recorder.py").read_bytes()
        watched = write_notebook(cells.watched(functions, RECORDER))
        tree = {**tree, path: watched, f"src/{RECORDER}.py": recorder}
    with tempfile.TemporaryDirectory(prefix="unfit-adopt-") as place:
        write_tree(tree, Path(place, "project"))
        with backend.open(Path(place, "project"), environment, paths=("src",)) as worker:
            session, reply = worker.notebook(Notebook(path, limits=PATIENCE))
            with session:
                if reply.fault is not None:
                    raise UsageError(
                        f"{path}: does not run: {reply.fault.message} ({reply.fault.where})",
                        fix="let it run from the first cell to the last, on files of the project",
                    )
                values = {name: session.value(name) for name in [*names, *([CALLS] if functions else [])]}
    failed = [name for name, one in values.items() if one.fault is not None]
    if failed:
        raise UsageError(
            f"{path}: {', '.join(failed)} holds no plain value: {values[failed[0]].fault.message}",  # type: ignore[union-attr]
            fix="name figures, tables and lists",
        )
    seen = {name: one.value for name, one in values.items()}
    return seen, seen.pop(CALLS, {})


def _function(cells: Cells, name: str, call: Mapping[str, Any] | None, kinds: Kinds) -> ContractPart:
    """Say what a function of a notebook takes and gives, as its first call showed."""
    by_hand = "or write it under [contract.notebook.functions] of exercise.toml by hand"
    if call is None:
        raise UsageError(
            f"{cells.path}: defines `{name}`, and no cell calls it",
            fix=f"call it once in a cell, so that it is seen what it takes and gives; {by_hand}",
        )
    entry = cells.functions[name]
    told = {**call["arguments"], "what it gives": call["returns"]}
    unheld = [one for one, kind in told.items() if kind["kind"] in {"Any", "folder"}]
    if unheld:
        raise UsageError(
            f"{cells.path}: no type of the contract holds {unheld[0]} of `{name}`",
            fix=f"name a function that takes and gives tables, lists, numbers and text; {by_hand}",
        )
    said = {one.arg: annotated(one.annotation) for one in entry.own}
    return ContractPart(
        call=f"{cells.path}:{name}",
        does=entry.does,
        arguments={one: said.get(one) or kinds.of(kind, one) for one, kind in call["arguments"].items()},
        returns=kinds.of(call["returns"], f"{name}_result"),
        given=call["given"],
        came_back=call["rows"] if call["returns"]["kind"] in {"table", "list"} else None,
    )


# What is proven


def _passing(
    tree: Mapping[str, bytes], tests: Mapping[str, bytes], environment: Environment, paths: Sequence[str]
) -> tuple[set[str], dict[str, str]]:
    """Keep those of the project's tests that pass on what was taken along, with the helpers that stand beside them."""
    kept, dropped = set[str](), {}
    helpers = {name for name in tests if not holds_tests(name)}
    bare = {
        name.removeprefix("project/"): text
        for name, text in tree.items()
        if name.startswith("project/") and (name not in tests or name in helpers)
    }
    for name in sorted(tests.keys() - helpers):
        path = name.removeprefix("project/")
        said = failure_of_tests({**bare, path: tests[name]}, environment.python, tuple(paths))
        if said:
            dropped[path] = f"it does not pass on what was taken along: {said}"
        else:
            kept.add(name)
    if kept:
        return kept | helpers, dropped
    return kept, dropped | {
        name.removeprefix("project/"): "no test that could use it was kept" for name in helpers
    }


def _proven(exercise: Exercise, backend: Backend, draft: _Draft) -> Iterator[str]:
    """Ask the first checks about the project; one of the library that it does not pass is taken out again."""
    said, tree = tree_of(exercise)
    done = attempt(exercise, tree, chosen(exercise, ()), backend=backend, seed=SEED, said=said)
    for verdict in done.verdicts:
        name = verdict.check
        if verdict.outcome is Outcome.PASSED:
            yield f"the check `{name}` passes on the project"
        elif name == COMPANY:
            text = "".join(checks(exercise.slug, draft.parts, None))
            (exercise.solution / "checks.py").write_bytes(formatted(text.encode()))
            yield f"left out the check `{name}`, which the project does not pass: {_told(verdict)}"
        else:
            yield f"the check `{name}` does not pass on the project yet: {_told(verdict)}"


def _sized(lines: int, minutes: int, most: int) -> Iterator[str]:
    """Say how long a project takes to read, where that is more than an hour."""
    if lines <= most and minutes > USUAL:
        yield f"gave it {minutes} minutes, which allow {most} source lines: it has {lines}"
    if lines > most:
        yield (
            f"it has {lines:,} source lines, and a candidate reads at most {most} in {minutes} minutes: "
            "name fewer entry points, or take out what they do not need"
        )


def _told(verdict: Verdict) -> str:
    return verdict.detail if verdict.unjudged else why(verdict)


def _todo(slug: str, tree: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted(tree):
        if name.endswith((".md", ".toml")) and FILL_IN.encode() in tree[name]:
            yield f"fill in solutions/{slug}/{name}"
    yield f"choose the mistakes: unfit suggest {slug}"
    yield f"prove it: unfit validate {slug} --seeds 1"
