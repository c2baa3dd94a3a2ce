"""What the documentation says of clusters has the form that Kubernetes, a shell and Dask ask for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from unfit.engine import IMAGE_USER

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "how-to" / "grade-a-cohort.md").read_text("utf-8")
OLDEST, NEWEST = "1.33", "1.37"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


MANIFEST: list[dict[str, Any]] = list(yaml.safe_load_all(blocks("yaml")[0]))
NAMES = [f"{one['kind']} {one['metadata']['name']}" for one in MANIFEST]
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]["spec"]
    for one in MANIFEST
    if "template" in one.get("spec", {})
}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("part", MANIFEST, ids=NAMES)
def test_a_part_of_the_manifest_fits_the_schema_of_kubernetes(part: dict[str, Any], version: str) -> None:
    assert kubernetes_validate.validate(part, version, strict=True).startswith(version)


def test_a_word_that_kubernetes_does_not_know_is_refused() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(MANIFEST[0] | {"specs": {}}, NEWEST, strict=True)


@pytest.mark.parametrize("name", PODS)
def test_every_pod_is_an_ordinary_user_without_a_right_and_has_bounds(name: str) -> None:
    for container in PODS[name]["containers"]:
        context = container["securityContext"]
        assert (context["runAsUser"], context["runAsNonRoot"]) == (IMAGE_USER, True)
        assert (context["capabilities"], context["allowPrivilegeEscalation"]) == ({"drop": ["ALL"]}, False)
        assert context["readOnlyRootFilesystem"]
        assert {"cpu", "memory"} <= set(container["resources"]["limits"])
    assert PODS[name]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", ["worker", "spring"])
def test_a_pod_that_confines_submissions_has_what_bubblewrap_needs(name: str) -> None:
    context = PODS[name]["containers"][0]["securityContext"]
    assert (context["procMount"], PODS[name]["hostUsers"]) == ("Unmasked", False)
    assert context["seccompProfile"] == context["appArmorProfile"] == {"type": "Unconfined"}


def test_every_part_is_in_the_namespace_and_every_selector_finds_its_pod() -> None:
    assert {one["metadata"].get("namespace") for one in MANIFEST if one["kind"] != "Namespace"} == {"unfit"}
    for one in MANIFEST:
        if one["kind"] == "Deployment":
            assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"]
    service = next(one for one in MANIFEST if one["kind"] == "Service")
    assert service["spec"]["selector"] == {"part": service["metadata"]["name"]}


def test_everybody_connects_to_the_service_of_the_scheduler() -> None:
    service = next(one for one in MANIFEST if one["kind"] == "Service")
    address = f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    words = [part["containers"][0] for name, part in PODS.items() if name != "scheduler"]
    assert all(address in [*one.get("command", []), *one.get("args", [])] for one in words)


@pytest.mark.parametrize("script", blocks("sh"), ids=["ssh", "image"])
def test_a_shell_reads_the_commands(script: str) -> None:
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("verb", ["scheduler", "worker"])
def test_dask_has_every_option_that_is_named(verb: str) -> None:
    pytest.importorskip("distributed")
    named = set(re.findall(r"--[a-z-]+", " ".join(re.findall(rf"dask {verb} (.*)", PAGE))))
    command = PODS[verb]["containers"][0]["command"]
    named |= {word for word in command if word.startswith("--") and word != "--"}
    listed = subprocess.run(
        [sys.executable, "-m", "dask", verb, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert named
    assert named <= set(re.findall(r"--[a-z-]+", listed))
