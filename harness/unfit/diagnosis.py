"""Diagnosis: what a candidate says happened, held against what the world knows did."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from unfit.bank import Exercise
from unfit.bank.world_loading import load_world
from unfit.brief import brief
from unfit.errors import CheckError
from unfit.grades import Diagnosis, DiagnosisAnswer

__all__ = ["FILE", "diagnosis_of"]

FILE = "diagnosis.toml"
"""Where a candidate says what happened."""
HOOK, SHIPPED, TOLERANCES = "diagnosis", "SHIPPED_SEED", "TOLERANCES"
LONGEST_FILE, LONGEST_ANSWER = 64 * 1024, 2000

Credit = Literal["right", "near", "wrong", "open"]


def diagnosis_of(
    exercise: Exercise, tree: Mapping[str, bytes], *, seed: int | None = None
) -> Diagnosis | None:
    """Judge the diagnosis of an incident, answer by answer.

    Parameters
    ----------
    exercise : Exercise
        Its world says what happened: ``diagnosis(*, seed) -> {key: value, or several that are all right}``, and by
        ``TOLERANCES = {key: {"full": days, "half": days}}`` how far off a date may be.
    tree : mapping of str to bytes
        The submission's files.
    seed : int, optional
        The seed of the data that were handed out; ``SHIPPED_SEED`` of the world where not given.

    Returns
    -------
    diagnosis : Diagnosis or None
        ``None`` where the exercise asks for none.

    Raises
    ------
    CheckError
        If the world answers for a diagnosis but names no ``SHIPPED_SEED``.
    """
    world = load_world(exercise)
    if world is None or not hasattr(world, HOOK):
        return None
    drawn = getattr(world, SHIPPED, None) if seed is None else seed
    if drawn is None:
        raise CheckError(
            f"solutions/{exercise.slug}/world.py defines `{HOOK}` and no {SHIPPED}",
            fix=f"name the seed that gives the shipped data: {SHIPPED} = 7",
        )
    truth: Mapping[str, Any] = world.diagnosis(seed=drawn)
    said, problem = _read(tree)
    tolerances = getattr(world, TOLERANCES, {})
    answers = tuple(_answer(name, said.get(name), truth[name], tolerances.get(name, {})) for name in truth)
    words = {name: _text(value) for name, value in said.items() if name not in truth and _text(value)}
    return Diagnosis(answers=answers, words=words, problem=problem)


def _read(tree: Mapping[str, bytes]) -> tuple[dict[str, Any], str]:
    """Read the candidate's file; whatever is wrong with it is said and ends nothing."""
    content = tree.get(FILE)
    if content is None:
        return {}, f"the submission has no {FILE}"
    if len(content) > LONGEST_FILE:
        return {}, f"{FILE} is larger than {LONGEST_FILE // 1024} KiB and was not read"
    try:
        return tomllib.loads(content.decode()), ""
    except (ValueError, RecursionError) as error:
        return {}, f"{FILE} could not be read: {error}"


def _answer(name: str, said: Any, truth: Any, tolerance: Mapping[str, int]) -> DiagnosisAnswer:
    right = list(truth) if isinstance(truth, list | tuple | set | frozenset) else [truth]
    text = _text(said)
    found: list[Credit] = ["open"] if not text else [_credit(text, _text(one), tolerance) for one in right]
    best = next(credit for credit in ("right", "near", "wrong", "open") if credit in found)
    return DiagnosisAnswer(name=name, said=text, truth=" or ".join(map(_text, right)), credit=best)


def _credit(said: str, truth: str, tolerance: Mapping[str, int]) -> Credit:
    if _plain(said) == _plain(truth):
        return "right"
    if tolerance:
        try:
            apart = abs((dt.date.fromisoformat(said[:10]) - dt.date.fromisoformat(truth)).days)
        except ValueError:
            return "wrong"
        if apart <= tolerance.get("half", 0):
            return "right" if apart <= tolerance.get("full", 0) else "near"
    return "wrong"


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _text(value: Any) -> str:
    """Spell a value as one text; several are joined."""
    if value is None:
        return ""
    try:
        if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
            return ", ".join(map(_text, value))[:LONGEST_ANSWER]
        return str(value).strip()[:LONGEST_ANSWER]
    except (ValueError, RecursionError):  # Python writes neither very long integers nor very deep lists
        return brief(value)
