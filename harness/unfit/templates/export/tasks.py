"""Tasks: set up, check and hand in. Needs Python 3.11 or later and nothing else: ``python -m tasks check``."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ARCHIVE = "submission.zip"
LEFT_OUT = {
    ".git", ".hg", ".svn", ".jj", ".venv", "venv", ".tox", ".nox", ".eggs", "node_modules", "__pycache__",
    ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".coverage", "htmlcov",
    ".import_linter_cache", ".idea", ".vscode", "__macosx", ".ds_store", "thumbs.db", "desktop.ini",
}  # fmt: skip
LEFT_OUT_ENDINGS = (".pyc", ".pyo", ".egg-info")
MOST_FILES, LARGEST_FILE, LARGEST = 2_000, 16 * 1024 * 1024, 64 * 1024 * 1024
CATEGORIES = "leakage, skew, errors, monitoring, evaluation, reproducibility, fairness, serving, security"
DECISION = re.compile(r"\b(?:ship|hold|go|no-go|approve|reject)\b", re.IGNORECASE)
PARTS = {
    "a decision": r"decision|verdict|ship",
    "the first three fixes": r"first (?:three|3)|priorit|top (?:three|3)",
    "the first hour": r"first hour|immediate",
    "how to roll back": r"roll(?:ing)?[ -]?back|revert",
    "what to watch": r"watch|monitor",
    "tools": r"tools|assistan",
}


def main(*arguments: str) -> int:
    """Run one task; 0 where nothing is missing."""
    tasks = {"setup": set_up, "check": check, "submit": submit}
    if len(arguments) != 1 or arguments[0] not in tasks:
        print(f"usage: python -m tasks {'|'.join(tasks)}")
        return 2
    os.chdir(HERE)
    return tasks[arguments[0]]()


def set_up() -> int:
    """Make ``.venv`` with what ``requirements.txt`` names."""
    import venv

    venv.EnvBuilder(with_pip=True).create(HERE / ".venv")
    done = subprocess.run([python(), "-m", "pip", "install", "-q", "-r", "requirements.txt"], check=False)
    print("ready: .venv" if not done.returncode else "pip could not install everything; see above")
    return done.returncode


def check() -> int:
    """Run the visible tests, and look at the review and the entry points."""
    failed = run_tests()
    found = problems()
    for problem in found:
        print(f"look at: {problem}")
    if not found:
        print("review and entry points: nothing is missing in their form")
    print("\nThis checks format and visible tests only.")
    return 1 if failed or found else 0


def problems() -> list[str]:
    """Look at the form of everything that is handed in but the code itself."""
    return [*review_problems(), *diagnosis_problems(), *contract_problems()]


def submit() -> int:
    """Pack the files that are handed in, and print what they are."""
    files, obstacles = collected()
    if obstacles:
        for problem in obstacles:
            print(f"cannot be packed: {problem}")
        return 1
    total = hashlib.sha256(b"submission 1\n")
    fresh = HERE / f".{ARCHIVE}.part"
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items(), key=lambda item: item[0].encode()):
            content = path.read_bytes()
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no time, no user, no machine
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(info, content)
            print(f"  {len(content):>10,}  {name}")
    fresh.replace(HERE / ARCHIVE)
    print(f"\n{len(files)} files in {ARCHIVE}; no history, author or e-mail address goes with them.")
    for problem in problems():
        print(f"missing: {problem}")
    print(f"receipt: {total.hexdigest()}")
    return 0


def python() -> str:
    """Find the interpreter that has the packages, if it was set up."""
    places = [HERE / ".venv" / "bin" / "python", HERE / ".venv" / "Scripts" / "python.exe"]
    return str(next((place for place in places if place.exists()), sys.executable))


def run_tests() -> bool:
    """Run what is in ``tests/``; true where something failed."""
    if not any((HERE / "tests").glob("test_*.py")):
        print("tests: there are none")
        return False
    if subprocess.run([python(), "-c", "import pytest"], capture_output=True, check=False).returncode:
        print("tests: not run, because pytest is not installed; `python -m tasks setup` installs it")
        return False
    settings = tomls("exercise.toml").get("contract", {})
    paths = os.pathsep.join([*(str(HERE / path) for path in settings.get("paths", ["src"])), str(HERE)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return bool(subprocess.run(command, env=environment, check=False).returncode)


def tomls(name: str) -> dict[str, Any]:
    """Read a TOML file; an empty one where it is missing or broken."""
    import tomllib

    try:
        return tomllib.loads((HERE / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


# The diagnosis


def diagnosis_problems() -> Iterator[str]:
    """Look at whether a diagnosis, where one is asked for, can be read and leaves nothing open."""
    import tomllib

    path = HERE / "diagnosis.toml"
    if not path.exists():
        return
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        yield f"diagnosis.toml cannot be read: {error}"
        return
    left = [name for name, value in said.items() if not str(value).strip()]
    if left:
        yield f"diagnosis.toml says nothing about {', '.join(left)}"


# The review


def review_problems() -> Iterator[str]:
    """Look at the form of the review, not at what it says."""
    path = next((path for path in sorted(HERE.iterdir()) if path.name.casefold() == "review.md"), None)
    if path is None:
        yield "there is no REVIEW.md"
        return
    text = path.read_text("utf-8", errors="replace")
    text = re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    sections = list(headings(text))
    for what, pattern in PARTS.items():
        said = " ".join(body for title, _, body in sections if re.search(pattern, title, re.IGNORECASE))
        said += " ".join(
            re.findall(rf"^\W*(?:\w+ )?(?:{pattern})\W*:(.+)$", text, re.IGNORECASE | re.MULTILINE)
        )
        if not re.search(r"[a-zA-Z]", said) and not (what == "a decision" and DECISION.search(text)):
            yield f"{path.name}: nothing about {what}"
    if not re.search(
        r"^\W*(?:\*\*)?(?:where|file|location|place)\b|\w\.(?:py|ipynb)\b", text, re.IGNORECASE | re.MULTILINE
    ):
        yield f"{path.name}: no finding names a place"
    for number, line in enumerate(text.splitlines(), start=1):
        stated = re.match(r"^\W*category\W+(?P<value>[\w /,-]+?)\W*$", line, re.IGNORECASE)
        if stated and not any(name[:4] in stated["value"].casefold() for name in CATEGORIES.split(", ")):
            yield f"{path.name}:{number}: category `{stated['value'].strip()}` is none of {CATEGORIES}"


def headings(text: str) -> Iterator[tuple[str, int, str]]:
    """Split Markdown at its headings into title, line and text."""
    parts = re.split(r"^(#{1,6}\s.*)$", text, flags=re.MULTILINE)
    line = parts[0].count("\n") + 1
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield title.strip("# \t"), line, body
        line += body.count("\n")


# The entry points


def contract_problems() -> Iterator[str]:
    """Look whether the entry points are where they have to be, without running anything."""
    settings = tomls("exercise.toml")
    if not settings:
        yield "exercise.toml is missing or broken; restore it"
    contract = settings.get("contract", {})
    paths = contract.get("paths", ["src"])
    for entry in contract.get("entry", []):
        module, _, function = entry["call"].partition(":")
        yield from entry_problems(entry["call"], module, function, list(entry.get("arguments", {})), paths)
    for notebook in contract.get("notebook", []):
        yield from notebook_problems(notebook)
    allowed = settings.get("environment", {}).get("packages", [])
    yield from import_problems(allowed, paths)


def entry_problems(
    call: str, module: str, function: str, wanted: list[str], paths: list[str]
) -> Iterator[str]:
    """Look for one function and its arguments."""
    stem = module.replace(".", "/")
    places = [HERE / path / f"{stem}{end}" for path in paths for end in (".py", "/__init__.py")]
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        yield f"the entry point {call} has no file {paths[0]}/{stem}.py"
        return
    tree, problem = parsed(file.read_bytes(), str(file.relative_to(HERE)))
    if tree is None:
        yield problem
        return
    name = function.split(".", maxsplit=1)[0]
    found = defined(tree, name)
    if found is None:
        yield f"the entry point {call} is not defined in {file.relative_to(HERE)}"
    elif isinstance(found, ast.FunctionDef):
        named = [
            argument.arg for argument in (*found.args.posonlyargs, *found.args.args, *found.args.kwonlyargs)
        ]
        lost = [argument for argument in wanted if argument not in named]
        if lost and not found.args.kwarg and "." not in function:
            yield f"{file.relative_to(HERE)}:{found.lineno}: {name} does not take {', '.join(lost)}"


def parsed(source: bytes, name: str) -> tuple[ast.Module | None, str]:
    """Parse Python, or say what is wrong with it."""
    try:
        return ast.parse(source), ""
    except (SyntaxError, ValueError) as error:
        return None, f"{name}:{getattr(error, 'lineno', 0) or 1}: {getattr(error, 'msg', error)}"


def defined(tree: ast.Module, name: str) -> ast.AST | None:
    """Find what a module binds to a name, also inside `if` and `try`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.Import | ast.ImportFrom) and any(
            (item.asname or item.name) == name for item in node.names
        ):
            return node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name:
            return node
    return None


def cells(path: Path) -> list[str] | None:
    """Read the code of a notebook's cells, shell and magic lines left out; None where it is no notebook."""
    try:
        found = json.loads(path.read_text("utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE) for source in sources]


def notebook_problems(notebook: dict[str, Any]) -> Iterator[str]:
    """Look for a notebook and the names that it has to define."""
    name = notebook["path"]
    sources = cells(HERE / name)
    if sources is None:
        yield f"{name} is missing, or is no notebook"
        return
    trees = []
    for number, source in enumerate(sources, start=1):
        tree, problem = parsed(source.encode(), f"{name} code cell {number}")
        if tree is None:
            yield problem
        else:
            trees.append(tree)
    for wanted in (*notebook.get("defines", {}), *notebook.get("functions", {})):
        if not any(defined(tree, wanted) for tree in trees):
            yield f"{name} defines no `{wanted}`"


def import_problems(allowed: list[str], paths: list[str]) -> Iterator[str]:
    """Look for imports that will not be there when the code is run."""
    roots = [HERE / path for path in paths] + [HERE]
    own = {path.name.removesuffix(".py") for root in roots if root.is_dir() for path in root.iterdir()}
    known = {*allowed, *own, *sys.stdlib_module_names}
    files = {path for root in roots[:-1] if root.is_dir() for path in root.rglob("*.py")}
    for path in sorted([*files, *HERE.glob("notebooks/*.ipynb")]):
        sources = (
            cells(path) or [] if path.suffix == ".ipynb" else [path.read_text("utf-8", errors="replace")]
        )
        for source in sources:
            for line, name in imported(source):
                if name not in known:
                    yield f"{path.relative_to(HERE)}:{line}: imports `{name}`, which will not be there"


def imported(source: str) -> Iterator[tuple[int, str]]:
    """List the top-level packages that a source imports."""
    tree, _ = parsed(source.encode(), "")
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from ((node.lineno, item.name.split(".")[0]) for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


# The archive


def collected() -> tuple[dict[str, Path], list[str]]:
    """List the files that are handed in by name, and what stands in the way."""
    files: dict[str, Path] = {}
    problems: list[str] = []
    for base, folders, names in os.walk(HERE):
        folders[:] = [name for name in folders if not junk(name)]
        for name in [*folders, *names]:
            path = Path(base, name)
            shown = unicodedata.normalize("NFC", path.relative_to(HERE).as_posix())
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                problems += [] if junk(name) else [f"{shown} is no regular file; put a copy in its place"]
            elif path.is_file() and not junk(name) and shown not in {ARCHIVE, f".{ARCHIVE}.part"}:
                files[shown] = path
    sizes = {name: path.stat().st_size for name, path in files.items()}
    problems += [
        f"{name} has {size:,} bytes; {LARGEST_FILE:,} are allowed"
        for name, size in sizes.items()
        if size > LARGEST_FILE
    ]
    if sum(sizes.values()) > LARGEST:
        problems.append(f"all files together have {sum(sizes.values()):,} bytes; {LARGEST:,} are allowed")
    if len(files) > MOST_FILES:
        problems.append(f"there are {len(files):,} files; {MOST_FILES:,} are allowed")
    return files, problems


def junk(name: str) -> bool:
    """Tell what tools leave behind."""
    folded = name.casefold()
    return folded in LEFT_OUT or name.startswith("._") or folded.endswith(LEFT_OUT_ENDINGS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
