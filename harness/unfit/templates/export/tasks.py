"""Tasks: set up, check and hand in. Needs Python 3.11 or later, nothing else: ``python -m tasks check``."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ARCHIVE = "submission.zip"
POINTER = b"version https://git-lfs.github.com/spec/"
LEFT_OUT = {
    ".git", ".hg", ".svn", ".jj", ".venv", "venv", ".tox", ".nox", ".eggs", "node_modules", "__pycache__",
    ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".coverage",
    "htmlcov", ".import_linter_cache", ".cache", ".direnv", ".idea", ".vscode", "__macosx", ".ds_store",
    "thumbs.db", "desktop.ini", "icon\r", ".devcontainer",
}  # fmt: skip
OF_AN_ENVIRONMENT = {
    "bin", "lib", "lib64", "include", "share", "etc", "scripts", "man", "pyvenv.cfg", "conda-meta",
}  # fmt: skip
"""What stands in the folder of an environment, which may be the project's own."""
LEFT_OUT_ENDINGS = (".pyc", ".pyo", ".egg-info")
MOST_FILES, LARGEST_FILE, LARGEST = 2_000, 16 * 1024 * 1024, 64 * 1024 * 1024
DEEPEST, LONGEST_PART, LONGEST_PATH = 24, 255, 1024
LARGEST_REVIEW = 192 * 1024
LITTLE = 256 * 1024 * 1024
"""Bytes in which nothing can be installed."""
CATEGORIES = "leakage, skew, errors, monitoring, evaluation, reproducibility, fairness, serving, security"
FOREIGN = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun)\b)")
"""How a cell begins that is no Python: `%%sql`, `%%bash`, `%%html`."""
KNOWN = re.compile(
    r"lea[ck]|fehler|contamin|look.?ahead|skew|mismatch|error|exception|robust|reliab|fail|"
    r"fault|resilien|monitor|observ|alert|logging|drift|telemetry|eval|metric|valid|measur|statist|method|repro|"
    r"determin|seed|random|state|fair|bias|ethic|discrimin|serv|latency|perform|scalab|deploy|cach|throughput|"
    r"inference|ops|operations|secur|privacy|pii|protection|secret|gdpr",
    re.IGNORECASE,
)
"""Words by which categories are recognised."""
DECISION = re.compile(r"\b(?:ship|hold|go|no-go|approve|reject)\b", re.IGNORECASE)
PLACE = re.compile(
    r"^\W*(?:\*\*)?(?:where|file|location|place)\b|\w\.(?:py|ipynb|sql|toml|csv|md)\b|`[\w.]+\(?\)?`|"
    r"\bcell\b|\bwhole (?:service|project)\b",
    re.IGNORECASE | re.MULTILINE,
)
COMMENT = re.compile(
    r"(?:#|//|--)\s*REVIEW\s*(?:[(\[][^)\]\n]{0,80}[)\]])?\s*[:\-–—]"  # noqa: RUF001 - dashes
)
HEADING = re.compile(
    r"^(?:#{1,6}\s.*|\*\*[^*\n]+\*\*:?\s*|[A-Z][A-Z '’]{3,40}:?\s*)$",  # noqa: RUF001 - quote
    re.MULTILINE,
)
PARTS = {
    "a decision": r"decision|verdict|ship",
    "the first three fixes": r"first (?:three|3)|fix(?:es)? first|priorit|top (?:three|3)",
    "the first hour": r"first hour|immediate",
    "how to roll back": r"roll(?:ing)?[ -]?back|revert",
    "what to watch": r"watch|monitor",
    "tools": r"\btools?\b|assistan",
}


def main(*arguments: str) -> int:
    """Run one task; 0 where nothing is missing."""
    tasks = {"setup": set_up, "check": check, "submit": submit}
    if len(arguments) != 1 or arguments[0] not in tasks:
        print(f"usage: python -m tasks {'|'.join(tasks)}")
        return 2
    os.chdir(HERE)
    try:
        return tasks[arguments[0]]()
    except OSError as error:
        print(f"stopped: {error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        print("stopped")
    return 1


def set_up() -> int:
    """Make ``.venv`` with what ``requirements.txt`` names, by uv where that is installed."""
    import shutil

    place = HERE / ".venv"
    uv = shutil.which("uv")
    if Path(sys.prefix).resolve() != place:  # a Python cannot make the environment that it runs in
        print("making .venv", flush=True)
        if watched([sys.executable, "-m", "venv", *(["--without-pip"] if uv else []), str(place)]):
            return not_set_up("on Debian or Ubuntu, install python3-venv first")
    if (HERE / "requirements.txt").read_text("utf-8").strip():
        print("installing what requirements.txt names; the first time this takes a minute", flush=True)
        pip = [uv, "pip", "install", "--python", python()] if uv else [python(), "-m", "pip", "install"]
        if watched([*pip, "-r", "requirements.txt"]):
            return not_set_up("look at the lines above; most often the package index cannot be reached")
    print("ready: .venv")
    return 0


def not_set_up(fix: str) -> int:
    """Say what to do, most of all where a disk is full."""
    import shutil
    import tempfile

    for folder, remedy in ((tempfile.gettempdir(), "TMPDIR=FOLDER make setup"), (str(HERE), "another disk")):
        free = shutil.disk_usage(folder).free
        if free < LITTLE:
            print(f"there is little room in {folder}: {free:,} bytes")
            fix = f"make room there, or use another folder: {remedy}"
    print(f"stopped: .venv is not complete\n  fix: {fix}; then run it again")
    return 1


def watched(command: list[str]) -> int:
    """Run a program, and show what it does now: its lines, or a dot where it says nothing."""
    import queue
    import threading

    program = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in program.stdout or ():
            lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    began, said = time.monotonic(), ""
    while reader.is_alive() or not lines.empty():
        try:
            said = lines.get(timeout=3).rstrip()
            if not said.lstrip().startswith(("Using cached", "Requirement already", "[notice]")):
                print(f"  {said[:150]}", flush=True)
        except queue.Empty:
            if reader.is_alive():
                print(f"  still at it after {time.monotonic() - began:.0f} seconds", flush=True)
    return program.wait()


def check() -> int:
    """Run the visible tests, and look at the review and the entry points."""
    failed = run_tests()
    found = problems()
    for problem in found:
        print(f"look at: {problem}")
    if not found:
        print("review and entry points: nothing is missing in their form")
    for note in notes():
        print(note)
    print("\nThis checks format and visible tests only.")
    return 1 if failed or found else 0


def problems() -> list[str]:
    """Look at the form of everything that is handed in but the code itself."""
    return [*receipt_problems(), *review_problems(), *diagnosis_problems(), *contract_problems()]


def notes() -> Iterator[str]:
    """Say what else there is, and what was left open; neither has to be otherwise."""
    beside = comments()
    if beside:
        some = f"{len(beside)} REVIEW comment{'s' * (len(beside) > 1)}"
        yield f"beside the code: {some} ({', '.join(beside[:5])})"
    left = [name for name, value in tomls("diagnosis.toml").items() if not str(value).strip()]
    if left:
        yield f"left open in diagnosis.toml: {', '.join(left)}"


def receipt_problems() -> Iterator[str]:
    """Look whether the receipt is there that says what was handed out."""
    try:
        whole = isinstance(json.loads((HERE / "receipt.json").read_bytes()), dict)
    except (OSError, ValueError, RecursionError):
        whole = False
    if not whole:
        yield "receipt.json is missing or broken; restore it from what you were sent"


def submit() -> int:
    """Pack the files that are handed in, and print what they are."""
    files, aside, obstacles = collected()
    if obstacles:
        for problem in obstacles:
            print(f"cannot be packed: {problem}")
        print(f"\n{ARCHIVE} was not written")
        return 1
    total = hashlib.sha256(b"submission 1\n")
    fresh = HERE / f".{ARCHIVE}.part"
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items(), key=lambda item: item[0].encode()):
            content = packed(path)
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no time, no user, no machine
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(info, content)
            print(f"  {len(content):>10,}  {name}")
    fresh.replace(HERE / ARCHIVE)
    print(f"\n{len(files)} files in {ARCHIVE}, without history, times or outputs of notebooks.")
    for what in aside:
        print(f"left out: {what}")
    for name, path in sorted(files.items()):
        if path.open("rb").read(len(POINTER)) == POINTER:
            print(f"look at: {name} is a pointer of Git LFS, not the file; fetch it with `git lfs pull`")
    for place in personal(files):
        print(f"look at: {place}; take it out if you would rather not hand it in")
    for problem in problems():
        print(f"missing: {problem}")
    print(f"checksum: {total.hexdigest()}")
    print(f"receipt: {receipt() or 'none'}")
    return 0


def receipt() -> str:
    """Read what the receipt is called by: the number that both sides compare; empty where it is broken."""
    try:
        return str(json.loads((HERE / "receipt.json").read_bytes())["nonce"])[:8]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return ""


def packed(path: Path) -> bytes:
    """Read a file as it is handed in: a notebook without outputs, counts and authors, all else as it is."""
    content = path.read_bytes()
    if path.suffix != ".ipynb":
        return content
    try:
        notebook = json.loads(content)
        metadata = notebook["metadata"]
        kept = {name: value for name, value in metadata.items() if name in {"kernelspec", "language_info"}}
        code = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
        if kept == metadata and not any(cell.get("outputs") or cell.get("execution_count") for cell in code):
            return content
        notebook["metadata"] = kept
        for cell in code:
            cell |= {"outputs": [], "execution_count": None}
        return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return content


def personal(files: dict[str, Path]) -> Iterator[str]:
    """Name lines that hold the candidate's name, address or home folder, as git and the system know them."""
    shortest = 5
    known = {"your name": git("user.name"), "your e-mail address": git("user.email")}
    known["your home folder"] = str(Path.home())
    known = {what: value for what, value in known.items() if len(value) >= shortest and value != "/root"}
    for name, path in sorted(files.items()):
        text = packed(path).decode("utf-8", "replace")
        for what, value in known.items():
            if found := re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE):
                yield f"{name}:{text[: found.start()].count(chr(10)) + 1} holds {what}"


def git(setting: str) -> str:
    """Ask git for a setting; empty where it has none, or is not here."""
    try:
        done = subprocess.run(
            ["git", "config", "--get", setting], capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except (OSError, ValueError):
        return ""
    return done.stdout.strip()


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
        why = "there is no .venv" if not (HERE / ".venv").exists() else "pytest is not installed"
        print(f"tests: not run, because {why}; `python -m tasks setup` mends that")
        return False
    settings = tomls("exercise.toml").get("contract", {})
    paths = os.pathsep.join([*(str(HERE / path) for path in settings.get("paths", ["src"])), str(HERE)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    failed = bool(subprocess.run(command, env=environment, check=False).returncode)
    if failed and not (HERE / ".venv").exists():
        print(
            "tests: there is no .venv; if something could not be imported, run `python -m tasks setup` first"
        )
    return failed


def tomls(name: str) -> dict[str, Any]:
    """Read a TOML file; an empty one where it is missing or broken."""
    import tomllib

    try:
        return tomllib.loads((HERE / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


# The diagnosis


def diagnosis_problems() -> Iterator[str]:
    """Look at whether a diagnosis, where one is asked for, can be read and says what can be counted."""
    import tomllib

    path = HERE / "diagnosis.toml"
    try:
        asked = "diagnosis.toml" in (HERE / "TASK.md").read_text("utf-8", errors="replace")
        text = path.read_text("utf-8")
        said = tomllib.loads(text)
    except FileNotFoundError:
        if not path.exists() and asked:
            yield "there is no diagnosis.toml; restore it from what you were sent"
        return
    except (OSError, ValueError, RecursionError) as error:
        yield f"diagnosis.toml cannot be read: {error}"
        return
    if not any(str(value).strip() for value in said.values()):
        yield "diagnosis.toml is not filled in"
        return
    for explained, name in re.findall(r"((?:^#.*\n)+)^(\w+)\s*=", text, re.MULTILINE):
        value = str(said.get(name, "")).strip()
        choices = re.findall(r'^#\s+"([^"]+)"', explained, re.MULTILINE) if "One of" in explained else []
        if value and choices and value.casefold() not in choices:
            yield f"diagnosis.toml: {name} = `{value}` is none of {', '.join(choices)}"
        if value and re.search(r"\d{4}-\d\d-\d\d", explained) and not re.match(r"\d{4}-\d\d-\d\d", value):
            yield f"diagnosis.toml: {name} = `{value}` is no date such as 2026-01-31"


# The review


def review_problems() -> Iterator[str]:
    """Look at the form of the review, not at what it says."""
    path = next((path for path in sorted(HERE.iterdir()) if path.name.casefold() == "review.md"), None)
    if path is None or not path.is_file():
        yield "there is no REVIEW.md"
        return
    size = path.stat().st_size
    if size > LARGEST_REVIEW:
        yield f"{path.name} has {size:,} bytes; only the first {LARGEST_REVIEW:,} are read"
    text = plain_text(path)
    sections = list(headings(text))
    if not re.search(r"[^\W\d_]", HEADING.sub("", text)):
        yield f"{path.name} is not filled in"
        return
    for what, pattern in PARTS.items():
        said = " ".join(body for title, _, body in sections if re.search(pattern, title, re.IGNORECASE))
        said += " ".join(
            re.findall(rf"(?im)^\W*(?:\w+ ){{0,4}}(?:{pattern})[^:\n]{{0,40}}:(.+)$", text)
        )
        if not re.search(r"[^\W\d_]", said) and not (what == "a decision" and DECISION.search(text)):
            yield f"{path.name}: nothing about {what}"
    if not PLACE.search(text) and not comments():
        yield f"{path.name}: no finding names a place"
    yield from finding_problems(path.name, text)


def plain_text(path: Path) -> str:
    """Read a review, whatever editor wrote it, with comments and code blocked out."""
    with path.open("rb") as file:
        content = file.read(LARGEST_REVIEW)
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if utf16 else "utf-8-sig", errors="replace").replace("\r\n", "\n")
    for pattern in (r"<!--.*?(?:-->|\Z)", r"^```.*?(?:^```|\Z)"):
        text = re.sub(
            pattern, lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
        )
    return re.sub(
        r"^(?=.*[^\W\d_])(?![-*+>|#\d])(.{1,80})\n(?:={3,}|-{3,})[ \t]*$", r"# \1\n", text, flags=re.MULTILINE
    )


def finding_problems(name: str, text: str) -> Iterator[str]:
    """Look whether each finding under a heading of its own names a place, and a category that is known."""
    marks = list(re.finditer(r"^(#{1,6})\s+(.*)$", text, re.MULTILINE))
    within = inner = 0
    for number, mark in enumerate(marks):
        depth, title = len(mark[1]), mark[2].strip("#*: \t")
        if re.fullmatch(
            r"(?:\d+[.)]?\s*)?(?:my |the )?(?:findings|issues|problems)(?: found)?", title, re.IGNORECASE
        ):
            within, inner = depth, 0
        elif depth <= within:
            within = 0
        elif within and depth <= (inner or depth):
            inner = depth
            end = next((other.start() for other in marks[number + 1 :] if len(other[1]) <= depth), len(text))
            body = text[mark.end() : end]
            if re.search(r"[^\W\d_]", body) and not PLACE.search(f"{title}\n{body}"):
                line = text[: mark.start()].count("\n") + 1
                what = f"finding `{title[:60]}` names no place: file and line, function, or cell"
                yield f"{name}:{line}: {what}"
    for number, row in enumerate(text.splitlines(), start=1):
        stated = re.match(r"^\W*category\W+(?P<value>[\w /,-]+?)\W*$", row, re.IGNORECASE)
        value = stated["value"].strip() if stated else ""
        if (
            re.search(r"[^\W\d_]", value)
            and value.casefold() not in {"none", "n/a"}
            and not KNOWN.search(value)
        ):
            yield f"{name}:{number}: category `{value}` is none of {CATEGORIES}"


def headings(text: str) -> Iterator[tuple[str, int, str]]:
    """Split Markdown at its headings into title, line and text; bold and upper-case lines are headings."""
    found = list(HEADING.finditer(text))
    for number, heading in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        yield heading[0], text[: heading.start()].count("\n") + 1, text[heading.end() : end]


def comments() -> list[str]:
    """Name the files that hold findings beside the code, one entry a comment."""
    files, _, _ = collected()
    places = [
        (name, path) for name, path in sorted(files.items()) if path.suffix in {".py", ".ipynb", ".sql"}
    ]
    return [
        name
        for name, path in places
        if name != "tasks.py"
        for _ in COMMENT.findall(path.read_text("utf-8", errors="replace"))
    ]


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
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    plain = ["" if FOREIGN.match(source) else source for source in sources]
    magic = re.compile(r"^(\s*)([\w, ]+=\s*)?[%!].*$", re.MULTILINE)
    return [magic.sub(r"\1\2None", source) for source in plain]


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


def collected() -> tuple[dict[str, Path], list[str], list[str]]:
    """List the files that are handed in by name, what is left out and why, and what stands in the way."""
    files: dict[str, Path] = {}
    aside: list[str] = []
    problems: list[str] = []
    wanted = needed()
    made = {ARCHIVE, f".{ARCHIVE}.part", *generated()}

    def stop(shown: str, what: str, remedy: str) -> None:
        if any(f"{shown}/".startswith(f"{path}/") or path.startswith(f"{shown}/") for path in wanted):
            problems.append(f"{printable(shown)} {what}; {remedy}")
        else:
            aside.append(f"{printable(shown)} {what}")

    for base, folders, names in os.walk(HERE):
        environment = "pyvenv.cfg" in names or "conda-meta" in folders
        if environment and Path(base) != HERE:
            aside.append(f"{printable(Path(base).relative_to(HERE).as_posix())} is an environment")
            folders.clear()
            continue
        if environment:
            folders[:] = [name for name in folders if name.lower() not in OF_AN_ENVIRONMENT]
            names[:] = [name for name in names if name.lower() not in OF_AN_ENVIRONMENT]
        folders[:] = [
            name
            for name in folders
            if not junk(name) and Path(base, name).relative_to(HERE).as_posix() not in made
        ]
        for name in sorted([*folders, *names]):
            path = Path(base, name)
            shown = unicodedata.normalize("NFC", path.relative_to(HERE).as_posix()).replace("\\", "/")
            if junk(name) or shown in made:
                continue
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                stop(shown, "is no regular file", "put a copy in its place")
            elif bad := bad_name(shown):
                aside.append(f"{printable(shown)} {bad}")
            elif path.is_file() and shown in files:
                stop(shown, "is there twice, written with other letters", "keep one of them")
            elif path.is_file() and (size := len_of(path)) > LARGEST_FILE:
                remedy = "clear its outputs" if path.suffix == ".ipynb" else "make it smaller"
                stop(shown, f"has {size:,} bytes, where {LARGEST_FILE:,} are allowed", remedy)
            elif path.is_file():
                files[shown] = path
    return files, aside, [*problems, *oversized(files)]


def generated() -> list[str]:
    """Read what the project's own commands write."""
    named = tomls("exercise.toml").get("generated", [])
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def needed() -> list[str]:
    """List the paths that grading needs: code, notebooks and the review."""
    contract = tomls("exercise.toml").get("contract", {})
    notebooks = [notebook.get("path", "") for notebook in contract.get("notebook", [])]
    return ["REVIEW.md", "diagnosis.toml", *contract.get("paths", ["src"]), *notebooks]


def len_of(path: Path) -> int:
    """Measure a file as it is packed."""
    size = path.stat().st_size
    return len(packed(path)) if path.suffix == ".ipynb" and LARGEST_FILE < size < LARGEST else size


def oversized(files: dict[str, Path]) -> Iterator[str]:
    """Name what is more than is taken."""
    total = sum(path.stat().st_size for path in files.values() if path.suffix != ".ipynb")
    if total > LARGEST:
        yield f"all files together have {total:,} bytes; {LARGEST:,} are allowed"
    if len(files) > MOST_FILES:
        yield f"there are {len(files):,} files; {MOST_FILES:,} are allowed"


def bad_name(shown: str) -> str:
    """Say why a path cannot be handed in; empty where it can."""
    parts = shown.split("/")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in shown):
        return "has an invisible or undecodable character in its name"
    if ".." in parts or re.match(r"[A-Za-z]:", shown):
        return "has a drive or a way out in its name"
    longest = max(len(part.encode()) for part in parts)
    if longest > LONGEST_PART or len(shown.encode()) > LONGEST_PATH or len(parts) > DEEPEST:
        return "has too long a name, or lies too deep"
    return ""


def printable(text: str) -> str:
    """Make a name fit to be printed."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def junk(name: str) -> bool:
    """Tell what tools leave behind."""
    folded = name.casefold()
    return folded in LEFT_OUT or name.startswith("._") or folded.endswith(LEFT_OUT_ENDINGS)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one is told
        sys.exit("needs Python 3.11 or later; try python3.11, python3.12 or python3.13")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main(*sys.argv[1:]))
