"""The bank: folders of exercises, read into frozen records."""

from __future__ import annotations

from unfit.bank.bundled import bundled, is_bank
from unfit.bank.contract import Contract, Entry, Function, NotebookEntry, type_names
from unfit.bank.exercises import Bank, CorpusEntry, Exercise, load_bank, load_exercise
from unfit.bank.json_schemas import schemas
from unfit.bank.manifest_reading import read_manifest
from unfit.bank.manifests import (
    CATEGORIES,
    Commit,
    CommitChange,
    Decoy,
    DecoysManifest,
    Defect,
    DefectsManifest,
    Edit,
    EditsManifest,
    EnvironmentManifest,
    ErrataManifest,
    Erratum,
    ExerciseManifest,
    Expectation,
    Form,
    HistoryManifest,
    PullRequest,
    Replacement,
    StandardManifest,
)
from unfit.bank.standards import load_standard
from unfit.bank.trees import digest_of, read_tree

__all__ = [
    "CATEGORIES",
    "Bank",
    "Commit",
    "CommitChange",
    "Contract",
    "CorpusEntry",
    "Decoy",
    "DecoysManifest",
    "Defect",
    "DefectsManifest",
    "Edit",
    "EditsManifest",
    "Entry",
    "EnvironmentManifest",
    "ErrataManifest",
    "Erratum",
    "Exercise",
    "ExerciseManifest",
    "Expectation",
    "Form",
    "Function",
    "HistoryManifest",
    "NotebookEntry",
    "PullRequest",
    "Replacement",
    "StandardManifest",
    "bundled",
    "digest_of",
    "is_bank",
    "load_bank",
    "load_exercise",
    "load_standard",
    "read_manifest",
    "read_tree",
    "schemas",
    "type_names",
]
