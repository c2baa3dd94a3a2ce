"""Recording: the edits of a defect, from a working copy that its author broke by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.items import AoT, Item, String, StringType, Table, Trivia

from unfit.bank import Defect, DefectsManifest, Edit, Exercise, read_tree
from unfit.bank.manifests import Slug
from unfit.errors import PlantingError, UsageError
from unfit.files import write_atomically
from unfit.planting.edits import resolve_tree
from unfit.planting.notebook_documents import canonical, is_notebook
from unfit.planting.variants import planted_tree
from unfit.planting.versions import differing

__all__ = ["SCHEMA", "edits_text", "record", "refuse_bad_id", "tables_of"]

SCHEMA = "#:schema ../../../../.schemas/{}.json\n"
"""The first line of a manifest of a corpus entry."""

SKELETON: Mapping[str, Any] = {
    "title": "What is wrong, in one line",
    "category": "errors",
    "severity": "major",
    "difficulty": "medium",
    "judged": "fix",
    "default": True,
    "teaches": "What somebody who missed it should take away.",
    "source": "Where the mistake is described or was made",
    "asks_mended": [],
    "asks_not_mended": [],
    "checks": [],
}
"""What a new defect says until its author says better."""


def record(
    exercise: Exercise,
    defect: str,
    working_copy: Path,
    *,
    write: bool = True,
    about: Mapping[str, Any] | None = None,
) -> str:
    """Write the edits of a defect into ``defects.toml``.

    Parameters
    ----------
    exercise : Exercise
    defect : str
        Id of the defect; its edits are replaced, or a new one is added with every key to fill in.
    working_copy : Path
        The fixed project, broken by hand.
    write : bool, default=True
        Whether ``defects.toml`` is changed, comments and layout of all else kept.
    about : mapping of str to object, optional
        What a new defect says of itself, in place of the words that its author is to replace.

    Returns
    -------
    toml : str
        The ``[[defect.edit]]`` tables.

    Raises
    ------
    UsageError
        If the working copy is no folder.
    PlantingError
        If the difference cannot be reversed, or overlaps with another defect; the reason is named.
    """
    if not working_copy.is_dir():
        raise UsageError(
            f"{working_copy}: there is no such folder", fix="name the broken copy of the fixed project"
        )
    fixed, broken = read_tree(exercise.project), read_tree(working_copy)
    edits = tuple(_edits(fixed, broken))
    if not edits:
        raise PlantingError(
            f"{working_copy}: holds the fixed project{_only_outputs(fixed, broken)}",
            fix="break it by hand first, then record",
        )
    told = about or {}
    said = {**told, **{key: value for key, value in SKELETON.items() if key not in told}}
    manifest = _with_edits(exercise.defects_manifest, defect, edits, said)
    shown = exercise.name_of(exercise.solution / "defects.toml")
    _prove(fixed, broken, manifest, defect, shown)
    tables = tables_of(edits, was="fixed", now="planted")
    toml = "\n".join(f"[[defect.edit]]\n{table.as_string().strip()}\n" for table in tables)
    if write:
        _write(exercise.solution / "defects.toml", manifest, defect, tables, said)
    return toml


def refuse_bad_id(defect: str) -> None:
    """Refuse a name that no defect can have, before anything is broken by hand.

    Raises
    ------
    UsageError
        If the name is no id.
    """
    try:
        TypeAdapter(Slug).validate_python(defect)
    except ValidationError:
        raise UsageError(
            f"`{defect}` is no defect id",
            fix="name the mistake in lower case with hyphens, as in scaler-sees-holdout",
        ) from None


def _edits(fixed: Mapping[str, bytes], broken: Mapping[str, bytes]) -> Iterator[Edit]:
    for path in sorted(fixed.keys() | broken.keys()):
        if path not in fixed:
            raise PlantingError(
                f"{path}: is not in the fixed project; a defect cannot add a file",
                fix="add the file to the fixed project too, or write its text into a file that is there",
            )
        if path not in broken:
            yield Edit(file=path, absent=True)
        elif fixed[path] != broken[path]:
            yield from differing(path, fixed, broken)


def _only_outputs(fixed: Mapping[str, bytes], broken: Mapping[str, bytes]) -> str:
    run = [path for path in fixed if is_notebook(path) and fixed[path] != broken[path]]
    return (
        f"; only outputs or metadata of {', '.join(run)} differ, which planting does not keep" if run else ""
    )


def _with_edits(
    manifest: DefectsManifest, name: str, edits: tuple[Edit, ...], said: Mapping[str, Any]
) -> DefectsManifest:
    """Give a defect these edits; a new one comes last."""
    refuse_bad_id(name)
    new = Defect(id=name, edit=edits, **said)
    if name not in {defect.id for defect in manifest.defects}:
        return manifest.model_copy(update={"defects": (*manifest.defects, new)})
    changed = tuple(
        defect.model_copy(update={"edits": edits}) if defect.id == name else defect
        for defect in manifest.defects
    )
    return manifest.model_copy(update={"defects": changed})


def _prove(
    fixed: Mapping[str, bytes],
    broken: Mapping[str, bytes],
    manifest: DefectsManifest,
    defect: str,
    shown: str,
) -> None:
    """Plant what was recorded, and see that it gives the working copy."""
    seen = planted_tree(resolve_tree(fixed, manifest, shown=shown), [defect])
    wanted = {path: canonical(text, path) if is_notebook(path) else text for path, text in broken.items()}
    wrong = sorted(path for path in seen.keys() | wanted.keys() if seen.get(path) != wanted.get(path))
    if wrong:
        raise PlantingError(
            f"{', '.join(wrong)}: the difference cannot be written as edits", fix="change less at once"
        )


def tables_of(edits: Sequence[Edit], *, was: str, now: str) -> list[Table]:
    """Write edits as tables of a manifest.

    Parameters
    ----------
    edits : sequence of Edit
    was, now : str
        Keys of the text that an edit replaces, and of what stands there afterwards.
    """
    tables = []
    for edit in edits:
        table = tomlkit.table()
        table.add("file", edit.file)
        if edit.cell is not None:
            table.add("cell", edit.cell)
        if edit.absent:
            table.add("absent", value=True)
        else:
            table.add(was, _written(edit.fixed or ""))
            table.add(now, _written(edit.planted or ""))
        tables.append(table)
    return tables


def edits_text(edits: Sequence[Edit]) -> str:
    """Write ``edits.toml`` of a corpus entry."""
    tables = tomlkit.aot()
    for table in tables_of(edits, was="was", now="now"):
        if tables:
            tables[-1].add(tomlkit.nl())
        tables.append(table)
    document = tomlkit.document()
    document.add("format", 1)
    document.add(tomlkit.nl())
    document.add("edit", tables)
    return f"{SCHEMA.format('edits')}{tomlkit.dumps(document).rstrip()}\n"


def _written(text: str) -> String:
    """Write a text so that a person can read it: between ``'''`` wherever TOML allows it."""
    plain = all(letter in "\n\t" or letter.isprintable() for letter in text)
    if not plain or "'''" in text or text.endswith("'"):
        return tomlkit.string(text)
    if "\n" not in text:
        return tomlkit.string(text, literal="'" not in text and ('"' in text or "\\" in text))
    return String(StringType.MLL, text, f"\n{text}", Trivia())


def _write(
    path: Path, manifest: DefectsManifest, name: str, tables: Sequence[Table], said: Mapping[str, Any]
) -> None:
    old = path.read_text("utf-8")
    for text in (_replaced(old, name, tables), *_inserted(old, name, tables, said)):
        if text is not None and _says(text, manifest):
            _replace(path, text)
            return
    raise PlantingError(f"{path}: its layout is too unusual to be changed", fix="paste the edits in by hand")


def _says(text: str, manifest: DefectsManifest) -> bool:
    """Whether a text reads as the manifest; nothing is written that does not."""
    try:
        return DefectsManifest.model_validate(tomllib.loads(text)) == manifest
    except (tomllib.TOMLDecodeError, ValidationError, RecursionError):
        return False


def _replaced(old: str, name: str, tables: Sequence[Table]) -> str | None:
    """Give a defect that is there its new edits."""
    document = tomlkit.parse(old)
    known = document.get("defect")
    found = (
        next((table for table in known if table.get("id") == name), None) if isinstance(known, AoT) else None
    )
    if found is None:
        return None
    remarks = _remarks_after(found["edit"])
    found["edit"] = _edits_of(tables, remarks)
    return f"{tomlkit.dumps(document).rstrip()}\n"


def _remarks_after(edits: Any) -> list[Item]:
    """Comments below the last edit: they speak of what comes next, and stay."""
    body = edits[-1].value.body if isinstance(edits, AoT) else []
    last = max((at for at, (key, _) in enumerate(body) if key is not None), default=-1)
    return [item for _, item in body[last + 1 :]]


def _edits_of(tables: Sequence[Table], remarks: Sequence[Item] = ()) -> AoT:
    edits = tomlkit.aot()
    for table in tables:
        edits.append(table)
    for item in remarks or [tomlkit.nl()]:
        tables[-1].add(item)  # type: ignore[call-overload]
    return edits


def _inserted(old: str, name: str, tables: Sequence[Table], said: Mapping[str, Any]) -> Iterator[str]:
    """Add a new defect: above the forms and what is said about them, else at the end."""
    new = _skeleton(name, tables, said).strip()
    lines = old.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip() == "[[form]]"), 0)
    while first and lines[first - 1].startswith("#"):
        first -= 1
    if first:
        yield "\n".join([*lines[:first], new, "", *lines[first:]])
    yield f"{old.rstrip()}\n\n{new}\n"


def _skeleton(name: str, tables: Sequence[Table], said: Mapping[str, Any]) -> str:
    """Write a new defect with every key to fill in."""
    table = tomlkit.table()
    for key, value in {"id": name, **said}.items():
        table.add(key, value)
    table.add(tomlkit.nl())
    table.add("edit", _edits_of(tables))
    defects = tomlkit.aot()
    defects.append(table)
    return tomlkit.dumps(tomlkit.document().add("defect", defects))


def _replace(path: Path, text: str) -> None:
    """Write a manifest whole or not at all, and leave its mode."""
    mode = path.stat().st_mode & 0o777
    write_atomically(path, text)
    path.chmod(mode)
