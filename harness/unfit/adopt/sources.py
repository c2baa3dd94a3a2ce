"""Sources: which files of a team's project its entry points need, found by reading the code."""

from __future__ import annotations

import ast
import fnmatch
import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from unfit.errors import UsageError
from unfit.submission.project_place import CONDA, ENVIRONMENT

__all__ = ["Found", "TeamProject", "holds_tests", "local_name", "open_project"]

SKIPPED: Final = frozenset({"__pycache__", "node_modules", "build", "dist", "site-packages"})
MARKS: Final = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", ".git")
SECRETS: Final = (
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "id_rsa*",
    "*credential*",
    "*secret*",
    ".netrc",
    ".pypirc",
)
TEXTS: Final = frozenset({".yaml", ".yml", ".toml", ".json", ".ini", ".cfg"})
MOST_FILES: Final = 20_000
LARGEST: Final = 4 << 20
"""Bytes of a data file that is taken along."""


@dataclass(frozen=True)
class Found:
    """What the entry points of a project need.

    Parameters
    ----------
    modules : dict of str to str
        Path below the project by dotted name.
    data : tuple of str
        Other files that the code names, below the project.
    tests : tuple of str
        Files of tests that import nothing else of the project.
    packages : tuple of str
        Import names of other people's packages.
    left : dict of str to str
        What stays behind, with the reason.
    """

    modules: dict[str, str]
    data: tuple[str, ...]
    tests: tuple[str, ...]
    packages: tuple[str, ...]
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TeamProject:
    """A team's project.

    Parameters
    ----------
    root : Path
        Its folder.
    sources : str
        The folder below it that is on ``sys.path``; ``"."`` for the root itself.
    modules : dict of str to str
        Every module's path below the root, by dotted name.
    files : tuple of str
        Every file below the root that is not a tool's.
    notebook : str
        The notebook that is adopted; empty for code.
    """

    root: Path
    sources: str
    modules: dict[str, str]
    files: tuple[str, ...]
    notebook: str = ""

    def text(self, path: str) -> str:
        """Read a file of the project as text."""
        try:
            return (self.root / path).read_text("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{self.root / path}: is not UTF-8 text ({error.reason})", fix="save it as UTF-8"
            ) from None

    def parsed(self, path: str) -> ast.Module:
        """Parse a module of the project."""
        try:
            return ast.parse(self.text(path))
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            raise UsageError(
                f"{self.root / path}{line}: does not parse: {error}",
                fix="mend it there first; nothing was changed",
            ) from None

    def parses(self, path: str) -> bool:
        """Whether a module can be parsed."""
        try:
            self.parsed(path)
        except UsageError:
            return False
        return True

    def needed(self, modules: Collection[str], *, texts: Collection[str] = ()) -> Found:
        """Follow the imports of some modules, and the files that they name.

        Parameters
        ----------
        modules : collection of str
            Dotted names of modules of the project.
        texts : collection of str
            Further code that needs something, such as the cells of a notebook or an example.
        """
        taken: dict[str, str] = {}
        packages: set[str] = set()
        named: set[str] = set()
        waiting = list(modules)

        def read(tree: ast.AST, name: str, package: bool) -> None:
            for wanted in _imports(tree, name, package=package):
                local = local_name(wanted, self.modules)
                if local:
                    waiting.append(local)
                elif wanted.partition(".")[0] not in sys.stdlib_module_names:
                    packages.add(wanted.partition(".")[0])
            named.update(_texts(tree))

        for text in texts:
            read(ast.parse(text), "", package=False)
        while waiting:
            name = waiting.pop()
            if name in taken or name not in self.modules:
                continue
            taken[name] = self.modules[name]
            parent = name.rpartition(".")[0]
            waiting += [parent] if parent else []
            read(self.parsed(taken[name]), name, package=taken[name].endswith("__init__.py"))
        data, secrets, large = self._data(named)
        tests = tuple(self._tests(taken))
        left = dict.fromkeys(secrets, "it looks like a secret")
        left |= dict.fromkeys(large, f"it is larger than {LARGEST >> 20} MiB")
        left |= {
            path: "no entry point imports it" for path in self.modules.values() if path not in taken.values()
        }
        return Found(dict(sorted(taken.items())), data, tests, tuple(sorted(packages)), left)

    def _data(self, named: set[str]) -> tuple[tuple[str, ...], list[str], list[str]]:
        """Find the files that texts of the code name, and those that these name."""
        others = [path for path in self.files if not path.endswith((".py", ".ipynb"))]
        found: set[str] = set()
        waiting = set(named)
        while waiting:
            told, waiting = waiting, set()
            for path in others:
                if path not in found and _names(told, path):
                    found.add(path)
                    if PurePosixPath(path).suffix in TEXTS and (self.root / path).stat().st_size < LARGEST:
                        waiting.update(_words(self.text(path)))
        secrets = sorted(path for path in found if _is_secret(path))
        large = sorted(path for path in found - set(secrets) if (self.root / path).stat().st_size > LARGEST)
        return tuple(sorted(found - set(secrets) - set(large))), secrets, large

    def _tests(self, taken: dict[str, str]) -> Iterator[str]:
        """List the tests that import of this project what is taken and nothing else, and what they share."""
        for path in self.files:
            if not _is_test(path) or not path.endswith(".py"):
                continue
            try:
                wanted = [
                    local_name(name, self.modules) for name in _imports(self.parsed(path), "", package=False)
                ]
            except UsageError:
                continue
            own = [name for name in wanted if name]
            if (own or not holds_tests(path)) and all(name in taken for name in own):
                yield path


def open_project(path: Path) -> TeamProject:
    """Open a package, a project, a module or a notebook.

    Raises
    ------
    UsageError
        If there is no such thing, or no Python in it.
    """
    if not path.exists():
        raise UsageError(
            f"{path}: there is no such file or folder", fix="name a package, a project or a notebook"
        )
    path = path.resolve()
    notebook = path.suffix == ".ipynb"
    if path.is_file() and not notebook and path.suffix != ".py":
        raise UsageError(
            f"{path}: is neither Python nor a notebook", fix="name a package, a project or a notebook"
        )
    inside = path if path.is_dir() else path.parent
    while (inside / "__init__.py").is_file():
        inside = inside.parent
    root = _root_of(inside)
    files = tuple(_walk(root, only=None if _is_marked(root) or path == root else path))
    sources = _sources_of(root, inside, files)
    prefix = "" if sources == "." else f"{sources}/"
    modules = {
        _dotted(name.removeprefix(prefix)): name
        for name in files
        if name.startswith(prefix) and not _is_test(name) and _importable(name.removeprefix(prefix))
    }
    if not modules and not notebook:
        raise UsageError(
            f"{path}: holds no module that can be imported", fix="name the folder of a package, or a module"
        )
    return TeamProject(root, sources, modules, files, str(path.relative_to(root)) if notebook else "")


def local_name(wanted: str, modules: Collection[str]) -> str:
    """Return the module of the project that an imported name is, or stands in; empty where it is somebody else's."""
    while wanted:
        if wanted in modules:
            return wanted
        wanted = wanted.rpartition(".")[0]
    return ""


def _root_of(inside: Path) -> Path:
    """Return the project's folder: the nearest one upward that is marked as one, else where the code lies."""
    home = Path.home()
    for folder in (inside, *inside.parents):
        if folder in {home, Path(folder.anchor)}:
            break
        if _is_marked(folder):
            return folder
    return inside


def _is_marked(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in MARKS)


def _walk(root: Path, *, only: Path | None) -> Iterator[str]:
    """List the files below a folder, without environments, caches and what is hidden.

    Parameters
    ----------
    root : Path
    only : Path, optional
        The one package or module beside which the folder holds things that belong to nobody's project.
    """
    count = 0
    for folder, below, names in os.walk(root):
        below[:] = sorted(
            name
            for name in below
            if name not in SKIPPED
            and not name.startswith(".")
            and not any(Path(folder, name, mark).exists() for mark in (ENVIRONMENT, CONDA))
        )
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink() or not file.is_file() or (only and not _beside(file, only)):
                continue
            count += 1
            if count > MOST_FILES:
                raise UsageError(
                    f"{root}: holds more than {MOST_FILES:,} files", fix="name the package's own folder"
                )
            yield file.relative_to(root).as_posix()


def _beside(file: Path, only: Path) -> bool:
    return file.is_relative_to(only) or file.parent == only.parent


def _sources_of(root: Path, inside: Path, files: tuple[str, ...]) -> str:
    if inside != root:
        return inside.relative_to(root).as_posix()
    return "src" if any(name.startswith("src/") and name.endswith(".py") for name in files) else "."


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _importable(path: str) -> bool:
    *folders, name = path.split("/")
    stem = name.removesuffix(".py")
    named = all(part.isidentifier() for part in (*folders, stem))
    return name.endswith(".py") and named and stem not in {"setup", "conftest"} and path != "__init__.py"


def _is_test(path: str) -> bool:
    return bool({"tests", "test"} & set(PurePosixPath(path).parts[:-1])) or holds_tests(path)


def holds_tests(path: str) -> bool:
    """Tell whether pytest looks for tests in a file; others beside it hold what tests share."""
    name = PurePosixPath(path).name
    return name.startswith("test_") or name.endswith("_test.py")


def _is_secret(path: str) -> bool:
    return any(fnmatch.fnmatch(PurePosixPath(path).name.lower(), pattern) for pattern in SECRETS)


def _imports(tree: ast.AST, name: str, *, package: bool) -> Iterator[str]:
    """List what a module imports, wherever in it, as absolute names."""
    here = name if package else name.rpartition(".")[0]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = here.split(".")[: len(here.split(".")) - level + 1] if level else []
                start = ".".join([*base, *([module] if module else [])])
                yield from (f"{start}.{alias.name}" if start else alias.name for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str() as wanted), *_]
            ):
                yield wanted


def _texts(tree: ast.AST) -> Iterator[str]:
    yield from (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _words(text: str) -> set[str]:
    return {word.strip("\"',;:[]{}()") for word in text.split()}


def _names(told: set[str], path: str) -> bool:
    """Whether one of some texts names a file: by its path, the end of it, or a pattern of names."""
    name = PurePosixPath(path).name
    return name in told or any(
        path == text.removeprefix("./")
        or ("/" in text and path.endswith(f"/{text.removeprefix('./').lstrip('/')}"))
        or ("*" in text and "." in text and fnmatch.fnmatch(name, PurePosixPath(text).name))
        for text in told
        if 1 < len(text) < 200 and "\n" not in text and ("." in text or "/" in text)
    )
