"""The image grades and confines as this machine does, with the rights that it needs, and a wheel needs no clone.

Run with ``pytest -m slow tests/test_image.py``. The base and the image are made once, and taken again by the next run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from containers import CLONE, ORDINARY, ROOT, SEED, Box, base, idle, image, line, missing, ran, settings
from unfit import engine
from unfit.engine import AS_ROOT, Mount
from unfit.sandbox.obstacles import OBSTACLES

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.skipif(bool(missing()), reason=missing())]

USERS = pytest.mark.parametrize("user", [ROOT, ORDINARY], ids=["root", "an ordinary user"])
GRADED: dict[str, list[str]] = {
    "hospital_triage": [],
    "first_look": ["first_look", str(CLONE / "exercises" / "first_look")],
}
"""The bundled sample, and an exercise as it is handed out."""
SUITES = {
    ROOT: ("test_submissions.py", "test_notebooks.py", "test_denials.py", "test_memory.py"),
    ORDINARY: ("test_submissions.py", "test_notebooks.py", "test_memory.py"),
}
"""Attacks on what an engine could weaken; the others are on how the kit reads, which is the same inside."""
NEEDED = [
    *(
        (ROOT, f"--cap-add={name}")
        for name in ("SYS_ADMIN", "NET_ADMIN", "SETUID", "SETGID", "KILL", "DAC_OVERRIDE")
    ),
    *((ORDINARY, right) for right in engine.ORDINARY["podman"]),
]
"""Rights of which `doctor` shows the need, or a folder that is somebody else's alone."""
JUDGED = ("defects", "guards", "decoys", "headline")
PLACE = "/opt/clone"
AS_A_CLONE = [f"--volume={CLONE}:{PLACE}:ro", f"--env=PYTHONPATH={PLACE}/harness"]
"""What lets a container run the kit of this clone, with its bank."""
NO_NETWORKS = "a container's root that may make networks, but not set them up"
LACKS = "a container's root without the rights that the first process of a sandbox uses"
FLAG = re.compile(r"--(?:cap-add|security-opt) [\w=]+")
PAGE = CLONE / "docs" / "how-to" / "grade-a-cohort.md"
QUICK = 6.0
"""How many times as long as ``--help`` a verb may take to say what is missing, whatever else the machine does."""
MOST_BESIDE = 6.0
"""How many times as long as its download the way to a first grade may take; packages may come from next door."""


@pytest.fixture(scope="session", autouse=True)
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let podman run on this machine, where it can run anything at all."""
    folder = tmp_path_factory.mktemp("podman")
    with settings(folder):
        if complaint := idle(folder):
            pytest.skip(f"podman runs no container here: {complaint}")
        yield folder


@pytest.fixture(scope="session")
def built(podman: Path) -> str:
    """Build the image once."""
    return image(podman)


def graded(out: Path) -> dict[str, Any]:
    """Read a grade, but for how long it took and what bounded it."""
    found: dict[str, Any] = json.loads((out / "grade.json").read_text())
    found.pop("timings")
    found["backend"].pop("detail", None)
    return found


def typed(*words: str | Path, cwd: Path) -> None:
    """Type a verb of this clone's kit, which has to work."""
    done = ran([sys.executable, "-m", "unfit", *words], cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Grade on this machine itself."""
    folder = tmp_path_factory.mktemp("outside")
    for slug, words in GRADED.items():
        options = ["--engine", "none", "--seed", SEED, "--bank", str(CLONE), "--out", str(folder / slug)]
        typed("grade", *words, *options, cwd=folder)
    return {slug: graded(folder / slug) for slug in GRADED}


# The same verdicts


@pytest.mark.parametrize("slug", GRADED)
def test_a_grade_inside_is_that_of_this_machine_number_by_number(
    slug: str, built: str, outside: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    options = ["--engine", "podman", "--seed", SEED, "--bank", str(CLONE), "--out", "graded"]
    typed("grade", *GRADED[slug], *options, cwd=tmp_path)
    assert graded(tmp_path / "graded") == outside[slug]


def test_an_ordinary_user_gets_the_same_grade_and_owns_it(
    built: str, outside: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("graded", "ledger", "cache", "ada")]
    shutil.copytree(CLONE / "exercises" / "first_look", places[-1])
    for path in places:
        path.mkdir(exist_ok=True, mode=0o700)
        subprocess.run(["chown", "-R", f"{ORDINARY[0]}:{ORDINARY[1]}", path], check=True)
    words = [
        "grade",
        "--seed",
        SEED,
        "--bank",
        str(CLONE),
        "--out",
        str(places[0]),
        "--ledger",
        str(places[1]),
    ]
    mounts = [Mount(CLONE), Mount(places[-1]), *(Mount(path, writable=True) for path in places[:2])]
    cache = Mount(places[2], target=engine.CACHE, writable=True)
    done = ran(line(built, [*words, "first_look", str(places[-1])], user=ORDINARY, mounts=[*mounts, cache]))
    assert done.returncode == 0, done.stderr
    found, expected = graded(places[0]), dict(outside["first_look"])
    for one in (found, expected):
        one["submission"] = {**one["submission"], "name": ""}
    assert found == expected
    assert {path.stat().st_uid for path in places[0].iterdir()} == {ORDINARY[0]}


def test_make_grades_through_the_engine_as_well(
    built: str, outside: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    venv = Path(sys.prefix)
    words: list[str | Path] = ["make", "-C", CLONE, "grade", f"OUT={tmp_path / 'graded'}", f"VENV={venv}"]
    done = ran(words, env={**os.environ, "UNFIT_ENGINE": "podman"})
    assert done.returncode == 0, done.stderr
    assert {one["id"]: one["status"] for one in graded(tmp_path / "graded")["defects"]} == {
        one["id"]: one["status"] for one in outside["hospital_triage"]["defects"]
    }


# Rights


@USERS
def test_every_denial_holds_inside(user: tuple[int, int], built: str) -> None:
    done = ran(line(built, ["doctor", "--bank", str(CLONE)], user=user, mounts=[Mount(CLONE)]))
    assert done.returncode == 0, done.stdout
    assert re.search(r"denies all of \d\d forbidden things", done.stdout)


@pytest.mark.parametrize(("user", "right"), NEEDED, ids=[right for _, right in NEEDED])
def test_without_a_right_something_is_refused(
    user: tuple[int, int], right: str, built: str, tmp_path: Path
) -> None:
    shutil.copytree(CLONE / "exercises" / "first_look", tmp_path / "ada")
    subprocess.run(["chown", "-R", "61235:61235", tmp_path / "ada"], check=True)
    (tmp_path / "ada").chmod(0o700)
    bank = ["--bank", str(CLONE)]
    whole = line(built, ["doctor", *bank], user=user, mounts=[Mount(CLONE), Mount(tmp_path / "ada")])
    less = [word for word in whole if word != right]
    private = [*less[: less.index(built)], "--entrypoint=ls", built, str(tmp_path / "ada")]
    assert ran(less).returncode != 0 or (user == ROOT and ran(private).returncode != 0)


@USERS
def test_attacks_are_contained_inside_as_well(user: tuple[int, int], built: str) -> None:
    tops = {file.parts[0] for file in metadata.files("hypothesis") or () if "." not in file.parts[0][:2]}
    brought = [name for name in tops if not name.endswith(".dist-info")]
    library = Path(str(metadata.distribution("hypothesis").locate_file("")))
    mounts = [Mount(library / name, target=f"/opt/extra/{name}") for name in brought]
    mounts += [Mount(CLONE / name, target=f"{PLACE}/{name}") for name in ("tests", "exercises", "solutions")]
    mounts += [Mount(CLONE / "pyproject.toml", target=f"{PLACE}/pyproject.toml")]
    suites = [f"{PLACE}/tests/attacks/{name}" for name in SUITES[user]]
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", f"{PLACE}/pyproject.toml"]
    whole = line(built, [*words, "-m", "not slow", *suites], user=user, mounts=mounts)
    path = f"--env=PYTHONPATH={engine.KIT}"
    whole = [word.replace(path, f"{path}:{PLACE}/tests:/opt/extra") for word in whole]
    whole.insert(whole.index("run") + 1, "--entrypoint=python")
    done = ran(whole)
    tried, contained = re.findall(r"^all +(\d+) tried +(\d+) contained", done.stdout, re.MULTILINE)[0]
    assert (done.returncode, tried) == (0, contained), done.stdout[-3000:]
    assert int(tried) >= 120


# Obstacles


def flags(remedy: str, user: tuple[int, int]) -> list[str]:
    """Read from a remedy what podman is to be given: what stands in the first pair of strokes that is for the user."""
    named = [found for part in remedy.split("`") if (found := FLAG.findall(part))]
    return named[-1 if "as an ordinary user" in remedy and user == ORDINARY else 0]


@pytest.mark.parametrize(
    ("user", "given", "met"),
    [
        (ROOT, [], ["a container without the right to make namespaces"]),
        (ROOT, ["--cap-add SYS_ADMIN"], [NO_NETWORKS, LACKS]),
        (ROOT, ["--cap-add SYS_ADMIN", "--cap-add NET_ADMIN"], [LACKS]),
        (ROOT, ["--cap-add SYS_ADMIN", "--cap-add NET_ADMIN", "--cap-add SYS_PTRACE"], []),
        (
            ORDINARY,
            [],
            [
                "a container whose filter of system calls forbids to name a host",
                "a container that hides parts of /proc",
            ],
        ),
        (ORDINARY, ["--security-opt seccomp=unconfined"], ["a container that hides parts of /proc"]),
        (ORDINARY, ["--security-opt seccomp=unconfined", "--security-opt unmask=ALL"], []),
    ],
    ids=[
        "root",
        "SYS_ADMIN",
        "NET_ADMIN as well",
        "SYS_PTRACE as well",
        "ordinary",
        "no filter",
        "no filter, whole /proc",
    ],
)
def test_doing_what_doctor_says_ends_in_a_container_that_isolates(
    user: tuple[int, int], given: Sequence[str], met: Sequence[str], built: str
) -> None:
    plain = [
        "podman",
        "run",
        "--rm",
        "--network=none",
        f"--user={user[0]}:{user[1]}",
        "--env=HOME=/tmp",
        *AS_A_CLONE,
    ]
    said, options = [], [*given]
    for _ in range(len(met) + 1):
        done = ran([*plain, *" ".join(options).split(), built, "doctor"])
        if done.returncode == 0:
            break
        obstacle = next(one for one in OBSTACLES if one.remedy in done.stdout)
        said.append(obstacle.name)
        options += flags(obstacle.remedy, user)
    assert (said, done.returncode) == (met, 0), done.stdout


# A wheel, and no clone


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and the seconds that it took."""
    began = time.monotonic()
    return call(), time.monotonic() - began


@pytest.fixture(scope="module")
def empty(podman: Path) -> Iterator[Box]:
    """Start a container that holds a Python and nothing else, with the wheel in an environment of its own."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", podman, CLONE]
    subprocess.run([*map(str, command)], check=True)
    with settings(podman, network=True):
        rights = [word for word in AS_ROOT if word.startswith("--cap-add")]
        with Box.of(base(podman), *rights, f"--volume={podman}:/wheels:ro", "--workdir=/root") as box:
            box.must("python3", "-m", "venv", "/opt/unfit")
            box.must("sh", "-c", "/opt/unfit/bin/pip install -q /wheels/*.whl")
            yield box


@pytest.mark.parametrize(
    "words", [["grade"], ["validate", "first_look"], ["doctor"]], ids=lambda words: words[0]
)
def test_without_a_sandbox_a_verb_says_at_once_what_to_do(words: list[str], empty: Box) -> None:
    unfit = "/opt/unfit/bin/unfit"
    _, help_took = timed(lambda: empty.must(unfit, "--help"))
    done, took = timed(lambda: empty.type(unfit, *words, UNFIT_HOME="/root/nothing"))
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr
    assert "fix: " in done.stdout + done.stderr
    assert "unfit setup" in done.stdout + done.stderr
    assert took < QUICK * help_took


def test_a_wheel_in_an_empty_container_does_everything_without_a_clone(
    empty: Box, outside: dict[str, dict[str, Any]]
) -> None:
    unfit = "/opt/unfit/bin/unfit"
    assert "exported hospital_triage" in empty.must(unfit, "export", "hospital_triage", "/root/ada")
    empty.must(unfit, "setup")
    assert "denies all of" in empty.must(unfit, "doctor")
    empty.must(unfit, "grade", "--seed", SEED, "--out", "/root/graded")
    found = json.loads(empty.must("cat", "/root/graded/grade.json"))
    expected = outside["hospital_triage"]
    for part in JUDGED:
        assert found[part] == expected[part]
    empty.must(unfit, "new", "pumps", "--bank", "/root/own")
    empty.must(unfit, "validate", "pumps", "--bank", "/root/own", "--seeds", "1")


def test_the_way_from_nothing_to_a_first_grade_is_not_much_longer_than_its_download(
    empty: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = "/opt/unfit/lib/python3*/site-packages/unfit/data/environment.lock"
    pip = "/opt/unfit/bin/pip --no-cache-dir"
    _, download = timed(
        lambda: empty.must(
            "sh",
            "-c",
            f"{pip} download -q -d /root/kit /wheels/*.whl && {pip} download -q -d /root/runs -r {lock}",
        )
    )
    way = [
        "python3 -m venv /opt/anew",
        "/opt/anew/bin/pip --no-cache-dir install -q /wheels/*.whl",
        "/opt/anew/bin/unfit setup",
        "/opt/anew/bin/unfit grade --out /root/first",
    ]
    _, took = timed(
        lambda: empty.must("sh", "-c", " && ".join(way), UNFIT_HOME="/root/anew", PIP_NO_CACHE_DIR="1")
    )
    with capsys.disabled():
        print(f"\nto a first grade: {took / download:.1f} times the download alone")
    assert took < MOST_BESIDE * download


def test_a_kit_in_the_systems_own_python_shows_no_submission_its_bank(empty: Box) -> None:
    empty.must(
        "sh", "-c",
        "/opt/unfit/bin/pip --python /usr/bin/python3 install -q --no-deps --break-system-packages /wheels/*.whl "
        "&& mkdir -p /opt/beside && cp -r /opt/unfit/lib/python3*/site-packages/. /opt/beside "
        "&& rm -r /opt/beside/unfit /opt/beside/unfit-*",
    )  # fmt: skip
    kit = empty.must("python3", "-c", "import unfit; print(unfit.__file__)", PYTHONPATH="/opt/beside")
    assert kit.startswith("/usr/")
    said = empty.must("python3", "-m", "unfit", "doctor", PYTHONPATH="/opt/beside")
    assert "no submission can see the bank" in said


# A cluster of containers


def manifest() -> list[dict[str, Any]]:
    """Read the manifest of the documentation."""
    block = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)[0]
    return list(yaml.safe_load_all(block))


def as_podman_says(container: dict[str, Any], *, places: dict[str, Path]) -> list[str]:
    """Translate a container of the manifest, with its rights, to words of podman."""
    context = container["securityContext"]
    options = [f"--user={context['runAsUser']}", "--network=unfit-test", "--read-only"]
    options += [f"--cap-drop={name}" for name in context["capabilities"]["drop"]]
    options += ["--security-opt=no-new-privileges"] * (not context["allowPrivilegeEscalation"])
    unconfined = context.get("seccompProfile", {}).get("type") == "Unconfined"
    options += ["--security-opt=seccomp=unconfined"] * unconfined
    options += ["--security-opt=unmask=ALL"] * (context.get("procMount") == "Unmasked")
    options += [f"--env={one['name']}={one['value']}" for one in container["env"]]
    for mount in container["volumeMounts"]:
        place, target = places.get(mount["name"]), mount["mountPath"]
        options.append(f"--volume={place}:{target}" if place else f"--tmpfs={target}:rw,exec,mode=1777")
    options += [f"--workdir={container['workingDir']}"] if "workingDir" in container else []
    return [*options, *AS_A_CLONE]


def test_a_cluster_of_containers_grades_as_this_machine_does(built: str, tmp_path: Path) -> None:
    pods = {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in manifest()
        if "template" in one.get("spec", {})
    }
    parts = {name: pod["containers"][0] for name, pod in pods.items()}
    cohort = tmp_path / "cohort"
    for name in ("ada", "ben"):
        shutil.copytree(CLONE / "exercises" / "first_look", cohort / "handed-in" / name)
    (cohort / "handed-in" / "ben" / "REVIEW.md").unlink()
    options = ["--exercise", "first_look", "--seed", SEED]
    typed(
        "cohort",
        "handed-in",
        "--out",
        tmp_path / "here",
        "--ledger",
        tmp_path / "ledger",
        "--bank",
        CLONE,
        *options,
        "--engine",
        "none",
        cwd=cohort,
    )
    subprocess.run(["chown", "-R", "10001:10001", cohort], check=True)
    ran(["podman", "network", "create", "unfit-test"])
    started = []
    try:
        for name in ("scheduler", "worker", "worker"):
            entry, *words = parts[name]["command"]
            alias = ["--network-alias=scheduler"] if name == "scheduler" else []
            done = ran(
                [
                    "podman",
                    "run",
                    "--detach",
                    *as_podman_says(parts[name], places={}),
                    *alias,
                    f"--entrypoint={entry}",
                    built,
                    *words,
                ]
            )
            assert done.returncode == 0, done.stderr
            started.append(done.stdout.strip())
        job = parts["spring"]
        command = ["podman", "run", "--rm", *as_podman_says(job, places={"cohort": cohort}), built]
        deadline = time.monotonic() + 180
        while (
            (done := ran([*command, *job["args"], *options])).returncode
            and "no workers" in done.stderr + done.stdout
            and time.monotonic() < deadline
        ):
            time.sleep(2)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        ran(["podman", "rm", "--force", "--time=1", *started])
        ran(["podman", "network", "rm", "--force", "unfit-test"])
    assert by_submission(cohort / "spring") == by_submission(tmp_path / "here")


def by_submission(out: Path) -> dict[str, Any]:
    """Read the verdicts of a cohort by what was handed in."""
    grades = [json.loads(path.read_text()) for path in out.glob("grades/*/grade.json")]
    assert len(grades) == 2
    return {one["submission"]["digest"]: [one[part] for part in JUDGED] for one in grades}
