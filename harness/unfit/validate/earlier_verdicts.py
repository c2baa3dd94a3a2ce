"""What earlier runs saw: the verdicts that a change since then cannot have touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field, ValidationError

from unfit.bank import Exercise, digest_of
from unfit.checks import Check
from unfit.grades import Verdict
from unfit.records import Record
from unfit.remembered_answers import Store
from unfit.sandbox import Environment
from unfit.validate.code_reach import digests_by_reach, library_reached
from unfit.validate.planning import Tree

__all__ = [
    "Kept",
    "Ledger",
    "Measured",
    "Sight",
    "code_digest",
    "ground_of",
    "neighbours_digest",
    "with_library",
]


class Sight(Record):
    """What one check saw."""

    verdict: Verdict
    spent: float = 0.0
    """Processor seconds of the submission."""
    asked: tuple[str, ...] = ()
    """Entry points, notebooks and their functions that the check reached."""
    broken: str = ""
    """What went wrong with the check itself."""
    place: str = ""
    """Line of the exercise's own code that asked what ended the check as errored."""

    @property
    def lasts(self) -> bool:
        """Whether another run is bound to see the same."""
        return self.verdict.replayable and not self.broken


class Measured(Record):
    """What a submission costs in the world, or why that could not be measured."""

    measure: str
    losses: dict[str, float] = Field(default_factory=dict)
    unmeasured: str = ""


class Kept(Record):
    """What is known of one tree under one seed."""

    sights: dict[str, Sight] = Field(default_factory=dict)
    measured: Measured | None = None
    code: dict[str, str] = Field(default_factory=dict)
    """What each check and the measure reached when they saw it, as a hash."""


@dataclass(frozen=True)
class Ledger:
    """What is known of the trees of one exercise.

    Parameters
    ----------
    store : Store
    ground : str
        All that a verdict depends on besides the tree, the seed and ``checks.py``.
    source : str
        The text of ``checks.py``.
    recorded : mapping of str to Kept
        What a clean validation saw, here or on another machine, by `place`.
    """

    store: Store
    ground: str
    source: str
    recorded: Mapping[str, Kept] = field(default_factory=dict)

    @classmethod
    def of(
        cls, exercise: Exercise, store: Store, ground: str, recorded: Mapping[str, Kept] | None = None
    ) -> Ledger:
        """Open the ledger of an exercise as its code is now."""
        judge = kit_digest("case", "check_seeds", "checks", "contract_types", "grades", "noise", "relabel")
        source = (exercise.solution / "checks.py").read_text(encoding="utf-8")
        return cls(store, "\0".join([ground, judge, neighbours_digest(exercise)]), source, recorded or {})

    def get(self, tree: Tree, seed: int) -> Kept:
        """Return what the code of today saw in earlier runs; what was seen on this machine goes first."""
        before, here = self.recorded.get(self.place(tree, seed), Kept()), self._stored(tree, seed)
        kept = Kept(
            sights={**before.sights, **here.sights},
            measured=here.measured or before.measured,
            code={**before.code, **here.code},
        )
        today = {name for name, code in kept.code.items() if code == self._reached(name)}
        sights = {name: sight for name, sight in kept.sights.items() if name in today}
        measured = kept.measured if kept.measured and kept.measured.measure in today else None
        code = {name: kept.code[name] for name in today}
        return Kept(sights=sights, measured=measured, code=code)

    def put(self, tree: Tree, seed: int, checks: Iterable[Check], seen: Kept, *, known: Kept) -> None:
        """Keep what another run is bound to see again, and nothing that stands on a verdict that may change.

        Parameters
        ----------
        tree : Tree
        seed : int
        checks : iterable of Check
            Those that were run or were known, in order.
        seen : Kept
            What they saw.
        known : Kept
            What `get` returned before; what it says of other checks stays, and of the measure where none was asked for:
            two trees of the same files share an entry, and only one of them may be measured.
        """
        sights = dict(known.sights)
        for item in checks:
            sights.pop(item.name, None)
            sight = seen.sights.get(item.name)
            if sight and sight.lasts and sights.keys() >= set(item.needs):
                sights[item.name] = sight
        measured = seen.measured or known.measured
        names = [*sights, *([measured.measure] if measured else [])]
        code = {name: self._reached(name) for name in names}
        kept = Kept(sights=sights, measured=measured, code=code)
        self.store.put(self._name(tree, seed), kept.model_dump_json())

    @staticmethod
    def place(tree: Tree, seed: int) -> str:
        """Name what is seen of a tree under a seed, whatever the machine."""
        return f"{tree.digest} {seed}"

    def _stored(self, tree: Tree, seed: int) -> Kept:
        content = self.store.get(self._name(tree, seed))
        try:
            return Kept() if content is None else Kept.model_validate_json(content)
        except ValidationError:
            return Kept()

    def _name(self, tree: Tree, seed: int) -> str:
        return hashlib.sha256("\0".join([tree.digest, self.ground, str(seed)]).encode()).hexdigest()

    def _reached(self, name: str) -> str:
        """Hash what a function reaches; all of the module where it is not defined at the top."""
        return _digests(self.source).get(name) or hashlib.sha256(self.source.encode()).hexdigest()


_digests = lru_cache(maxsize=4)(digests_by_reach)


def ground_of(environment: Environment, backend: str) -> str:
    """Name all that an answer depends on besides the tree and the question."""
    packages = ",".join(environment.packages)
    return "\0".join(
        [environment.digest, packages, backend, kit_digest("worker", "wire", "sandbox", "remembered_answers")]
    )


def code_digest(exercise: Exercise) -> str:
    """Hash the checks with all that they can import, the experiments of the library that they use, and the contract."""
    return digest_of(with_library(_code(exercise)))


def neighbours_digest(exercise: Exercise) -> str:
    """Hash what every verdict depends on beside ``checks.py``: the world and other modules, and the contract."""
    return digest_of(
        with_library({name: content for name, content in _code(exercise).items() if name != "checks.py"})
    )


def with_library(code: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add the experiments of the library that modules use to their texts, by file; nothing where they use none."""
    used = library_reached(*(text.decode() for name, text in code.items() if name.endswith(".py")))
    return {**code, **({"experiments": "\0".join(used).encode()} if used else {})}


def _code(exercise: Exercise) -> dict[str, bytes]:
    """Read the modules of a solution, and of its manifest what a run depends on: a story may be told anew."""
    asked = exercise.manifest.model_dump_json(include={"contract", "environment"})
    modules = {path.name: path.read_bytes() for path in exercise.solution.glob("*.py") if path.is_file()}
    return {**modules, "exercise.toml": asked.encode()}


@cache
def kit_digest(*packages: str) -> str:
    """Hash the kit's own code that an answer depends on.

    Parameters
    ----------
    *packages : str
        Modules or packages directly below ``unfit``.
    """
    root = Path(str(files("unfit")))
    whole = hashlib.sha256()
    for package in packages:
        place = root / package
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            whole.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
