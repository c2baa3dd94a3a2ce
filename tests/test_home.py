"""Where the kit keeps its things on a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit import home


def test_one_variable_moves_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNFIT_HOME", "/srv/unfit")
    assert (home.cache(), home.ledger()) == (Path("/srv/unfit"), Path("/srv/unfit/ledger"))


def test_what_must_not_be_lost_is_not_in_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNFIT_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/me/data")
    assert (home.cache(), home.ledger()) == (Path("/var/cache/me/unfit"), Path("/home/me/data/unfit/ledger"))
