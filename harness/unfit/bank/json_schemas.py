"""JSON Schemas of the manifests, for editors and other programs."""

from __future__ import annotations

from typing import Any

from unfit.bank.manifests import (
    DecoysManifest,
    DefectsManifest,
    EditsManifest,
    ErrataManifest,
    ExerciseManifest,
    Expectation,
    HistoryManifest,
    StandardManifest,
)
from unfit.records import Record

__all__ = ["schemas"]


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema by manifest, for editors.

    Returns
    -------
    schemas : dict
        Keys are the file names: ``exercise.toml``, ``defects.toml``, ``decoys.toml``, ``edits.toml``,
        ``errata.toml``, ``expect.toml``, ``history.toml``, ``standard.toml``.
    """
    records: dict[str, type[Record]] = {
        "exercise.toml": ExerciseManifest,
        "defects.toml": DefectsManifest,
        "decoys.toml": DecoysManifest,
        "edits.toml": EditsManifest,
        "errata.toml": ErrataManifest,
        "expect.toml": Expectation,
        "history.toml": HistoryManifest,
        "standard.toml": StandardManifest,
    }
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {name: {"$schema": dialect, **record.model_json_schema()} for name, record in records.items()}
