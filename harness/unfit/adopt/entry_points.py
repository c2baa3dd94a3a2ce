"""Entries: what of a project can be called, and the small functions that call what the contract cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from unfit.adopt.sources import TeamProject
from unfit.bank.nearest_word import nearest
from unfit.errors import UsageError

__all__ = ["WRAPPERS", "Offered", "Wrapped", "find", "module_of", "offered", "parted", "unmade", "wrapper"]

WRAPPERS: Final = "entrypoints"
"""The module of the project that holds what was written for the contract."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
ARGUMENTS_OF_A_COMMAND: Final = frozenset({"argv", "args", "arguments"})

HEADING: Final = (
    '"""What the contract calls where the project has classes, a command line or values of its own."""'
)
PLAIN: Final = '''
def plain(value):
    """Return a value as lists, dictionaries, tables, numbers and text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset) or inspect.isgenerator(value):
        return [plain(one) for one in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.tolist() if type(value).__name__ in {"Series", "ndarray", "Index"} else value
'''
REMADE: Final = '''
def remade(kind, one, /, **makers):
    """Make an object of a record whose named fields have makers of their own; what is empty stays so."""
    turned = {name: make(one[name]) for name, make in makers.items() if one.get(name) is not None}
    return kind(**{**one, **turned})
'''
CARRIED: Final = frozenset({"datetime:time", "datetime:timedelta"})
"""Values that the contract calls `Any` and that are handed over as they are."""


@dataclass(frozen=True)
class Wrapped:
    """A function that was written so that the contract can reach an entry.

    Parameters
    ----------
    name : str
    imports : frozenset of str
        Lines that it needs.
    text : str
    arguments : tuple of str
    """

    name: str
    imports: frozenset[str]
    text: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Offered:
    """Something of a project that can be called.

    Parameters
    ----------
    module, name : str
        ``name`` holds the class, too, where it is a method.
    path : str
        Its file.
    line : int
    function : FunctionDef or AsyncFunctionDef
    owner : ClassDef, optional
    made : tuple of arg
        What the class is made with.
    """

    module: str
    name: str
    path: str
    function: Function
    owner: ast.ClassDef | None = None
    made: tuple[ast.arg, ...] = ()
    optional: frozenset[str] = field(default=frozenset())

    @property
    def call(self) -> str:
        """How one names it."""
        return f"{self.module}:{self.name}"

    @property
    def own(self) -> tuple[ast.arg, ...]:
        """What it takes, without the object that it belongs to."""
        given = self.function.args
        everything = (*given.posonlyargs, *given.args, *given.kwonlyargs)
        return everything[1:] if self.owner is not None and not self._static else everything

    @property
    def _static(self) -> bool:
        names = {ast.unparse(one) for one in self.function.decorator_list}
        return "staticmethod" in names

    @property
    def bound(self) -> bool:
        """Whether an object has to be made first."""
        names = {ast.unparse(one) for one in self.function.decorator_list}
        return self.owner is not None and not names & {"staticmethod", "classmethod"}

    @property
    def command(self) -> bool:
        """Whether it is the program behind a command line."""
        names = [one.arg for one in self.own]
        return self.name == "main" and (not names or (len(names) == 1 and names[0] in ARGUMENTS_OF_A_COMMAND))

    @property
    def does(self) -> str:
        """What it says of itself, in one sentence."""
        said = (ast.get_docstring(self.function) or "").strip().partition("\n")[0].strip()
        return said or f"Runs `{self.name}`."

    @property
    def signature(self) -> str:
        """What it takes and gives, on one line."""
        returns = f" -> {ast.unparse(self.function.returns)}" if self.function.returns else ""
        return f"{self.name}({', '.join(one.arg for one in self.own)}){returns}"


def offered(project: TeamProject, modules: dict[str, str]) -> Iterator[Offered]:
    """List what could be an entry point: public functions and methods, those with types first."""
    found = [
        entry
        for module, path in modules.items()
        if project.parses(path)
        for entry in _of(project, module, path)
    ]
    public = [one for one in found if not any(part.startswith("_") for part in one.name.split("."))]
    yield from sorted(public, key=lambda one: not any(argument.annotation for argument in one.own))


def find(project: TeamProject, wanted: str) -> Offered:
    """Find an entry point by its name.

    Raises
    ------
    UsageError
        If the project has none of that name; similar ones are named.
    """
    module, colon, name = wanted.partition(":")
    if not colon or not name:
        raise UsageError(
            f"{wanted!r} names no function", fix="write it as package.module:function, or :Class.method"
        )
    if module not in project.modules:
        hint = nearest(module, project.modules)
        raise UsageError(
            f"the project has no module `{module}`{hint}", fix=f"its modules: {_some(project.modules)}"
        )
    found = {entry.name: entry for entry in _of(project, module, project.modules[module])}
    if name not in found:
        hint = nearest(name, found)
        raise UsageError(
            f"{project.modules[module]}: defines no function `{name}`{hint}",
            fix=f"it defines: {_some(found)}",
        )
    return found[name]


def _some(names: Any) -> str:
    told = list(names)
    return f"{', '.join(told[:12])}{', …' if len(told) > 12 else ''}" or "nothing"


def _of(project: TeamProject, module: str, path: str) -> Iterator[Offered]:
    for node in project.parsed(path).body:
        if isinstance(node, Function):
            yield Offered(module, node.name, path, node)
        elif isinstance(node, ast.ClassDef):
            made, optional = _made_with(node)
            for inner in node.body:
                if isinstance(inner, Function) and not inner.name.startswith("__"):
                    yield Offered(module, f"{node.name}.{inner.name}", path, inner, node, made, optional)


def _made_with(node: ast.ClassDef) -> tuple[tuple[ast.arg, ...], frozenset[str]]:
    """List what a class is made with: the arguments of its ``__init__``, or the fields of a dataclass."""
    for inner in node.body:
        if isinstance(inner, Function) and inner.name == "__init__":
            own = (*inner.args.args[1:], *inner.args.kwonlyargs)
            defaults = [one.arg for one in inner.args.args[len(inner.args.args) - len(inner.args.defaults) :]]
            keyword = zip(inner.args.kwonlyargs, inner.args.kw_defaults, strict=True)
            return own, frozenset([*defaults, *(one.arg for one, default in keyword if default is not None)])
    if any("dataclass" in ast.unparse(one) for one in node.decorator_list):
        fields = [
            one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        ]
        own = tuple(
            ast.arg(one.target.id, one.annotation) for one in fields if isinstance(one.target, ast.Name)
        )
        return own, frozenset(
            one.target.id for one in fields if one.value and isinstance(one.target, ast.Name)
        )
    return (), frozenset()


def wrapper(entry: Offered, call: dict[str, Any]) -> Wrapped | None:
    """Write the function through which the contract reaches an entry; ``None`` where it needs none.

    Parameters
    ----------
    entry : Offered
    call : dict
        What the recorder saw of one of its calls.
    """
    if entry.command:
        return _of_a_command(entry, parted=any(map(parted, call["within"].values())))
    makers = _makers(call)
    made = {name: one.of(call["arguments"][name], name) for name, one in makers["arguments"].items()}
    asynchronous = isinstance(entry.function, ast.AsyncFunctionDef)
    if not (
        "." in entry.name
        or any(name != text for name, text in made.items())
        or _strange(call["returns"])
        or asynchronous
    ):
        return None
    owner, _, name = entry.name.rpartition(".")
    arguments = list(call["arguments"])
    built = {told: f"made_with_{told}" if told in arguments else told for told in call["made_with"]}
    given = [f"{one}={made[one]}" for one in arguments]
    of_owner = {
        one: maker.of(call["made_with"][one], built[one]) for one, maker in makers["made_with"].items()
    }
    target = (
        f"{owner}({', '.join(f'{one}={text}' for one, text in of_owner.items())})" if entry.bound else owner
    )
    called = f"{target}.{name}({', '.join(given)})" if owner else f"{name}({', '.join(given)})"
    imports = {
        f"from {entry.module} import {(owner or name).partition('.')[0]}{'' if owner else f' as _{name}'}"
    }
    imports.update(line for one in makers.values() for maker in one.values() for line in maker.imports)
    if not owner:
        called = f"_{called}"
    if asynchronous:
        called = f"asyncio.run({called})"
    local = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", f"{owner}_{name}").lower().replace(".", "_").strip("_")
    taken = [*built.values(), *arguments]
    text = f'def {local}({", ".join(taken)}):\n    """{entry.does}"""\n    return plain({called})\n'
    return Wrapped(local, frozenset(imports), text, tuple(taken))


def _strange(returns: dict[str, Any]) -> bool:
    """Whether a result, or an item of it, is no plain value."""
    inner = returns["of"] if returns["kind"] == "list" else returns
    return any(
        one.get("made_of", "dict") not in {"dict", "list", "DataFrame", "path"} or one["kind"] == "Any"
        for one in (returns, inner)
    )


@dataclass
class _Maker:
    """Writes how one argument is made of plain values again."""

    imports: set[str] = field(default_factory=set)
    lost: dict[str, str] = field(default_factory=dict)
    """Classes that nothing can be turned back into, by the place where they stand."""

    def of(self, told: Mapping[str, Any], place: str, name: str = "") -> str:
        """Write the expression that makes a value of the plain one of that name; the name itself where it is one."""
        name = name or place
        made = str(told.get("made_of", ""))
        match told["kind"]:
            case "Any" if made and made not in CARRIED:
                self.lost[place] = made
            case "record" | "enum" if ":" in made and (told.get("mixed") or not _importable(made)):
                self.lost[place] = f"{made}, and others" if told.get("mixed") else made
            case "list" if (one := self._item(told["of"], place)) != "one":
                return f"[{one} for one in {name}]"
            case "dict" if (one := self._item(told["of"], place)) != "one":
                return f"{{key: {one} for key, one in {name}.items()}}"
            case "record":
                return self._record(told, place, name)
            case "enum":
                return f"{self._named(made)}({name})"
            case "str" if made == "path" and name != place:
                return f"{self._named('pathlib:Path')}({name})"
        return name

    def _item(self, told: Mapping[str, Any], place: str) -> str:
        made = self.of(told, f"{place}[]", "one")
        return f"None if one is None else {made}" if told.get("optional") and made != "one" else made

    def _record(self, told: Mapping[str, Any], place: str, name: str) -> str:
        made = str(told["made_of"])
        kind = self._named(made) if ":" in made else made
        fields = {} if told.get("coerces") else told["fields"]
        turned = {one: self.of(inner, f"{place}.{one}", "one") for one, inner in fields.items()}
        makers = [f"{one}={_function(text)}" for one, text in turned.items() if text != "one"]
        if makers:
            return f"remade({', '.join([kind, name, *makers])})"
        return name if kind == "dict" else f"{kind}(**{name})"

    def _named(self, made: str) -> str:
        module, _, kind = made.partition(":")
        self.imports.add(f"from {module} import {kind.partition('.')[0]}")
        return kind


def _makers(call: Mapping[str, Any]) -> dict[str, dict[str, _Maker]]:
    return {group: {name: _Maker() for name in call[group]} for group in ("arguments", "made_with")}


def unmade(entry: Offered, call: Mapping[str, Any]) -> dict[str, str]:
    """Name what an entry takes that no plain value can be turned back into: classes by their places.

    Parameters
    ----------
    entry : Offered
    call : dict
        What the recorder saw of one of its calls.
    """
    lost: dict[str, str] = {}
    for group, makers in _makers(call).items() if not entry.command else ():
        for name, maker in makers.items():
            maker.of(call[group][name], name)
            lost |= maker.lost
    return lost


def _importable(made: str) -> bool:
    return "<locals>" not in made and not made.startswith("__main__:")


def _function(text: str) -> str:
    """Write an expression over `one` as a function."""
    called = re.fullmatch(r"([\w.]+)\(one\)", text)
    return called[1] if called else f"lambda one: {text}"


def parted(within: Mapping[int, tuple[str, str, str]]) -> bool:
    """Whether an item of a list holds more than the path of a folder."""
    return any(before or after for before, _, after in within.values())


def _of_a_command(entry: Offered, *, parted: bool) -> Wrapped:
    package = entry.module.partition(".")[0]
    name = f"{package}_command"
    given = "argv" if entry.own else ""
    joined = (
        '    argv = ["".join(one) if isinstance(one, list) else one for one in argv]  # a path in a folder\n'
        if parted
        else ""
    )
    text = f'''def {name}(argv):
    """{entry.does}"""
{joined}    said, before = io.StringIO(), sys.argv
    sys.argv = ["{package}", *argv]
    try:
        with contextlib.redirect_stdout(said):
            status = _main({given})
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.argv = before
    status = 0 if status is None else status if isinstance(status, int) else 1
    return {{"status": status, "said": said.getvalue()}}
'''
    imports = frozenset(
        {"import contextlib", "import io", "import sys", f"from {entry.module} import main as _main"}
    )
    return Wrapped(name, imports, text, ("argv",))


def module_of(wrapped: Iterable[Wrapped]) -> str:
    """Write the module that holds the wrappers."""
    parts = list(wrapped)
    imports = {line for part in parts for line in part.imports}
    needs_plain = any("plain(" in part.text for part in parts)
    if needs_plain:
        imports |= {f"import {name}" for name in ("dataclasses", "enum", "inspect", "os")}
    imports |= {"import asyncio" for part in parts if "asyncio." in part.text}
    standard = sorted(line for line in imports if line.startswith("import "))
    own = sorted(line for line in imports if not line.startswith("import "))
    blocks = ["\n".join(standard), "\n".join(own)]
    head = "\n\n".join([HEADING, *filter(None, blocks)])
    remakes = [REMADE] if any("remade(" in part.text for part in parts) else []
    texts = [head, *([PLAIN] if needs_plain else []), *remakes, *(part.text for part in parts)]
    return "\n\n\n".join(text.strip("\n") for text in texts) + "\n"
