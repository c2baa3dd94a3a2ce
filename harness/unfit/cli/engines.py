"""The option `--engine`: the same verb, run inside the kit's image where this machine cannot isolate."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unfit.cli.shared import STDERR, nearest_bank, own_bank, say
from unfit.errors import SandboxError, UsageError

if TYPE_CHECKING:
    from unfit.engine import Engine, Mount


class Choice(StrEnum):
    """What runs a verb."""

    DOCKER = "docker"
    PODMAN = "podman"
    NONE = "none"


EngineOption = Annotated[
    Choice | None,
    typer.Option(
        "--engine",
        envvar="UNFIT_ENGINE",
        help="Run inside the kit's image; without it, where this machine cannot isolate and has an engine.",
    ),
]
FOLDERS = frozenset({"out", "ledger"})
"""Options that name a folder to write to."""
FILES = frozenset({"answers", "json", "html", "key"})
"""Options that name a file to write."""


def engine_for(choice: Choice | None, sandbox: str = "bubblewrap") -> Engine | None:
    """Choose the engine that is to run a verb; ``None`` where the verb runs on this machine itself."""
    from unfit import engine
    from unfit.machine import isolates

    if choice is Choice.NONE or (choice is None and (sandbox != "bubblewrap" or isolates())):
        return None
    found = engine.find(choice.value if choice else None)
    if found is None and choice is None:
        if platform.system() == "Linux":
            return None
        raise SandboxError(
            f"{platform.system()} cannot isolate, and neither docker nor podman is installed",
            fix="install Docker Desktop or podman, then run the same command again",
        )
    if found is None:
        raise UsageError(f"{choice} is not installed", fix=f"install it, or leave out --engine {choice}")
    if problem := engine.obstacle(found):
        raise SandboxError(
            f"{found.name} is installed and does not run containers: {problem}",
            fix=f"{engine.START[found.name]}; `--engine none` does without",
        )
    return found


def make_image(chosen: Engine, *, base: str = "") -> None:
    """Build the image where it is not there yet."""
    from unfit import engine

    if engine.is_built(chosen):
        return
    if "UNFIT_IMAGE" in os.environ:
        raise UsageError(
            f"{chosen.name} has no image {engine.image()}",
            fix=f"{chosen.name} pull {engine.image()}, or unset UNFIT_IMAGE",
        )
    say(f"building the image with {chosen.name}, once; this takes minutes")
    with tempfile.TemporaryDirectory(prefix="unfit-image-") as context:
        engine.build(chosen, Path(context), base=base)


def moved(context: typer.Context) -> None:
    """Run this verb inside the image and end with its exit code, where it is to run there; else do nothing."""
    given = context.params
    chosen = engine_for(given["engine"], given.get("sandbox", "bubblewrap"))
    if chosen is None:
        return
    from unfit import engine, home

    make_image(chosen)
    bank = (own_bank if given.get("write_harm") else nearest_bank)(given["bank"])
    cache = home.cache() / "inside"
    cache.mkdir(parents=True, exist_ok=True)
    mounts = [engine.Mount(Path(engine.__file__).resolve().parent, target=f"{engine.KIT}/unfit")]
    mounts += [engine.Mount(bank, writable=bool(given.get("write_harm")))]
    mounts += [engine.Mount(cache, target=engine.CACHE, writable=True)]
    words = [str(context.info_name), *_words(context), "--bank", engine.inner(bank)]
    if "ledger" in given:
        ledger = _absolute(given["ledger"] or home.ledger())
        ledger.mkdir(parents=True, exist_ok=True)
        words += ["--ledger", engine.inner(ledger)]
        mounts.append(engine.Mount(ledger, writable=True))
    if context.info_name == "cohort" and given["key"] is None:
        mounts.append(engine.Mount(_absolute(given["out"]).parent, writable=True))
    mounts += _mounts(given)
    line = engine.command_line(
        chosen,
        [*words, "--", *_arguments(context)],
        image=engine.image(),
        mounts=_once(mounts),
        folder=Path.cwd(),
        user=engine.caller(),
        rootless=chosen.name == "podman" and (engine.caller() or (0, 0))[0] != 0,
        terminal=STDERR.is_terminal and os.isatty(0) and os.isatty(1),
        workers=given.get("workers", 1),
    )
    raise typer.Exit(engine.run(line))


def _words(context: typer.Context) -> Iterator[str]:
    """Write the options that were given, but for those that are said anew."""
    for parameter, value in _said(context):
        if parameter.param_type_name == "option" and parameter.name not in {"engine", "bank", "ledger"}:
            for one in value if isinstance(value, list | tuple) else [value]:
                yield from [parameter.opts[0], *([] if one is True else [_word(one)])]


def _arguments(context: typer.Context) -> Iterator[str]:
    for parameter, value in _said(context):
        if parameter.param_type_name == "argument":
            yield from map(_word, value if isinstance(value, list | tuple) else [value])


def _said(context: typer.Context) -> Iterator[tuple[Any, Any]]:
    """List the parameters that were typed, with their values."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        value = context.params[str(parameter.name)]
        if source is not None and source.name != "DEFAULT" and value is not None and value is not False:
            yield parameter, value


def _word(value: object) -> str:
    from unfit import engine

    return engine.inner(value) if isinstance(value, PurePath) else str(value)


def _mounts(given: dict[str, Any]) -> Iterator[Mount]:
    """List what a verb reads and writes; what it writes to is made, so that the user owns it."""
    from unfit import engine

    if "grades" in given:
        yield from _stored(given)
    several = [(name, value if isinstance(value, list | tuple) else [value]) for name, value in given.items()]
    for name, value in [(name, one) for name, values in several for one in values]:
        if not isinstance(value, Path) or name in {"bank", "ledger"}:
            continue
        path = _absolute(value)
        if name in FOLDERS | FILES and not (name == "key" and "grades" in given):
            folder = path if name in FOLDERS else path.parent
            folder.mkdir(parents=True, exist_ok=True)
            yield engine.Mount(folder, writable=True)
        elif path.exists():
            yield engine.Mount(path)
            if name == "submissions" and path.is_file():
                yield from _listed(path)


def _stored(given: dict[str, Any]) -> Iterator[Mount]:
    """List the grades that are made again, what they are of, and the keys that say where that lies."""
    from unfit import engine, home, regrade
    from unfit.cohort import key_of

    for place in given["grades"]:
        folder = _absolute(place.parent if place.is_file() else place)
        yield engine.Mount(folder)
        if (key := key_of(folder)).is_file():
            yield engine.Mount(key)
    ledger, submission = given["ledger"] or home.ledger(), given["submission"]
    for one in regrade.stored(given["grades"], ledger=ledger, submission=submission, key=given["key"]):
        if one.submission is not None and one.submission.exists():
            yield engine.Mount(_absolute(one.submission))


def _listed(table: Path) -> Iterator[Mount]:
    """List the submissions that a table names, and the table's folder, from which their paths start."""
    from unfit import engine
    from unfit.cohort import handed_in

    yield engine.Mount(table.parent)
    for one in handed_in(table).handed:
        path = _absolute(one.path)
        if table.parent not in path.parents:
            yield engine.Mount(path)


def _once(mounts: list[Mount]) -> list[Mount]:
    """Drop a mount that is there already; the right to write wins."""
    best: dict[str, Mount] = {}
    for mount in mounts:
        place = mount.target or str(mount.source)
        if place not in best or mount.writable:
            best[place] = mount
    return [best[place] for place in sorted(best)]


def _absolute(path: Path) -> Path:
    """Return where a path leads from here, as it is written."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are, as they are inside
