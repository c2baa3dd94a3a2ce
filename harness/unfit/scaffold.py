"""Scaffold: start an exercise that validates at once, from the worked example or from another exercise."""

from __future__ import annotations

import json
import keyword
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import tomlkit

from unfit import diagnosis
from unfit.bank import Bank, Exercise, load_bank, read_tree, schemas
from unfit.bank.canary import with_own_canary
from unfit.bank.exercises import EXPECT, WRITTEN_ASIDE
from unfit.bank.manifests import Form
from unfit.bank.world_loading import draw_data
from unfit.errors import UnfitError, UsageError
from unfit.export import branched, history_of
from unfit.files import write_atomically
from unfit.likeness import ORIGIN, as_origin
from unfit.planting import lint, regenerate
from unfit.renaming import Names, Renamed, draft, renamed
from unfit.retelling import documents, retold

__all__ = [
    "Derived",
    "Kind",
    "Reword",
    "add",
    "check_slug",
    "create",
    "derive",
    "draft_documents",
    "draft_names",
    "write_schemas",
]

Kind = Literal["package", "notebook"]

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40
DEFAULT = "default"
FORMER = ("a", "former", "the-former-default")
"""Names of the form that holds what an origin plants by default, the first one that is free."""
SHIPPED = re.compile(rf"^({diagnosis.SHIPPED} = )\d+$".encode(), re.MULTILINE)
MOST_FINDINGS = 8
MOST_SEED = 10**6
SCHEMAS = ".schemas"
"""Folder in ``solutions/`` for the manifests' schemas; no exercise can be called so."""


@dataclass(frozen=True)
class Reword:
    """One thing that a derived exercise still shares with the one that it came from.

    Parameters
    ----------
    where : str
        File, relative to the solution, with the key where there is one.
    what : str
        What to do there.
    """

    where: str
    what: str


@dataclass(frozen=True)
class Derived:
    """A private exercise made from another one.

    Parameters
    ----------
    path : Path
        Folder of its solution.
    checklist : tuple of Reword
        What to make one's own, in an order in which it can be done.
    """

    path: Path
    checklist: tuple[Reword, ...]


def create(bank: Path, slug: str, *, kind: Kind = "package", title: str | None = None) -> Path:
    """Start an exercise from the worked example: one defect, whole, and it validates at once.

    Parameters
    ----------
    bank : Path
        Folder of the bank; made where it is missing.
    slug : str
        Name of the exercise's folders: lower case, words joined by underscores.
    kind : {"package", "notebook"}, default="package"
        What candidates work on.
    title : str, optional
        The exercise's title; the example's own where not given.

    Returns
    -------
    path : Path
        Folder of its solution.

    Raises
    ------
    UsageError
        If the name cannot be a slug, or the bank has such an exercise already.
    """
    templates = Path(str(files("unfit"))) / "templates" / "scaffold"
    tree = read_tree(templates / "common") | read_tree(templates / kind)
    if title is not None:
        tree["exercise.toml"] = _with(tree["exercise.toml"], title=title)
    return add(bank, slug, tree)


def derive(
    bank: Path,
    source_bank: Path,
    slug: str,
    to_slug: str,
    names: Names | None = None,
    *,
    told: Mapping[str, bytes] | None = None,
    form: str = DEFAULT,
) -> Derived:
    """Start a private exercise as a copy of another one, with other names where they are given, to be reworded.

    Parameters
    ----------
    bank : Path
        Folder of the private bank; made where it is missing.
    source_bank : Path
        Folder of the bank that has the other exercise, with its solution.
    slug : str
        The other exercise.
    to_slug : str
        Name of the new exercise's folders.
    names : Names, optional
        What takes the place of its names and words; the data are then drawn anew.
    told : mapping of str to bytes, optional
        Its documents in other words, by path in the solution; see `draft_documents`.
    form : str, default="default"
        The form of the other exercise whose mistakes are planted by default.

    Returns
    -------
    derived : Derived

    Raises
    ------
    UsageError
        If there is no such exercise, its solution is not there, the new name cannot be used, two names would become
        one, or a document changes more than its words.
    """
    source = _whole(load_bank(source_bank).exercise(slug), source_bank)
    tree = _with_default(_bare(source), source, form)
    known = tuple(_checklist(source)) if names is None else ()
    is_seeded, seed = 0, secrets.randbelow(MOST_SEED)
    if names is not None:
        changed = renamed(tree, names.model_copy(update={"names": {slug: to_slug} | names.names}))
        tree = retold(changed.files, told or {})
        if "world.py" in tree:
            tree["world.py"], is_seeded = SHIPPED.subn(rf"\g<1>{seed}".encode(), tree["world.py"])
        known = (*_looked_at(changed), *_found_by_a_linter(tree))
    tree[ORIGIN] = f"{as_origin(source).model_dump_json(indent=1)}\n".encode()
    path = add(bank, to_slug, tree)
    if is_seeded:
        _draw_anew(load_bank(bank), to_slug, seed)
    try:
        _ensure_history_holds(load_bank(bank).exercise(to_slug))
    except UnfitError:
        shutil.rmtree(path)
        shutil.rmtree(bank / "exercises" / to_slug)
        raise
    return Derived(path, known)


def _ensure_history_holds(exercise: Exercise) -> None:
    """Refuse a history whose commits speak of parts that the documents have no longer."""
    history_of(exercise, exercise.default)
    if exercise.has_pull_request:
        branched(exercise, exercise.default)


def _bare(source: Exercise) -> dict[str, bytes]:
    """Read a solution as that of another exercise that nobody has proven."""
    tree = read_tree(source.solution)
    for written in WRITTEN_ASIDE:
        tree.pop(written, None)
    tree["exercise.toml"] = _with(tree["exercise.toml"], exposure="private", version="0.1.0")
    return tree


def _with_default(tree: dict[str, bytes], source: Exercise, form: str) -> dict[str, bytes]:
    """Plant the mistakes of one form by default; those that were become a form of their own."""
    if form == DEFAULT:
        return tree
    chosen, taken = source.form(form).defects, {known.name for known in source.forms}
    former = next(name for name in FORMER if name not in taken)
    manifest = tomlkit.parse(tree["defects.toml"].decode())
    for defect in manifest["defect"]:
        defect["default"] = defect["id"] in chosen
    listed = tomlkit.aot()
    for known in (*source.defects_manifest.forms, Form(name=former, defects=source.default)):
        if known.name != form:
            table = tomlkit.table()
            table.update({"name": known.name, "defects": list(known.defects)})
            listed.append(table)
    manifest["form"] = listed
    changed = {"defects.toml": tomlkit.dumps(manifest).encode()}
    for path, content in tree.items():
        if path.startswith("corpus/") and path.endswith(f"/{EXPECT}"):
            expect = tomlkit.parse(content.decode())
            laid = expect.get("form", DEFAULT)
            expect["form"] = former if laid == DEFAULT else DEFAULT if laid == form else laid
            changed[path] = tomlkit.dumps(expect).encode()
    return tree | changed


def draft_documents(source_bank: Path, slug: str, to_slug: str, names: Names) -> dict[str, bytes]:
    """Write the documents that `derive` takes, under their new names, to be told in other words.

    Parameters
    ----------
    source_bank : Path
        Folder of the bank that has the exercise, with its solution.
    slug, to_slug : str
        The exercise, and the name of the new one.
    names : Names

    Returns
    -------
    documents : dict of str to bytes
        By path in the solution.
    """
    source = _whole(load_bank(source_bank).exercise(slug), source_bank)
    table = names.model_copy(update={"names": {slug: to_slug} | names.names})
    return documents(renamed(_bare(source), table).files)


def draft_names(source_bank: Path, slug: str) -> str:
    """Write the table of names that `derive` takes, to be filled in.

    Parameters
    ----------
    source_bank : Path
        Folder of the bank that has the exercise, with its solution.
    slug : str

    Returns
    -------
    text : str
        TOML.
    """
    bank = load_bank(source_bank)
    others = (bank.exercise(other) for other in bank.slugs if other != slug)
    return draft(_whole(bank.exercise(slug), source_bank), others)


def _whole(source: Exercise, bank: Path) -> Exercise:
    """Refuse an exercise whose solution lies elsewhere."""
    if not source.complete:
        raise UsageError(
            f"{bank}: the solution of `{source.slug}` is not here",
            fix="name a bank that has it with --from-bank DIR",
        )
    return source


def write_schemas(folder: Path) -> None:
    """Write the JSON Schema of every manifest, as editors read it, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        path = folder / f"{Path(name).stem}.json"
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text("utf-8") != text:
            write_atomically(path, text)


def add(bank: Path, slug: str, tree: Mapping[str, bytes]) -> Path:
    """Put a solution into a bank, whole or not at all, and plant its exercise."""
    check_slug(slug)
    solution = bank / "solutions" / slug
    for taken in (solution, bank / "exercises" / slug):
        if taken.exists():
            raise UsageError(
                f"{taken}: exists already",
                fix=f"nothing was changed; delete solutions/{slug} and exercises/{slug}, or choose another name",
            )
    _make_bank(bank)
    with tempfile.TemporaryDirectory(dir=bank / "solutions", prefix=".new-") as scratch:
        _write(with_own_canary(tree), Path(scratch) / slug)
        (Path(scratch) / slug).rename(solution)
    try:
        regenerate(load_bank(bank), [slug])
    except UnfitError:
        shutil.rmtree(solution)
        raise
    return solution


def check_slug(slug: str) -> None:
    """Refuse a name that cannot be an exercise's; one that could be is proposed."""
    if SLUG.fullmatch(slug) and len(slug) <= LONGEST and not keyword.iskeyword(slug):
        return
    mended = re.sub(r"[^a-z0-9]+", "_", slug.lower()).strip("_0123456789")[:LONGEST].strip("_")
    hint = f", such as {mended}" if SLUG.fullmatch(mended) and not keyword.iskeyword(mended) else ""
    raise UsageError(
        f"an exercise cannot be called {slug!r}",
        fix=f"use lower-case words joined by underscores, {LONGEST} characters at most{hint}",
    )


def _make_bank(bank: Path) -> None:
    """Make what a bank needs; what is there already stays as it is."""
    if bank.exists() and not bank.is_dir():
        raise UsageError(f"{bank}: is no folder", fix="name a folder with --bank DIR")
    is_new = not (bank / "solutions").exists() and not (bank / "exercises").exists()
    for half in ("solutions", "exercises"):
        (bank / half).mkdir(parents=True, exist_ok=True)
    write_schemas(bank / "solutions" / SCHEMAS)
    templates = Path(str(files("unfit"))) / "templates" / "scaffold" / "bank"
    for name, target in (("README.md", "README.md"), ("gitignore", ".gitignore")):
        if is_new and not (bank / target).exists():
            shutil.copyfile(templates / name, bank / target)


def _write(tree: Mapping[str, bytes], folder: Path) -> None:
    for name, content in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _with(manifest: bytes, **values: str) -> bytes:
    """Give keys of a TOML file other values, and leave its comments and layout alone."""
    document = tomlkit.parse(manifest.decode())
    document.update(values)
    return tomlkit.dumps(document).encode()


def _draw_anew(bank: Bank, slug: str, seed: int) -> None:
    """Let a project ship what its world draws under a seed."""
    exercise = bank.exercise(slug)
    for path, content in (draw_data(exercise, seed) or {}).items():
        (exercise.project / path).write_bytes(content)
    regenerate(bank, [slug])


def _looked_at(changed: Renamed) -> Iterator[Reword]:
    """Name what a table of names leaves to be done."""
    if changed.unused:
        yield Reword("the table of names", f"stand nowhere: {', '.join(changed.unused)}")
    if changed.doubtful:
        yield Reword(
            "project/, checks.py",
            f"a library may call something so as well; look there first where it fails: {', '.join(changed.doubtful)}",
        )
    for path in changed.unread:
        yield Reword(path, "is no text, so its names are the old ones, unless the world has drawn it anew")
    yield Reword("exercise.toml: title, story; project/*.md; GUIDE.md", "tell another story in other words")
    yield Reword(
        "defects.toml", "let `unfit suggest` find other defects of the same rules, and keep fewer of the old"
    )
    yield Reword(
        "world.py", "give other quantities, rates and effects; measure limits again where validate warns"
    )
    yield Reword("corpus/", "add fixes of your own; those of the origin are there under the new names")


def _found_by_a_linter(tree: Mapping[str, bytes]) -> Iterator[Reword]:
    """Name what the project's own linter finds since its names are others, such as imports in another order."""
    project = {
        path.removeprefix("project/"): text for path, text in tree.items() if path.startswith("project/")
    }
    for one in lint(project, configured=True)[:MOST_FINDINGS]:
        yield Reword(f"project/{one.place}", f"ruff finds {one.rule}: {one.message}")


def _checklist(source: Exercise) -> Iterator[Reword]:
    """Name what a candidate could look up, in an order in which it can be reworded."""
    contract = source.manifest.contract
    packages = sorted({re.split(r"[.:]", entry.call)[0] for entry in contract.entry})
    yield Reword("exercise.toml: title, story", f"tell another story than {source.manifest.title!r}")
    yield Reword("world.py", "draw another world: other quantities, units, rates and effects")
    for path in read_tree(source.project):
        if path.startswith("data/"):
            yield Reword(f"project/{path}", "draw it from your world")
    for name in packages:
        yield Reword(f"project/src/{name}/", f"rename the package `{name}`, and its functions")
    for notebook in contract.notebook:
        yield Reword(f"project/{notebook.path}", "rename the notebook, and reword its text")
    yield Reword("exercise.toml: contract", f"rename entries, fields and types: {', '.join(contract.types)}")
    yield Reword("project/README.md", "reword every promise; keep those that checks rely on")
    for defect in source.defects:
        yield Reword(f"defects.toml: defect[{defect.id}]", "rename it, reword it, and record its edits anew")
    yield Reword(
        "defects.toml", "put a defect of your own in the place of one that candidates may have read of"
    )
    for decoy in source.decoys:
        yield Reword(f"decoys.toml: decoy[{decoy.id}]", "find another one")
    yield Reword("checks.py", "rename the checks, reword their sentences, and measure every limit again")
    yield Reword(
        "corpus/", f"carry {len(source.corpus)} entries over to the new names, and reword each `why`"
    )
    if source.history is not None:
        yield Reword("history.toml", "let other people make other commits")
    yield Reword("GUIDE.md", "write your own walk through it")
