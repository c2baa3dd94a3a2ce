"""The workflow that grades in CI keeps to GitHub's schema, and makes no known mistake."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from unfit.cli import app

WORKFLOWS = sorted((Path(__file__).parent.parent / ".github" / "workflows").glob("*.yml"))
TOOLS = Path(sys.executable).parent


def ended(*command: str) -> str:
    """Run a tool of the environment; return what it says where it finds something."""
    done = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_keeps_to_githubs_schema(workflow: Path) -> None:
    assert ended("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow)) == ""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_makes_no_known_mistake(workflow: Path) -> None:
    assert ended("zizmor", "--offline", "--no-progress", str(workflow)) == ""


def test_a_mistake_would_be_found(tmp_path: Path) -> None:
    bad = tmp_path / ".github" / "workflows" / "bad.yml"
    bad.parent.mkdir(parents=True)
    bad.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        '      - run: echo "${{ github.event.pull_request.title }}"\n'
    )
    assert "template-injection" in ended("zizmor", "--offline", "--no-progress", str(bad))


def test_the_workflow_calls_commands_that_exist() -> None:
    (grade,) = [path for path in WORKFLOWS if path.name == "grade.yml"]
    text = grade.read_text("utf-8")
    assert "unfit grade" in text
    assert {"grade", "doctor", "setup"} <= {
        str(command.callback.__name__) for command in app.registered_commands if command.callback
    }
