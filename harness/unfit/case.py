"""A case: what one hidden check holds in its hands while it experiments on a submission."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, NoReturn, Self, TypeVar

import numpy as np
import pandas as pd

from unfit.bank import Contract, NotebookEntry
from unfit.contract_types import ContractBroken, Types
from unfit.difference_in_words import contrast
from unfit.errors import CheckError
from unfit.grades import Evidence, Outcome
from unfit.noise import change, explains
from unfit.relabel import Labels, draw
from unfit.sandbox import Call, Fault, FaultKind, Limits, Notebook, Reply, Session, Worker
from unfit.wire import Double, Folder

__all__ = ["Attempt", "Case", "CaseSession", "Ended", "Run", "Terms"]

Direction = Literal["at most", "at least"]
Input = TypeVar("Input")
Output = TypeVar("Output")


class Ended(Exception):
    """A check's ending that is not up to its comparisons."""

    def __init__(self, outcome: Outcome, cause: str, *, fault: Fault | None = None) -> None:
        super().__init__(cause)
        self.outcome = outcome
        self.cause = cause
        self.kind = fault.kind if fault else None
        self.where = fault.where if fault else ""
        self.detail = fault.detail if fault else ""
        self.replayable = fault.replayable if fault else True


class Terms:
    """The contract, ready for use: what each entry point may cost and must return."""

    def __init__(self, contract: Contract, *, source: str) -> None:
        self.types = Types(contract.types, source=source)
        self.returns = {entry.call: entry.returns for entry in contract.entry}
        self.seconds = {entry.call: entry.seconds for entry in contract.entry}
        self.notebooks = {notebook.path: notebook for notebook in contract.notebook}
        for expression in self.returns.values():
            self.types.annotation(expression)

    def limits(self, entry: str) -> Limits:
        """Bound the processor by the contract, and the wall so that only waiting can reach it."""
        return _limits(self.seconds.get(entry, 10.0))

    def notebook(self, path: str) -> NotebookEntry:
        """Look up a notebook of the contract."""
        if path not in self.notebooks:
            known = ", ".join(self.notebooks) or "no notebook"
            raise CheckError(
                f"a check runs {path}, but the contract names {known}",
                fix="add it as [[contract.notebook]] to exercise.toml",
            )
        return self.notebooks[path]

    def entry(self, name: str) -> str:
        """Look up what an entry point returns."""
        if name not in self.returns:
            known = ", ".join(self.returns) or "no entry point"
            raise CheckError(
                f"a check calls {name}, but the contract names {known}",
                fix="add it as [[contract.entry]] to exercise.toml, so that candidates know of it",
            )
        return self.returns[name]


def _limits(seconds: float) -> Limits:
    return Limits(cpu=seconds, wall=3 * seconds + 5)


@dataclass(frozen=True)
class Attempt:
    """How a call ended, where a fault is part of the experiment: a value or a fault."""

    value: Any
    fault: Fault | None
    stdout: str
    stderr: str


class _Asking:
    """What a case, its sessions and its notebooks' runs share: how they ask, and what that has cost."""

    def __init__(self, terms: Terms, *, seed: int) -> None:
        self.terms = terms
        self.seed = seed
        self.spent = 0.0
        self.turn = 0
        """Which of several questions that are compared is asked now; 0 where none is."""
        self._draws = 0

    def draw(self) -> int:
        """Count one thing more that is drawn from the seed."""
        self._draws += 1
        return self._draws

    def seeded(self, seed: int | None) -> int:
        """Choose the check's own seed where a question has none."""
        return self.seed if seed is None else seed

    def reach(self, turn: int) -> None:
        """Refuse a process that two questions share although their answers are compared."""
        if self.turn not in {0, turn}:
            raise CheckError(
                "two questions of case.apart share a session or a notebook's run",
                fix="open it within the function that asks, or ask the case itself",
            )

    def request(self, entry: str, args: tuple[Any, ...], options: dict[str, Any]) -> Call:
        """Write a question: some options are of the call, all others arguments of the entry point."""
        known = {name: options.pop(name) for name in ("hash_seed", "environment") if name in options}
        limits = options.pop("limits", None) or self.terms.limits(entry)
        seed = self.seeded(options.pop("seed", None))
        given = {name: _numbered_anew(value) for name, value in options.items()}
        return Call(entry, tuple(map(_numbered_anew, args)), kwargs=given, limits=limits, seed=seed, **known)

    def attempt(self, reply: Reply, name: str, returns: str) -> Attempt:
        """Account for a reply, and hold its value to the contract."""
        self.spent += reply.usage.cpu
        value, fault = reply.value, reply.fault
        if fault is None:
            try:
                value = self.terms.types.accept(returns, value)
            except ContractBroken as broken:
                value, fault = None, Fault(FaultKind.VALUE, f"broke the contract: {broken}", where=name)
        return Attempt(value, fault, reply.stdout, reply.stderr)


def _numbered_anew(value: Any) -> Any:
    """Give rows new numbers where these repeat, as after joining two tables: no file is ever read so."""
    tabular = isinstance(value, pd.DataFrame | pd.Series)
    if tabular and value.index.dtype.kind == "i" and not value.index.is_unique:
        return value.reset_index(drop=True)
    return value


class Case:
    """One check's hold on a submission.

    Parameters
    ----------
    worker : Worker
        The started sandbox around the submission.
    terms : Terms
        The exercise's contract.
    seed : int
        The check's own seed; all its randomness is drawn from it.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.

    Attributes
    ----------
    seed : int
        The check's own, whatever other checks there are.
    shared_seed : int
        The same for all checks of a grade: what one of them asked under it is answered from memory for the others.
    evidence : list of Evidence
        The comparisons made so far.
    spent : float
        Processor seconds of the submission so far.
    """

    def __init__(
        self,
        worker: Worker,
        terms: Terms,
        *,
        seed: int,
        shared_seed: int | None = None,
        kernel: bool = False,
    ) -> None:
        self.seed = seed
        self.shared_seed = seed if shared_seed is None else shared_seed
        self._kernel = kernel
        self.evidence: list[Evidence] = []
        self._worker = worker
        self._asking = _Asking(terms, seed=seed)
        self._open = ExitStack()

    @property
    def terms(self) -> Terms:
        """What the contract says of each entry point, its limits among it."""
        return self._asking.terms

    @property
    def spent(self) -> float:
        """Processor seconds of the submission so far."""
        return self._asking.spent

    def call(self, entry: str, *args: Any, **options: Any) -> Any:
        """Run an entry point in a process of its own and return what it returned.

        Parameters
        ----------
        entry : str
            ``"package.module:function"``, as the contract names it.
        *args : plain data, DataFrame, ndarray, Folder or Double
            Positional arguments.
        **options
            ``seed``, ``hash_seed``, ``environment`` and ``limits`` of the call; anything else is a keyword
            argument of the entry point.

        Returns
        -------
        value : plain data
            Normalised to the contract's types. Any fault ends the check as errored, with its cause.
        """
        return _value(self.attempt(entry, *args, **options), entry)

    def attempt(self, entry: str, *args: Any, **options: Any) -> Attempt:
        """Run an entry point as `call` does, but hand a fault back instead of ending the check."""
        returns = self._asking.terms.entry(entry)
        reply = self._worker.call(self._asking.request(entry, args, options))
        return self._asking.attempt(reply, entry, returns)

    def apart(self, ask: Callable[[Input], Output], inputs: Iterable[Input]) -> list[Output]:
        """Ask about each input on its own, in an order that the seed draws.

        Use it wherever answers are compared. No two of these questions share a process, and which one comes first
        cannot be known, so a submission has nothing to remember an answer with.

        Parameters
        ----------
        ask : callable
            Takes an input and asks the case. It may open a session of its own, but use none that is open already.
        inputs : iterable

        Returns
        -------
        answers : list
            In the order of the inputs.
        """
        waiting = list(inputs)
        answers: dict[int, Output] = {}
        asking = self._asking
        outer = asking.turn
        try:
            for at in np.random.default_rng([self.seed, 1, asking.draw()]).permutation(len(waiting)):
                asking.turn = asking.draw()
                answers[int(at)] = ask(waiting[at])
        finally:
            asking.turn = outer
        return [answers[at] for at in range(len(waiting))]

    def relabel(self, identifiers: Iterable[Any]) -> Labels:
        """Draw other identifiers for one question, so that no answer can be remembered by them; see `Labels`."""
        return draw(
            identifiers, seed=int(np.random.default_rng([self.seed, 2, self._asking.draw()]).integers(2**31))
        )

    def folder(
        self, files: Mapping[str, bytes | pd.DataFrame] | None = None, *, writable: bool = False
    ) -> Folder:
        """Make an artefact folder: written by the call that gets it empty, read-only afterwards.

        Parameters
        ----------
        files : mapping of str to bytes or DataFrame, optional
            What lies in it at first; a DataFrame is written as CSV.
        writable : bool, default=False
            Whether every call may write into it.

        Raises
        ------
        CheckError
            If a file is neither bytes nor a table.
        """
        return Folder(
            {name: _as_bytes(content) for name, content in (files or {}).items()}, writable=writable
        )

    def double(self, target: Any, methods: Sequence[str]) -> Double:
        """Stand in for an upstream: the submission's calls are answered here, where they can be counted."""
        return Double(target, tuple(methods))

    def session(self, *, seconds: float = 10.0, seed: int | None = None, **options: Any) -> CaseSession:
        """Keep one process alive over several calls; it ends with the check at the latest."""
        session = self._worker.session(
            limits=options.pop("limits", _limits(seconds)), seed=self._asking.seeded(seed), **options
        )
        return CaseSession(self._asking, self._open.enter_context(session))

    def notebook(
        self,
        path: str,
        *,
        files: Mapping[str, bytes | pd.DataFrame],
        returns: Iterable[str] = (),
        seed: int | None = None,
    ) -> Run:
        """Run a notebook top to bottom on other input files.

        Parameters
        ----------
        path : str
            The notebook, relative to the submission.
        files : mapping of str to bytes or DataFrame
            What the notebook reads instead of its own files; a DataFrame is written as CSV.
        returns : iterable of str
            Names to fetch at once; they stay readable after `Run.close`. Others can be read until then.
        """
        run = self.attempt_notebook(path, files=files, seed=seed)
        if run.fault is not None:
            raise Ended(Outcome.ERRORED, f"{path}: {run.fault.message}", fault=run.fault)
        opened: Run = run.value
        opened.fetch(returns)
        return opened

    def attempt_notebook(
        self,
        path: str,
        *,
        files: Mapping[str, bytes | pd.DataFrame],
        seed: int | None = None,
    ) -> Attempt:
        """Run a notebook as `notebook` does, but hand a fault back; the value is the run."""
        terms = self._asking.terms.notebook(path)
        request = Notebook(
            path,
            files={name: _as_bytes(content) for name, content in files.items()},
            limits=_limits(terms.seconds),
            seed=self._asking.seeded(seed),
            kernel=self._kernel,
        )
        session, reply = self._worker.notebook(request)
        self._open.enter_context(session)
        self._asking.spent += reply.usage.cpu
        run = Run(self._asking, session, terms) if reply.fault is None else None
        return Attempt(run, reply.fault, reply.stdout, reply.stderr)

    def compare(
        self,
        label: str,
        *,
        seen: float,
        limit: float,
        direction: Direction = "at most",
        sd: float | None = None,
        unit: str = "",
        row: str = "",
    ) -> bool:
        """Hold a number against a limit and record both; a miss fails the check.

        Parameters
        ----------
        label : str
            What was measured, in words. Where it holds ``{seen}`` the report puts the number there, with its unit:
            "{seen} stood in two folds".
        seen, limit : float
            A number that is not finite always misses.
        direction : {"at most", "at least"}, default="at most"
        sd : float, optional
            Standard deviation of `seen`; within two of them of the limit the verdict is flagged as close.
        unit : str, optional
            Written after `seen` and after `limit`: "patients", "s".
        row : str, optional
            The row that decided, with what it was: "R-00412: 0.31 before, 0.48 after".

        Returns
        -------
        passed : bool
        """
        seen, limit = float(seen), float(limit)
        finite = math.isfinite(seen)
        passed = finite and (seen <= limit if direction == "at most" else seen >= limit)
        close = bool(finite and sd is not None and abs(seen - limit) <= 2 * sd)
        number: float | str = seen if finite else str(seen)
        self.evidence.append(
            Evidence(
                label=label,
                passed=passed,
                seen=number,
                limit=limit,
                direction=direction,
                spread=sd,
                close=close,
                unit=unit,
                row=row,
            )
        )
        return passed

    def unmoved(
        self,
        label: str,
        ask: Callable[[Input], Any],
        usual: Input,
        changed: Input,
        *,
        limit: float,
        known: Any = None,
        missing: float = math.inf,
        unit: str = "",
    ) -> bool:
        """Ask about two inputs apart, and record the largest change of a number.

        A change beyond the limit fails the check, unless the submission answers one question in two ways that
        differ as much: then the check ends as unproven, with the noise that was measured.

        Parameters
        ----------
        label : str
            What was measured, in words.
        ask : callable
            Takes an input and returns numbers of shape (n,), the same rows in the same order for both.
        usual, changed : Any
            Inputs that must get the same numbers.
        limit : float
        known : array-like of shape (n,), optional
            What `ask` gave for `usual`, where the change was chosen by it.
        missing : float, default=inf
            How far a missing number is from any other; the record says how many are missing.

        Returns
        -------
        passed : bool
        """
        pair = [known, ask(changed)] if known is not None else self.apart(ask, (usual, changed))
        moved = change(*pair, missing=missing)
        largest = float(moved.max(initial=0.0))
        if largest > limit:
            again = self.apart(ask, (usual, changed))
            noises = [change(*runs, missing=missing) for runs in zip(pair, again, strict=True)]
            noise = max(noises, key=lambda rows: float(rows.max(initial=0.0)))
            if explains(noise, moved, limit=limit):
                told = label if "{seen}" in label else f"{label}: {{seen}}"
                self.unproven(
                    f"{told.replace('{seen}', f'{largest:.3g} {unit}'.strip())}, but two answers to one question "
                    f"differ by {float(noise.max(initial=0.0)):.3g}, so the change proves nothing"
                )
        return self.compare(label, seen=largest, limit=limit, unit=unit, row=_lost(*pair))

    def equal(self, label: str, seen: Any, expected: Any, *, unit: str = "") -> bool:
        """Record whether two values are the same; a difference fails the check.

        Parameters
        ----------
        label : str
            What was looked at, in words; as in `compare` it may hold ``{seen}``: "answered {seen}".
        seen, expected : object
            Of long lists the record says how much is right and what is not, in words.
        unit : str, optional
            What the items of a list are, in the plural: "referrals".
        """
        passed = same(seen, expected)
        shown, wanted = contrast(seen, expected, alike=same, unit=unit)
        self.evidence.append(
            Evidence(label=label, passed=passed, seen=shown, limit=wanted, direction="equal")
        )
        return passed

    def confirm(self, label: str, holds: bool, detail: str = "") -> bool:
        """Record whether a statement holds; if it does not, the check fails."""
        self.evidence.append(Evidence(label=label, passed=bool(holds), seen=detail or None))
        return bool(holds)

    def fail(self, why: str) -> NoReturn:
        """End the check here: the behaviour is wrong."""
        self.confirm(why, holds=False)
        raise Ended(Outcome.FAILED, why)

    def unproven(self, why: str) -> NoReturn:
        """End the check here: nothing can be said either way."""
        raise Ended(Outcome.UNPROVEN, why)

    def close(self) -> None:
        """End every session that the check left open."""
        self._open.close()


class CaseSession:
    """A process that keeps its state over several calls."""

    def __init__(self, asking: _Asking, session: Session) -> None:
        self._asking = asking
        self._session = session
        self._turn = asking.turn

    def call(self, entry: str, *args: Any, **kwargs: Any) -> Any:
        """Run an entry point in the session's process."""
        return _value(self.attempt(entry, *args, **kwargs), entry)

    def attempt(self, entry: str, *args: Any, **options: Any) -> Attempt:
        """Run an entry point and hand a fault back instead of ending the check."""
        self._asking.reach(self._turn)
        returns = self._asking.terms.entry(entry)
        request = self._asking.request(entry, args, options)
        return self._asking.attempt(self._session.call(request), entry, returns)

    def close(self) -> None:
        """End the process and everything that it started."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Run:
    """A notebook that ran to its end; its names can be read and its functions called.

    Its process lives until the check ends, unless it is closed: two that live at a time cost two sandboxes.
    """

    def __init__(self, asking: _Asking, session: Session, terms: NotebookEntry) -> None:
        self._asking = asking
        self._session = session
        self._terms = terms
        self._turn = asking.turn
        self._fetched: dict[str, Any] = {}

    def fetch(self, names: Iterable[str]) -> None:
        """Read names now, so that they can be had after the process has ended."""
        self._fetched.update({name: self._read(name) for name in names})

    def close(self) -> None:
        """End the process; what was fetched stays."""
        self._session.close()

    def __getitem__(self, name: str) -> Any:
        return self._fetched[name] if name in self._fetched else self._read(name)

    def _read(self, name: str) -> Any:
        if name not in self._terms.defines:
            known = ", ".join(self._terms.defines) or "nothing"
            raise CheckError(
                f"a check reads `{name}` from {self._terms.path}, but the contract promises {known}",
                fix=f"add it under [contract.notebook.defines] of {self._terms.path}",
            )
        reply = self._session.value(name)
        place = f"{self._terms.path}: {name}"
        return _value(self._asking.attempt(reply, place, self._terms.defines[name]), place)

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function that the notebook defined."""
        return _value(self.attempt(function, *args, **kwargs), f"{self._terms.path}: {function}")

    def attempt(self, function: str, *args: Any, **options: Any) -> Attempt:
        """Call a function that the notebook defined and hand a fault back."""
        if function not in self._terms.functions:
            known = ", ".join(self._terms.functions) or "no function"
            raise CheckError(
                f"a check calls `{function}` of {self._terms.path}, but the contract names {known}",
                fix=f"add it under [contract.notebook.functions] of {self._terms.path}",
            )
        self._asking.reach(self._turn)
        terms = self._terms.functions[function]
        request = replace(self._asking.request(function, args, options), limits=_limits(terms.seconds))
        return self._asking.attempt(self._session.call(request), function, terms.returns)


def _value(attempt: Attempt, entry: str) -> Any:
    if attempt.fault is None:
        return attempt.value
    raise Ended(Outcome.ERRORED, f"{entry}: {attempt.fault.message}", fault=attempt.fault)


def _lost(before: Any, after: Any) -> str:
    """Say how many of two answers' numbers stand on one side only; empty where none does."""
    one, other = (pd.isna(np.atleast_1d(np.asarray(values, dtype=float))) for values in (before, after))
    if one.shape != other.shape:
        return f"{one.size} numbers before, {other.size} after"
    lost = int((one != other).sum())
    return f"{lost} of {one.size} answers are missing before or after" if lost else ""


def _as_bytes(content: bytes | pd.DataFrame) -> bytes:
    if isinstance(content, pd.DataFrame):
        return content.to_csv(index=False).encode()
    if not isinstance(content, bytes):
        raise CheckError(
            f"the check lays {type(content).__name__} into a file",
            fix="give bytes, or a table that becomes CSV",
        )
    return content


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are equal in type and content; not-a-number equals itself."""
    if isinstance(one, pd.DataFrame):
        return isinstance(other, pd.DataFrame) and one.equals(other)
    if isinstance(one, pd.Series):
        return isinstance(other, pd.Series) and one.equals(other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(same(one[key], other[key]) for key in one)
        )
    if isinstance(one, list | tuple):
        return isinstance(other, list | tuple) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - values of two kinds that cannot be compared are not the same
        return False
