"""Renaming: give an exercise's names and words others, alike in its code, data, documents, checks and corpus."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import tomlkit
from pydantic import Field, StringConstraints
from tomlkit.items import Table

from unfit import diagnosis, kit_names
from unfit.bank import Exercise, read_manifest, read_tree
from unfit.bank.contract import BUILT_IN
from unfit.bank.exercises import EDITS, EXPECT, WRITTEN_ASIDE
from unfit.bank.world_loading import DATA_HOOK
from unfit.errors import UsageError
from unfit.notebook_cells import submitted_sources
from unfit.planting.notebook_documents import is_notebook, read_notebook, write_notebook
from unfit.records import Record

__all__ = ["Names", "Renamed", "draft", "read_names", "renamed"]

TOKEN: Final = re.compile(r"(?<!\w)[^\W\d]\w*")
ARGUMENT: Final = re.compile(r"=(?!=)")
HYPHEN: Final = re.compile(r"(?<=\w)-(?=[a-z])|[a-z]-\w")
"""Between the words of an id, such as that of a defect, which has no underscores."""
CALLED: Final = re.compile(r":[^\W\d]")
"""Behind the module of an entry point, such as `train` in ``"pumps.train:fit"``."""
TAKE_COLUMNS: Final = frozenset({"agg", "assign", "DataFrame", "dict", "replace"})
"""Functions whose arguments may have any name, such as that of a column."""
PART: Final = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")
KEY: Final = re.compile(r"^\s*([A-Za-z_]+)\s*=")
QUOTES: Final = re.compile(r"\"\"\"|\'\'\'")
HEADING: Final = re.compile(r"^\s*\[+([^\]]+)\]+\s*$")
ARTICLES: Final = frozenset({"a", "an"})
BUILD_FILE: Final = "pyproject.toml"
NAMING_KEYS: Final = frozenset({"name", "description", "packages", "keywords"})
"""Keys of a build file whose values are a project's own words."""
HOOKS: Final = frozenset({DATA_HOOK, diagnosis.HOOK, diagnosis.SHIPPED, diagnosis.TOLERANCES})
"""What the kit looks for in a world."""
FIXED_VALUES: Final = frozenset(
    {
        "category",
        "covers",
        "difficulty",
        "exposure",
        "judged",
        "level",
        "rule",
        "severity",
        "source",
        "tools",
    }
)
"""Keys of manifests whose values are the kit's words, or a reference."""
TYPES: Final = "contract.types."
OPEN_TABLES: Final = (TYPES, "people", "commit.parts")
"""Below these headings of manifests, keys are names of the exercise."""
TOLD: Final = (".py", ".md", ".toml", ".ipynb")
"""Files that hold the words of a story."""
FURTHEST: Final = 2_000
LONGEST: Final = 80
"""Characters from an argument back to its function at most, and of a function's name."""
SHORTEST: Final = 3
MOST_WORDS: Final = 80
USUAL: Final = 2
"""Exercises of the same bank that may use a word which is still offered as one of the story."""

Name = Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", max_length=60)]
Word = Annotated[str, StringConstraints(pattern=r"^([A-Za-z][A-Za-z0-9]*)?$", max_length=30)]


class Names(Record):
    """``names.toml``: what takes the place of an exercise's names and words; where the right side is empty, nothing."""

    format: Literal[1] = 1
    names: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], Name] = Field(
        default_factory=dict
    )
    """Whole names, wherever they stand: fields, modules, functions, types."""
    words: dict[Annotated[str, StringConstraints(pattern=r"^[^\W\d_A-Z]+$")], Word] = Field(
        default_factory=dict
    )
    """Words in lower case: in the text of documents, in data, and as parts of names. Usual plurals follow."""


@dataclass(frozen=True)
class Renamed:
    """A tree with other names.

    Parameters
    ----------
    files : mapping of str to bytes
    unread : tuple of str
        Files that are no text, and are as they were.
    doubtful : tuple of str
        Names that were replaced although a library's attribute is called so: look at these first where it fails.
    unused : tuple of str
        Left sides of the table that stand nowhere.
    """

    files: Mapping[str, bytes]
    unread: tuple[str, ...]
    doubtful: tuple[str, ...]
    unused: tuple[str, ...]


def read_names(path: Path) -> Names:
    """Read a table of names.

    Raises
    ------
    ManifestError
        If it is no TOML, or does not fit; the message says where.
    """
    return read_manifest(path, Names, shown=str(path))


def renamed(tree: Mapping[str, bytes], names: Names) -> Renamed:
    """Replace names and words throughout a solution: paths, code, notebooks, data, documents, manifests.

    One rule holds everywhere, so that what `defects.toml` quotes still stands in the code. A name is replaced whole
    where the table has it; otherwise its parts are, between underscores and capitals, with their case kept. What code
    takes from elsewhere (an import, a built-in, an attribute or an argument that nothing in the exercise defines)
    stays, unless the table has it whole. So does an attribute that has only the name of a variable in a function.

    Parameters
    ----------
    tree : mapping of str to bytes
        A solution, by path.
    names : Names

    Returns
    -------
    renamed : Renamed

    Raises
    ------
    UsageError
        If two different names would become one.
    """
    own, others = _defined(tree)
    plain = own - _reached(tree)
    changing = _Changing(names, own=frozenset(own), kept=frozenset(others - own), plain=frozenset(plain))
    _ensure_apart(own, changing.name)
    files: dict[str, bytes] = {}
    unread: list[str] = []
    for path, content in tree.items():
        place = _place(path, changing.text)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            unread.append(place)
            files[place] = content
            continue
        change = changing.of(path)
        files[place] = changing.notebook(content, path) if is_notebook(path) else change(text).encode()
    doubtful = sorted(name for name in own & others - plain if changing.name(name) != name)
    return Renamed(files, tuple(unread), tuple(doubtful), tuple(changing.unused()))


class _Changing:
    """Changes texts by one table, and remembers which names became which."""

    def __init__(
        self, names: Names, *, own: frozenset[str], kept: frozenset[str], plain: frozenset[str]
    ) -> None:
        self._names = {old: new for old, new in names.names.items() if new}
        self._words = {old: new for old, new in names.words.items() if new}
        self._plurals = {_plural(old): old for old in self._words}
        self._words = {
            plural: _plural(self._words[old]) for plural, old in self._plurals.items()
        } | self._words
        self._own, self._kept, self._plain = own, kept, plain
        self._used: set[str] = set()

    def name(self, name: str) -> str:
        """Change one name or word."""
        if name in self._names:
            self._used.add(name)
            return self._names[name]
        if name in self._kept or keyword.iskeyword(name):
            return name
        olds, news = name.split("_"), PART.sub(self._part, name).split("_")
        for at, (old, new) in enumerate(zip(olds[1:], news[1:], strict=True)):
            news[at] = _article(news[at], old, new)
        return "_".join(news)

    def text(self, text: str, *, asked: frozenset[str] = frozenset()) -> str:
        """Change every name and word of a text, but for attributes that are asked of somebody else's objects."""

        def changed(found: re.Match[str]) -> str:
            name, start = found[0], found.start()
            foreign = name in asked or name in self._plain
            if foreign and text[start - 1 : start] == "." and not CALLED.match(text, found.end()):
                return name
            argument = ARGUMENT.match(text, found.end()) and _called(text, start)
            if argument and argument not in self._own | TAKE_COLUMNS:
                return name
            follows = (
                TOKEN.match(text, found.end() + 1) if text[found.end() : found.end() + 1] == " " else None
            )
            if follows and name.lower() in ARTICLES:
                return _article(name, follows[0], self.name(follows[0]))
            inside = HYPHEN.match(text, found.end()) or HYPHEN.match(text[start - 2 : start + 1])
            return self.name(name).replace("_", "-") if inside else self.name(name)

        return TOKEN.sub(changed, text)

    def of(self, path: str) -> Callable[[str], str]:
        """Choose how the text of a file is changed."""
        if path.rpartition("/")[2] == BUILD_FILE:
            return self.build_file
        if path.endswith(".toml") and not path.startswith("project/"):
            return self.manifest
        return self.hidden if _is_hidden(path) else self.text

    def build_file(self, text: str) -> str:
        """Change what a build file says of its project; its keys and what tools read stay."""
        lines = text.splitlines(keepends=True)
        keys = (KEY.match(line) for line in lines)
        return "".join(
            line[: key.end()] + self.text(line[key.end() :]) if key and key[1] in NAMING_KEYS else line
            for line, key in zip(lines, keys, strict=True)
        )

    def hidden(self, text: str) -> str:
        """Change hidden code: what it asks of the kit's objects stays."""
        changing = {name for name in self._own if self.name(name) != name}
        return kit_names.unmarked(self.text(kit_names.marked(text, changing), asked=kit_names.attributes()))

    def notebook(self, content: bytes, path: str) -> bytes:
        """Change a notebook: the ids and sources of its cells."""
        book = read_notebook(content, path)
        for cell in book["cells"]:
            cell |= {key: self.text(cell[key]) for key in ("id", "source")}
        return write_notebook(book)

    def manifest(self, text: str) -> str:
        """Change a manifest of the kit: its keys stay, and values that are the kit's own."""
        lines: list[str] = []
        fields, quoted = False, ""
        for line in text.splitlines(keepends=True):
            heading, key = (None, None) if quoted else (HEADING.match(line), KEY.match(line))
            if heading:
                fields = heading[1].startswith(OPEN_TABLES)
                types = heading[1].startswith(TYPES)
                lines.append(f"[{TYPES}{self.text(heading[1].removeprefix(TYPES))}]\n" if types else line)
            elif line.startswith(f'"{BUILD_FILE}" = '):  # its parts have the names that tools give them
                lines.append(line)
            elif key and not fields:
                kept = len(line) if key[1] in FIXED_VALUES else key.end()
                lines.append(line[:kept] + self.text(line[kept:]))
            else:
                lines.append(self.text(line))
            for mark in QUOTES.findall(line):
                quoted = "" if mark == quoted else quoted or mark
        return "".join(lines)

    def unused(self) -> Iterator[str]:
        """Name what the table gives and no text has."""
        yield from sorted({*self._names, *self._plurals.values()} - self._used)

    def _part(self, found: re.Match[str]) -> str:
        part = found[0]
        new = self._words.get(part.lower())
        if new is None:
            return part
        self._used |= {part.lower(), self._plurals.get(part.lower(), part.lower())}
        return _like(part)(new)


def _article(article: str, old: str, new: str) -> str:
    """Let an article in front of a word fit the one that takes its place."""
    if article.lower() not in ARTICLES or old == new:
        return article
    article = article.removesuffix("n")
    return f"{article}n" if re.match("[aeio]|u(?!se|ni)", new, re.IGNORECASE) else article


def _plural(word: str) -> str:
    """Write the usual plural of a word."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if re.search("[^aeiou]y$", word) else f"{word}s"


def _ensure_apart(own: set[str], change: Callable[[str], str]) -> None:
    """Refuse a table by which two names of the code become one."""
    became: dict[str, list[str]] = {}
    for name in sorted(own):
        became.setdefault(change(name), []).append(name)
    twice = [f"`{'` and `'.join(olds)}` would be `{new}`" for new, olds in became.items() if len(olds) > 1]
    if twice:
        raise UsageError(
            f"names of the code would become one: {'; '.join(twice)}",
            fix="give all but one of each, or one of its words, another right side in the table",
        )


def _called(text: str, position: int) -> str:
    """Name the function among whose arguments a place of a text lies; empty where that cannot be seen."""
    depth = 0
    for at in range(position - 1, max(position - FURTHEST, 0) - 1, -1):
        if text[at] in ")]}":
            depth += 1
        elif text[at] in "([{":
            if depth == 0:
                before = re.search(r"\w+$", text[max(at - LONGEST, 0) : at]) if text[at] == "(" else None
                return before[0] if before else ""
            depth -= 1
    return ""


def _is_hidden(path: str) -> bool:
    """Whether it is a module of the solution itself."""
    return path.endswith(".py") and "/" not in path


def _like(part: str) -> Callable[[str], str]:
    """Say how a word is written."""
    if part.isupper() and len(part) > 1:
        return str.upper
    return str.capitalize if part[:1].isupper() else str.lower


def _place(path: str, change: Callable[[str], str]) -> str:
    """Change a path; what the kit calls so stays."""
    return "/".join(change(part) if own else part for part, own in _parts(path))


def _parts(path: str) -> Iterator[tuple[str, bool]]:
    """Cut a path up, and say of each part whether the author named it."""
    parts = path.split("/")
    given = {"project": 1, "corpus": 2}.get(parts[0], len(parts))
    for depth, part in enumerate(parts):
        yield part, depth >= given and not (parts[0] == "corpus" and part in {EDITS, EXPECT})


def _defined(tree: Mapping[str, bytes]) -> tuple[set[str], set[str]]:
    """Collect what the code of a tree defines, and what it takes from elsewhere."""
    modules = [*_modules(tree)]
    endings = {path.rpartition(".")[2] for path in tree}
    named = (part for path in tree for part, own in _parts(path) if own)
    own = {*re.split(r"[./]", "/".join(named)), *_fields(tree)}
    others = {*dir(builtins), *BUILT_IN, *HOOKS, *endings}
    for module in modules:
        for node in ast.walk(module):
            own |= set(_defines(node))
    for module in modules:
        for node in ast.walk(module):
            others |= set(_takes(node, own))
    return own - HOOKS - endings, others


def _reached(tree: Mapping[str, bytes]) -> set[str]:
    """Collect what can stand behind a dot: all names of a tree but those of variables and arguments in functions."""
    found = {part for path in tree for place, own in _parts(path) if own for part in place.split(".")}
    found |= _fields(tree)
    for module in _modules(tree):
        found |= set(_members(module.body))
        for node in ast.walk(module):
            match node:
                case ast.ClassDef(body=body):
                    found |= set(_members(body))
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    found.add(name)
                case ast.Constant(value=str(column)):
                    found.add(column)
                case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), keywords=given):
                    found |= {one.arg for one in given if one.arg and name in TAKE_COLUMNS}
    return found


def _members(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Name what a module or a class holds, as far as it is not within a function."""
    for statement in body:
        yield from _defines(statement)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for node in ast.walk(statement):
                yield from _defines(node)


def _modules(tree: Mapping[str, bytes]) -> Iterator[ast.Module]:
    for path, content in tree.items():
        sources: Iterable[str] = ()
        if path.endswith(".py"):
            sources = [content.decode("utf-8", "replace")]
        elif is_notebook(path):
            sources = submitted_sources(content).values()
        for source in sources:
            try:
                yield ast.parse(source)
            except (SyntaxError, ValueError):  # a cell of text, or a fix that does not compile
                continue


def _fields(tree: Mapping[str, bytes]) -> set[str]:
    """Names that the contract gives."""
    manifest = tomlkit.parse(tree.get("exercise.toml", b"").decode())
    types = manifest.get("contract", {}).get("types", {})
    return {*types, *(name for fields in types.values() if isinstance(fields, Table) for name in fields)}


def _defines(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
            yield name


def _takes(node: ast.AST, own: set[str]) -> Iterator[str]:
    """Name what a piece of code takes from modules, objects and functions that may be somebody else's."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                yield from alias.name.split(".")
        case ast.ImportFrom(module=str(module), level=0) if module.split(".")[0] not in own:
            yield from module.split(".")
            yield from (alias.name for alias in node.names)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name not in own:
            yield attribute
        case ast.Attribute(value=value, attr=attribute) if not isinstance(value, ast.Name):
            yield attribute
        case ast.Call(func=ast.Name(id=name), keywords=given) if name not in own:
            yield from (one.arg for one in given if one.arg)
        case ast.Call(func=ast.Attribute(), keywords=given):
            yield from (one.arg for one in given if one.arg)


def draft(exercise: Exercise, others: Iterable[Exercise] = ()) -> str:
    """Write the table that an author fills in: names of the contract, and the words that this story alone has.

    Parameters
    ----------
    exercise : Exercise
        With its solution.
    others : iterable of Exercise
        Of the same bank: what several of them say is no word of the story.

    Returns
    -------
    text : str
        TOML, with an empty right side for each.
    """
    contract = exercise.manifest.contract
    tree = {
        path: content for path, content in read_tree(exercise.solution).items() if path not in WRITTEN_ASIDE
    }
    calls = {part for entry in contract.entry for part in re.split(r"[.:]", entry.call)}
    functions = {part for book in contract.notebook for part in book.functions}
    document = tomlkit.document()
    document.add(tomlkit.comment(f"What takes the place of the names and words of `{exercise.slug}`."))
    document.add(tomlkit.comment("Fill in the right sides; what stays empty stays as it is."))
    document.add("format", tomlkit.item(1))
    document.add("names", _empty(sorted({*calls, *functions, *_fields(tree)})))
    document.add("words", _empty(_words(tree, [_counted(read_tree(other.solution)) for other in others])))
    return tomlkit.dumps(document)


def _empty(names: Iterable[str]) -> Table:
    table = tomlkit.table()
    for name in names:
        table.add(name, "")
    return table


def _words(tree: Mapping[str, bytes], others: list[Counter[str]]) -> list[str]:
    """List the words that stand often here and in few other exercises, the most frequent first."""
    here = _counted(tree)
    library = {part.lower() for name in _defined(tree)[1] for part in PART.findall(name)}
    usual = {word for word in here if sum(word in other for other in others) > USUAL}
    offered = (word for word, _ in here.most_common() if word not in usual | library)
    singular = (word for word in offered if not (word.endswith("s") and word.removesuffix("s") in here))
    return [word for word, _ in zip(singular, range(MOST_WORDS), strict=False)]


def _counted(tree: Mapping[str, bytes]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for path, content in tree.items():
        if path.endswith(TOLD) and not path.startswith("corpus/"):
            text = content.decode("utf-8", "replace")
            counted.update(
                part.lower()
                for name in TOKEN.findall(text)
                for part in PART.findall(name)
                if len(part) >= SHORTEST
            )
    return counted
