"""Suggestions in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unfit.operators.offering import Offer
from unfit.operators.recording_suggestions import RecordedDefect

__all__ = ["render_offers", "render_recorded"]


def render_offers(offers: Sequence[Offer], slug: str) -> str:
    """Write a numbered list: what, where, the difference, who would tell, and what proves it."""
    blocks = ["\n".join(_offer(one)) for one in offers]
    last = f"record some of them: unfit suggest {slug} {' '.join(str(one.number) for one in offers[:2])}"
    return "\n\n".join([*blocks, last])


def _offer(one: Offer) -> Iterator[str]:
    where = f"{one.file}:{one.line}" if one.cell is None else f"{one.file} cell `{one.cell}` line {one.line}"
    yield f"{one.number:>3}  {one.title}"
    yield f"     {one.rule} · {where}{f', {one.function}' if one.function else ''}"
    for line in one.difference.split("\n"):
        if not line.startswith(("--- ", "+++ ")):
            yield f"     {line}".rstrip()
    experiments = ", ".join(one.experiments) or "a check of your own: the library has none for this rule"
    yield f"     proof: {experiments}"
    if one.linters:
        yield f"     ruff would tell: {'; '.join(one.linters)}"
    if one.planted_by:
        yield f"     planted already, there: {', '.join(one.planted_by)}"
    yield from _trial(one)


def _trial(one: Offer) -> Iterator[str]:
    trial = one.trial
    if trial is None:
        return
    if trial.fails:
        yield f"     tried: {', '.join(trial.fails)} would tell"
    else:
        yield "     tried: no check of the exercise tells it yet"
    if trial.never:
        yield f"     tried: {', '.join(trial.never)} does not pass on the fixed project and says nothing"
    yield f"     tried: visible tests {f'would tell: {trial.visible}' if trial.visible else 'pass'}"


def render_recorded(done: Sequence[RecordedDefect], slug: str) -> str:
    """Say what was recorded, and what is still the author's, in order."""
    lines = [f"recorded suggestion {one.number} as `{one.defect}`" for one in done]
    for one in done:
        lines += ["", f"`{one.defect}`: left to you"]
        lines += [f"  {number}. {what}" for number, what in enumerate(one.left, start=1)]
    return "\n".join([*lines, "", f"then: unfit plant {slug}, and unfit validate {slug} --seeds 2"])
