"""Commands that hand out say what there is and who has it, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cohort_samples import TEA
from unfit.cli import app

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNFIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unfit(*words: str) -> Result:
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_exercises_of_a_bank_are_listed_for_programs() -> None:
    found = {one["exercise"]: one for one in json.loads(unfit("list", "--bank", str(TEA), "--json").output)}
    assert found["tea_shop"]["forms"][0] == "default"
    assert found["tea_shop"]["tier"] == "first"
    assert {"level", "minutes", "published", "title"} <= found["tea_notebook"].keys()


def test_the_exercises_of_a_bank_are_listed_for_people() -> None:
    assert "tea_shop" in unfit("list", "--bank", str(TEA)).output


def test_an_invitation_shows_in_the_ledger_and_is_found_by_name() -> None:
    said = unfit(
        "invite", "tea_shop", "--candidate", "Zoë Müller", "--until", "2027-03-01", "--bank", str(TEA)
    )
    assert "fill in: [NAME AND ADDRESS], [DATE], [YOUR NAME]" in said.output
    row = json.loads(unfit("ledger", "--json").output)[0]
    assert (row["candidate"], row["until"], row["handed_in"]) == ("Zoë Müller", "2027-03-01", None)
    assert f"receipt {row['receipt']}" in unfit("who", "zoë müller").output


def test_forgetting_is_said_first_and_done_on_request() -> None:
    unfit("invite", "tea_shop", "--candidate", "Ben Kite", "--bank", str(TEA))
    assert "this would be deleted" in unfit("forget", "Ben Kite").output
    assert "invitations/ben-kite" in unfit("forget", "Ben Kite", "--yes").output
    assert json.loads(unfit("ledger", "--json").output) == []


def test_a_reminder_is_printed_ready_to_be_sent() -> None:
    unfit("invite", "tea_shop", "--candidate", "Ben Kite", "--bank", str(TEA))
    assert "Hello Ben Kite," in unfit("message", "reminder", "Ben Kite", "--bank", str(TEA)).stdout
