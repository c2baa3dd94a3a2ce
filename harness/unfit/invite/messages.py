"""Messages: what is written to candidates, from templates that a team can replace one by one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from unfit.errors import UsageError

__all__ = ["KINDS", "MESSAGES", "Kind", "blanks", "render"]

Kind = Literal["invitation", "reminder", "answer", "refusal"]
KINDS: tuple[Kind, ...] = ("invitation", "reminder", "answer", "refusal")
MESSAGES = "messages"
"""Folder of a bank with templates of its own."""
BLANK = re.compile(r"\[[A-Z][A-Z ,']+\]")


def render(kind: Kind, facts: dict[str, Any], *, folders: tuple[Path, ...] = ()) -> str:
    """Write one message.

    Parameters
    ----------
    kind : {"invitation", "reminder", "answer", "refusal"}
    facts : dict
        What a template may use; see the how-to on handing out.
    folders : tuple of Path
        Folders with templates of one's own, the first one first; ``invitation.txt.j2`` replaces that of the kit.

    Raises
    ------
    UsageError
        If a template of one's own cannot be read; names the file and the line.
    """
    loaders = [FileSystemLoader(folder) for folder in folders]
    environment = Environment(
        loader=ChoiceLoader([*loaders, PackageLoader("unfit.invite", "templates")]),
        autoescape=False,  # noqa: S701 - a message is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    name = f"{kind}.txt.j2"
    try:
        return environment.get_template(name).render(**facts)
    except TemplateError as error:
        place = next((folder / name for folder in folders if (folder / name).is_file()), Path(name))
        line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        raise UsageError(
            f"{place}{line}: cannot be filled in: {error.message}",
            fix=f"a message may use {', '.join(sorted(facts))}",
        ) from None


def blanks(text: str) -> tuple[str, ...]:
    """Name what a message leaves open for its sender."""
    return tuple(dict.fromkeys(BLANK.findall(text)))
