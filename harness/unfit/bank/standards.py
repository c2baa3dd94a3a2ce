"""The standard of a bank: the kit's own, as the bank's ``standard.toml`` changes it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from unfit.bank.manifest_reading import read_manifest
from unfit.bank.manifests import StandardManifest
from unfit.bank.nearest_word import nearest
from unfit.errors import ManifestError
from unfit.standard import STANDARD, Standard

__all__ = ["FILE", "load_standard"]

FILE = "standard.toml"


def load_standard(bank: Path) -> Standard:
    """Read the rules that hold in a bank.

    Parameters
    ----------
    bank : Path
        The bank's folder; without ``standard.toml`` in it the kit's own standard holds.

    Raises
    ------
    ManifestError
        If the file breaks its format, or drops or rewords a rule that there is not; names the nearest.
    """
    path = bank / FILE
    if not path.is_file():
        return STANDARD
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _: int) -> Standard:
    manifest = read_manifest(path, StandardManifest, shown=FILE)
    known = STANDARD.ids
    for key, names in (("drop", manifest.drop), ("reword", tuple(manifest.reword))):
        for name in names:
            if name not in known:
                raise ManifestError(
                    f"{FILE}: `{key}` names `{name}`, which is no rule of the kit's standard{nearest(name, known)}",
                    fix=f"mend `{key}` in {FILE}; `unfit standard` lists the rules",
                )
    kept = set(known) - set(manifest.drop)
    for rule in manifest.rule:
        if rule.id in kept:
            raise ManifestError(
                f"{FILE}: `rule[{rule.id}]` is a rule of the kit's standard already",
                fix=f'give the new rule another id, or add "{rule.id}" to `drop`',
            )
    for name in manifest.reword:
        if name not in kept:
            raise ManifestError(
                f"{FILE}: `{name}` is dropped and reworded", fix="remove it from `drop` or from `reword`"
            )
    return STANDARD.adapted(dropped=manifest.drop, reworded=manifest.reword, added=manifest.rule)
