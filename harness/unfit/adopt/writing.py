"""Writing: the files of an exercise that begins with a team's own project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import tomlkit
from tomlkit.items import Table

from unfit.adopt.kinds import Kinds

if TYPE_CHECKING:
    from unfit.adopt.adapter import Adapter
    from unfit.adopt.books import Book, Drawn

__all__ = ["ContractPart", "checks", "key_of", "manifest", "solution"]

CANARY: Final = "unfit-canary-0000000000000000: hidden from candidates."
FILL_IN: Final = "FILL IN"
GUIDE: Final = f"""# {{title}}: for the interviewer

{FILL_IN}: what was planted, what a strong answer says, what to ask next.

<!-- {CANARY} -->
"""
WORLD: Final = '''"""The world: rows like those that the project was given when it was adopted, drawn for each seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unfit.worlds import {imports}

__all__ = {names}

RECORDED = Recorded.read(Path(__file__).with_name("recorded.json"))
'''
MOST_ROWS: Final = 200
SECONDS: Final = 10


@dataclass(frozen=True)
class ContractPart:
    """One entry point as the contract has it.

    Parameters
    ----------
    call : str
        ``module:function``.
    does : str
    arguments : dict of str to str
        Types.
    returns : str
    given : dict
        What the example gave, by argument; empty where nothing was recorded.
    folders : dict of str to str
        Arguments that are folders, with the folder that it was in the example.
    rows : dict of str to int
        How many rows an argument held, where it is a table or a list of records.
    came_back : int, optional
        How many rows the result had.
    ended : int, default=0
        How a command ended.
    said : dict of str to str
        Of a result's fields of text, those that said the same in every row.
    within : dict of int to tuple of str
        Items of a command's ``argv`` that name a folder, or something in it: what is before, the folder, what is after.
    """

    call: str
    does: str
    arguments: dict[str, str]
    returns: str
    given: dict[str, Any] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    came_back: int | None = None
    ended: int = 0
    said: dict[str, str] = field(default_factory=dict)
    within: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def places(self) -> list[str]:
        """The folders that it is given."""
        return [*self.folders.values(), *(folder for _, folder, _ in self.within.values())]

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.call.rpartition(":")[2]

    def promised(self) -> dict[str, Any]:
        """Say what it takes and gives, as the contract does."""
        return {"arguments": dict(self.arguments), "returns": self.returns, "seconds": SECONDS}

    def drawn(self, argument: str) -> int:
        """Say how many rows are drawn for an argument."""
        return min(MOST_ROWS, self.rows[argument])


def key_of(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Guess which field names a row: the first whose values are all there, all different, and names or numbers."""
    if not rows:
        return None
    named = [name for name in rows[0] if re.search(r"(^|_)(id|key|no|number|ref|code)$", name, re.IGNORECASE)]
    for name in [*named, *rows[0]]:
        values = [row.get(name) for row in rows]
        kind = {type(value) for value in values}
        if kind in ({str}, {int}) and len(set(values)) == len(values) and (name in named or kind == {str}):
            return name
    return None


def manifest(
    title: str,
    *,
    minutes: int,
    paths: Sequence[str],
    packages: Sequence[str],
    parts: Sequence[ContractPart],
    kinds: Kinds,
    notebook: Mapping[str, Any] | None = None,
) -> str:
    """Write ``exercise.toml``."""
    document = tomlkit.document()
    document.add(tomlkit.comment(":schema ../.schemas/exercise.json"))
    document["format"] = 1
    document["title"] = title
    document["story"] = f"{FILL_IN}: who uses this, what for, and what they complain about. One paragraph."
    document["level"] = "any"
    document["minutes"] = minutes
    document["version"] = "0.1.0"
    document["exposure"] = "private"
    document["generated"] = []
    document["environment"] = {"packages": sorted(packages)}
    contract = tomlkit.table()
    contract["paths"] = list(paths)
    if parts:
        contract["entry"] = tomlkit.aot()
        for part in parts:
            contract["entry"].append(_entry(part))
    if notebook:
        contract["notebook"] = tomlkit.aot()
        contract["notebook"].append(tomlkit.item(dict(notebook)))
    if kinds.records:
        contract["types"] = {name: dict(fields) for name, fields in kinds.records.items()}
    document["contract"] = contract
    return tomlkit.dumps(document)


def _entry(part: ContractPart) -> Table:
    table = tomlkit.table()
    table["call"] = part.call
    table["does"] = part.does
    table["arguments"] = tomlkit.inline_table()
    table["arguments"].update(part.arguments)
    table["returns"] = part.returns
    table["seconds"] = SECONDS
    return table


def solution(
    slug: str,
    title: str,
    parts: Sequence[ContractPart],
    packages: Sequence[str],
    *,
    notebook: Mapping[str, Any] | None,
    adapter: Adapter | None,
    book: Book | None,
    drawn: Drawn | None,
    functions: Sequence[ContractPart],
) -> dict[str, str]:
    """Write the hidden half, but for the manifest and the project."""
    names = sorted(
        [
            *([drawn.drawer] if drawn and notebook and notebook["defines"] else []),
            *(["RECORDED"] if functions else []),
        ]
    )
    told = (
        book.checks(slug, names)
        if book
        else notebook and "".join(_of_a_notebook(slug, notebook, drawn, names))
    )
    called = "".join(_of_functions(functions))
    return {
        "checks.py": f"{told}{called}" if told else "".join(checks(slug, parts, adapter)),
        "world.py": "".join(_world(parts, book.drawn if book else drawn)),
        "defects.toml": f"#:schema ../.schemas/defects.json\n# {CANARY}\nformat = 1\n",
        "decoys.toml": f"#:schema ../.schemas/decoys.json\n# {CANARY}\nformat = 1\n",
        "GUIDE.md": GUIDE.format(title=title),
        "project/pyproject.toml": _pyproject(slug, packages),
    }


def _pyproject(slug: str, packages: Sequence[str]) -> str:
    names = {"sklearn": "scikit-learn", "yaml": "pyyaml", "PIL": "pillow", "cv2": "opencv-python"}
    document = tomlkit.document()
    document["project"] = {
        "name": slug.replace("_", "-"),
        "version": "1.0.0",
        "requires-python": ">=3.11",
        "dependencies": sorted(names.get(one, one.replace("_", "-")) for one in packages),
    }
    pytest = {"pythonpath": ["src"], "testpaths": ["tests"]}
    document["tool"] = {"pytest": {"ini_options": pytest}, "ruff": {"line-length": 110}}
    return tomlkit.dumps(document)


def _drawers(parts: Sequence[ContractPart]) -> Iterator[tuple[ContractPart, str, str]]:
    """List the arguments whose rows are drawn, each with the function of the world that draws them."""
    taken: set[str] = set()
    for part in parts:
        for name in part.rows:
            wanted = name if name not in taken else f"{part.call.rpartition(':')[2].replace('.', '_')}_{name}"
            taken.add(wanted)
            yield part, name, wanted


def _world(parts: Sequence[ContractPart], table: Drawn | None = None) -> Iterator[str]:
    drawn = list(_drawers(parts))
    names = ["RECORDED", *(name for _, _, name in drawn), *([table.drawer] if table else [])]
    imports = "Recorded, redrawn" if table else "Recorded"
    yield WORLD.format(names=json.dumps(sorted(names)), imports=imports)
    yield table.world() if table else ""
    for part, argument, name in drawn:
        rows = part.given[argument]
        records = rows.to_dict("records") if hasattr(rows, "to_dict") else rows
        key = key_of(records)
        how = f', key="{key}"' if key else ""
        said = f"Draw `{argument}` of `{part.call}`."
        yield f"\n\ndef {name}(n: int, *, seed: int) -> Any:\n"
        yield f'    """{said}"""\n    return RECORDED.drawn("{part.call}", "{argument}", n, seed=seed{how})\n'


def checks(slug: str, parts: Sequence[ContractPart], adapter: Adapter | None) -> Iterator[str]:
    """Write ``checks.py``, piece by piece."""
    drawers = {(part.call, argument): name for part, argument, name in _drawers(parts)}
    yield f'"""Hidden checks of `{slug}`: each draws from the world, calls and compares."""\n\n'
    imports = adapter.imports() if adapter else "from unfit import Case, check\n"
    yield f"from __future__ import annotations\n\n{imports}"
    names = sorted({*drawers.values(), *(["RECORDED"] if _plain_ones(parts, drawers) else [])})
    yield f"\nfrom .world import {', '.join(names)}\n" if names else ""
    yield "\n\n@check\ndef what_was_asked_before_is_answered(case: Case) -> None:\n"
    yield '    """Every entry point answers rows like those that it was given when the project was adopted."""\n'
    places = list(dict.fromkeys(place for part in parts for place in part.places))
    for number, _ in enumerate(places, start=1):
        yield f"    folder{number} = case.folder()\n"
    for number, part in enumerate(parts, start=1):
        given = ", ".join(["", *(_given(part, name, drawers, places) for name in part.arguments)])
        compared = list(_compared(part, f"answer{number}"))
        yield f'    {f"answer{number} = " if compared else ""}case.call("{part.call}"{given})\n'
        yield from compared
    for number, _ in enumerate(places, start=1):
        yield f'    case.confirm("something is written into the folder", bool(folder{number}.files))\n'
    yield adapter.text(drawers) if adapter else ""


def _compared(part: ContractPart, answer: str) -> Iterator[str]:
    """Write what holds of an answer, whoever wrote the code: how many rows come back, how a command ends."""
    name = part.call.rpartition(":")[2]
    if "argv" in part.arguments:
        yield f'    case.equal("how `{name}` ends", {answer}["status"], {part.ended})\n'
    elif part.came_back is not None and part.came_back in part.rows.values():
        asked = next(one for one in reversed(part.rows) if part.rows[one] == part.came_back)
        yield f'    case.equal("rows that `{name}` gives back", len({answer}), {part.drawn(asked)})\n'
    elif part.came_back:
        yield f'    case.confirm("`{name}` gives rows back", len({answer}) > 0)\n'
    elif part.returns != "None" and "None" not in part.returns:
        yield f'    case.confirm("`{name}` gives something back", {answer} is not None)\n'


def _of_a_notebook(
    slug: str, notebook: Mapping[str, Any], drawn: Drawn | None, names: Sequence[str]
) -> Iterator[str]:
    """Write what holds of a notebook that cannot be asked row by row."""
    yield f'"""Hidden checks of `{slug}`: each runs the notebook, and compares."""\n\n'
    yield "from __future__ import annotations\n\nfrom unfit import Case, check\n"
    yield f"\nfrom .world import {', '.join(names)}\n" if names else ""
    data = f"rows like those of `{drawn.table}`" if drawn else "the data that it came with"
    files = f'{{"{drawn.table}": {drawn.drawer}(seed=case.shared_seed)}}' if drawn else "{}"
    if notebook["defines"]:
        yield f'''

@check
def the_same_data_give_the_same_figures(case: Case) -> None:
    """The notebook runs from top to bottom on {data}, twice, and ends with the same figures."""
    names, files = {json.dumps(list(notebook["defines"]))}, {files}
    one, other = (case.notebook("{notebook["path"]}", files=files, returns=names, seed=seed) for seed in (1, 2))
    for name in names:
        case.equal(f"`{{name}}`", repr(one[name]), repr(other[name]))
'''


def _of_functions(parts: Sequence[ContractPart]) -> Iterator[str]:
    """Write a check that calls the functions of a notebook."""
    if not parts:
        return
    path = parts[0].call.rpartition(":")[0]
    yield "\n\n@check\ndef functions_answer_what_they_were_asked(case: Case) -> None:\n"
    yield '    """Its functions answer what the notebook asked them when it was adopted."""\n'
    yield f'    run = case.notebook("{path}", files={{}})\n'
    for number, part in enumerate(parts, start=1):
        given = ", ".join(
            [f'"{part.name}"', *(f'RECORDED.value("{part.call}", "{one}")' for one in part.arguments)]
        )
        compared = list(_compared(part, f"answer{number}"))
        if compared:
            yield f"    answer{number} = run.call({given})\n"
            yield from compared
        else:
            yield f'    case.confirm("`{part.name}` can be called", run.attempt({given}).fault is None)\n'


def _plain_ones(parts: Sequence[ContractPart], drawers: Mapping[tuple[str, str], str]) -> bool:
    return any(
        name not in part.folders and (part.call, name) not in drawers and not part.within
        for part in parts
        for name in part.arguments
    )


def _given(
    part: ContractPart, name: str, drawers: Mapping[tuple[str, str], str], places: Sequence[str]
) -> str:
    if name in part.folders:
        return f"folder{places.index(part.folders[name]) + 1}"
    if (part.call, name) in drawers:
        return f"{drawers[part.call, name]}({part.drawn(name)}, seed=case.seed)"
    if part.within:
        return f"[{', '.join(_items(part, name, places))}]"
    return f'RECORDED.value("{part.call}", "{name}")'


def _items(part: ContractPart, name: str, places: Sequence[str]) -> Iterator[str]:
    """Write the items of a list that names folders: each of these is a folder of the check."""
    for number, item in enumerate(part.given[name]):
        if number not in part.within:
            yield json.dumps(item, ensure_ascii=False)
            continue
        before, place, after = part.within[number]
        folder = f"folder{places.index(place) + 1}"
        around = [json.dumps(before)] * bool(before), [json.dumps(after)] * bool(after)
        yield f"[{', '.join([*around[0], folder, *around[1]])}]" if before or after else folder


def data_card(data: Sequence[str], kinds: Kinds) -> str:
    """Write a data card to be filled in."""
    blank = f"{FILL_IN}: one row for each what; where it comes from; since when."
    inside = [path.removeprefix("data/") for path in data if path.startswith("data/")]
    lines = ["# Data\n", *(f"\n## `{name}`\n\n{blank}\n" for name in inside)]
    lines += [] if inside else [f"\n{blank}\n"]
    for name, fields in kinds.records.items():
        lines.append(f"\n## {name}\n\n| field | type | meaning, unit, range |\n|---|---|---|\n")
        lines += [f"| `{field}` | {kind.replace('|', 'or')} | |\n" for field, kind in fields.items()]
    return "".join(lines)
