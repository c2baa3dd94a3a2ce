"""Proof: what a clean validation stands for, so that one can tell whether it still does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from unfit.bank import Exercise, digest_of
from unfit.checks import load_measure
from unfit.harm import read_harm
from unfit.validate.code_reach import digests_by_reach
from unfit.validate.earlier_verdicts import code_digest, with_library
from unfit.validate.planning import Tree, plan

__all__ = ["ground_of_harm", "proof_of", "proven"]


def proof_of(exercise: Exercise, trees: Sequence[Tree] | None = None) -> str:
    """Hash all that the verdicts of a validation depend on.

    Parameters
    ----------
    exercise : Exercise
    trees : sequence of Tree, optional
        Its plan, where that is laid out already.

    Returns
    -------
    proof : str
        Another where a tree, what is expected of it, the checks, the world or the contract is another; the same where
        only the guide, a title or a source changed.
    """
    whole = hashlib.sha256(code_digest(exercise).encode())
    for tree in trees or plan(exercise):
        whole.update("\0".join(_facts(tree)).encode() + b"\n")
    return whole.hexdigest()


def proven(exercise: Exercise, trees: Sequence[Tree] | None = None) -> bool:
    """Whether the measurement that lies beside the solution is that of a clean validation of what is there now."""
    kept = read_harm(exercise).proof
    return bool(kept) and kept == proof_of(exercise, trees)


def ground_of_harm(exercise: Exercise, trees: Sequence[Tree] | None = None) -> str:
    """Hash all that the measured losses depend on.

    Parameters
    ----------
    exercise, trees
        See `proof_of`.

    Returns
    -------
    ground : str
        Another where the world, the measure, the contract, the fixed project or a single defect is another; the same
        where only other checks changed.
    """
    measure = load_measure(exercise.solution)
    neighbours = (path for path in exercise.solution.glob("*.py") if path.name != "checks.py")
    texts = with_library({path.name: path.read_bytes() for path in neighbours})
    reached = digests_by_reach((exercise.solution / "checks.py").read_text(encoding="utf-8"))
    texts["measure"] = reached.get(measure.name if measure else "", "").encode()
    texts["harms"] = repr([(one.id, one.severity, one.harm) for one in exercise.defects]).encode()
    texts["contract"] = exercise.manifest.contract.model_dump_json().encode()
    alone = [tree.digest for tree in trees or plan(exercise) if tree.kind in {"fixed", "alone"}]
    return digest_of({**texts, "trees": "\0".join(alone).encode()})


def _facts(tree: Tree) -> list[str]:
    sets = (tree.planted, tree.mended, tree.guards_broken, *([tree.unproven] if tree.unproven else []))
    return [tree.name, tree.digest, *(",".join(sorted(names)) for names in sets)]
