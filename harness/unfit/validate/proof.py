"""Proof: what a clean validation stands for, so that one can tell whether it still does."""

from __future__ import annotations

import hashlib

from unfit.bank import Exercise
from unfit.harm import read_harm
from unfit.validate.kept import code_digest
from unfit.validate.planning import Tree, plan

__all__ = ["proof_of", "proven"]


def proof_of(exercise: Exercise) -> str:
    """Hash all that the verdicts of a validation depend on.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    proof : str
        Another where a tree, what is expected of it, the checks, the world or the contract is another; the same where
        only the guide, a title or a source changed.
    """
    whole = hashlib.sha256(code_digest(exercise).encode())
    for tree in plan(exercise):
        whole.update("\0".join(_facts(tree)).encode() + b"\n")
    return whole.hexdigest()


def proven(exercise: Exercise) -> bool:
    """Whether the measurement that lies beside the solution is that of a clean validation of what is there now."""
    kept = read_harm(exercise).proof
    return bool(kept) and kept == proof_of(exercise)


def _facts(tree: Tree) -> list[str]:
    sets = (tree.planted, tree.mended, tree.guards_broken, tree.unproven)
    return [tree.name, tree.digest, *(",".join(sorted(names)) for names in sets)]
