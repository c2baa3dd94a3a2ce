"""What bubblewrap complains of names the remedy that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.sandbox.obstacles import CONTAINER_VARIABLES, OBSTACLES, in_container

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "grade-on-any-machine.md"
SEEN = [
    (
        "bubblewrap starts, but what it starts lacks the rights SYS_PTRACE",
        True,
        True,
        {},
        "--cap-add SYS_PTRACE --cap-add SYS_CHROOT",
    ),
    ("bwrap: loopback: Failed RTM_NEWADDR: No child processes", True, True, {}, "--cap-add NET_ADMIN"),
    ("bwrap: Creating new namespace failed: Operation not permitted", True, True, {}, "--cap-add SYS_ADMIN"),
    ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", False, True, {}, "unmask=ALL"),
    ("bwrap: Can't set hostname to sandbox: Operation not permitted", False, True, {}, "seccomp=unconfined"),
    ("bwrap: setting up uid map: Permission denied", False, False, {"apparmor_restrict": "1"}, "apparmor.d"),
    ("bwrap: No permissions to create new namespace", False, False, {"userns_clone": "0"}, "userns_clone=1"),
    ("bwrap: No permissions to create new namespace", False, False, {"max_user": "0"}, "max_user_namespaces"),
    ("bwrap: Creating new namespace failed: Invalid argument", False, False, {}, "wsl --set-version"),
    ("bwrap: execvp: No such file", False, False, {}, "see what bubblewrap complains of"),
]
"""What was seen: the message, whether as root, whether in a container, the kernel's settings, and what must be said."""


@pytest.mark.parametrize(("message", "root", "container", "kernel", "said"), SEEN)
def test_a_message_of_bubblewrap_names_the_remedy(
    message: str, root: bool, container: bool, kernel: dict[str, str], said: str
) -> None:
    def read(name: str) -> str:
        return next((value for part, value in kernel.items() if part in name), "")

    met = next(one for one in OBSTACLES if one.meets(message, read=read, root=root, container=container))
    assert said in met.remedy


@pytest.mark.parametrize("variable", CONTAINER_VARIABLES)
def test_a_container_is_known_by_what_its_engine_leaves_in_the_environment(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CONTAINER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("unfit.sandbox.obstacles.CONTAINER_FILES", ())
    assert not in_container()
    monkeypatch.setenv(variable, "podman")
    assert in_container()


def test_every_obstacle_is_in_the_documentation_with_its_remedy() -> None:
    rows = [f"| {one.name} | {one.remedy} | {'yes' if one.tried else 'no'} |" for one in OBSTACLES]
    assert "\n".join(rows) in PAGE.read_text("utf-8")
