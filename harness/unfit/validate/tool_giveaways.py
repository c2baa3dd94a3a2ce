"""Giveaways: planted mistakes that a tool names, so that finding them takes no reader."""

from __future__ import annotations

from collections.abc import Iterator

from unfit.bank import Exercise
from unfit.planting.tools import TOOLS, installed, names_a_mistake, told_by_tools
from unfit.validate.validation import Problem

__all__ = ["giveaways", "unasked"]


def giveaways(exercise: Exercise) -> Iterator[Problem]:
    """Name every defect that a tool finds and that is not marked so, and every mark that is wrong.

    Parameters
    ----------
    exercise : Exercise
    """
    asked = installed()
    for name, told in told_by_tools(exercise, tools=asked).items():
        defect, seen = exercise.defect(name), set[str]()
        for one in told:
            known = one.mark in defect.tools or one.mark in seen
            seen.add(one.mark)
            if known:
                continue
            yield Problem(
                gate="tools",
                what=f"a tool names `{name}`: {one.mark} {one.lint.message}",
                where=one.lint.place,
                fix=f'plant it in a form that no tool names, or mark it as one that tools find: tools = ["{one.mark}"]',
            )
        for mark in defect.tools:
            tool, _, rule = mark.partition(":")
            where = f"defects.toml: defect[{name}].tools"
            if tool not in TOOLS or not names_a_mistake(tool, rule):
                yield Problem(
                    gate="tools",
                    what=f"`{mark}` is no rule by which a tool names a mistake",
                    where=where,
                    fix=f"drop it, or name one of {', '.join(TOOLS)} with a rule that is not about style",
                )
            elif tool in asked and mark not in seen:
                yield Problem(gate="tools", what=f"{mark} finds nothing there", where=where, fix="drop it")


def unasked() -> Iterator[str]:
    """Say which tools are not installed, so that nobody takes their silence for an answer."""
    asked = installed()
    missing = [tool for tool in TOOLS if tool not in asked]
    if missing:
        yield f"not asked whether they find what is planted, since they are not installed: {', '.join(missing)}"
