"""Functions run: which functions of a tree ran in this process, so that an answer counts for every tree that has these.

This is asked about an author's own trees only. Nobody believes it of what a candidate hands in.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import marshal
import os
import resource
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType
from typing import Any, Final

from unfit.worker.own_code import OwnCode

__all__ = ["OUTSIDE", "FunctionsRun", "compiled", "digests_of_functions"]

OUTSIDE: Final = ""
"""What stands for all of a module that is in no function."""
MARK: Final = "__unfit_ran__"
OTHER_PROCESSES: Final = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def digests_of_functions(source: bytes) -> dict[str, str]:
    """Hash each function of a module apart, and all that is in none.

    Parameters
    ----------
    source : bytes
        The module's text.

    Returns
    -------
    digests : dict of str to str
        By the function's name, which is that of `FunctionsRun.report`; the empty name stands for all the rest: the
        functions' heads and docstrings, classes, and what runs when the module is imported. Comments and the layout
        of lines count for nothing. Empty where the text does not compile. Trees share most of their modules, so a
        module is read once; nobody may change what is returned.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found = {}
    for name, function in _functions(tree):
        head = _head(function)
        found[name] = _digest(*function.body[head:])
        del function.body[head:]
    return {**found, OUTSIDE: _digest(tree)}


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """List the functions of a module and the methods of its classes; what lies within a function is a part of it."""
    seen: Counter[str] = Counter()

    def look(body: list[ast.stmt], place: str) -> Iterator[tuple[str, Function]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from look(node.body, f"{place}{node.name}.")
            elif isinstance(node, Function):
                name = f"{place}{node.name}"
                seen[name] += 1
                yield f"{name} {seen[name]}", node

    return look(tree.body, "")


def _head(function: Function) -> int:
    """Return at which statement a function begins to do something."""
    return int(ast.get_docstring(function, clean=False) is not None)


def _digest(*nodes: ast.AST) -> str:
    return hashlib.sha256("\n".join(map(ast.dump, nodes)).encode(errors="surrogatepass")).hexdigest()


@lru_cache(maxsize=1024)
def compiled(source: bytes, name: str) -> bytes:
    """Compile a module whose functions say that they run, so that no process of the sandbox needs to.

    Parameters
    ----------
    source : bytes
        The module's text.
    name : str
        Its path in the tree.

    Returns
    -------
    code : bytes
        What `FunctionsRun` takes for this text, in a process of the same Python; empty where it does not compile.
    """
    try:
        return _head_of(source) + marshal.dumps(_code(source, name, name))
    except (SyntaxError, ValueError):
        return b""


def _head_of(source: bytes) -> bytes:
    """Say for which Python and which text code is compiled."""
    return MAGIC_NUMBER + source_hash(source)


def _code(source: bytes, name: str, path: str) -> CodeType:
    """Compile a module, and let each of its functions say that it runs."""
    tree = ast.parse(source, path)
    for function, node in _functions(tree):
        head = _head(node)
        call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(name), ast.Constant(function)], [])
        mark = ast.copy_location(ast.Expr(call), node.body[min(head, len(node.body) - 1)])
        node.body.insert(head, ast.fix_missing_locations(mark))
    code: CodeType = compile(tree, path, "exec", dont_inherit=True)
    return code


def _placed(code: CodeType, path: str) -> CodeType:
    """Let code say that it comes from a file."""
    parts = (_placed(part, path) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=path, co_consts=tuple(parts))


class FunctionsRun:
    """Take note, from now on, of every function of the submission that runs in this process.

    Parameters
    ----------
    code : OwnCode
    ready : mapping of str to bytes
        What `compiled` makes of modules, by path. A module that is not there, or reads otherwise here, is compiled.

    Notes
    -----
    A module's code gets a mark at the beginning of each function when it is imported. A module that is read in any
    other way as well, or that another process might have read, counts as a whole.
    """

    def __init__(self, code: OwnCode, ready: Mapping[str, bytes]) -> None:
        self._code = code
        self._ready = ready
        self._ran: defaultdict[str, set[str]] = defaultdict(set)
        self._imported: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        self._alone = True
        setattr(builtins, MARK, lambda module, name: self._ran[module].add(name))
        loading: Any = SourceFileLoader
        plain = loading.source_to_code

        def marked(loader: SourceFileLoader, data: Any, path: Any, **how: Any) -> Any:
            return self._import(data, path) if code.inside(path) else plain(loader, data, path, **how)

        loading.source_to_code = marked
        sys.addaudithook(self._heed)

    def report(self) -> dict[str, list[str]]:
        """List the functions that have run, by the path of their module.

        Returns
        -------
        ran : dict of str to list of str
            Modules that are not in it count as a whole.
        """
        if not self._alone or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss:
            return {}
        only_imported = (name for name, times in self._imported.items() if times == self._read[name])
        return {name: sorted(self._ran[name]) for name in only_imported}

    def _import(self, source: bytes, path: str) -> CodeType:
        """Return the code of a module that is imported."""
        name = self._code.label(path)
        self._imported[name] += 1
        ready, head = self._ready.get(name, b""), _head_of(source)
        if ready.startswith(head):
            return _placed(marshal.loads(ready[len(head) :]), path)  # noqa: S302  (the grader compiled it)
        return _code(source, name, path)

    def _heed(self, event: str, args: tuple[Any, ...]) -> None:
        """Hear of files that are opened and of processes that are started."""
        if event in OTHER_PROCESSES:
            self._alone = False
        elif event == "open" and isinstance(args[0], str) and args[0].endswith(".py"):
            path = os.path.join(os.getcwd(), args[0])
            if self._code.inside(path):
                self._read[self._code.label(path)] += 1
