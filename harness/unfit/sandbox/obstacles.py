"""Obstacles: what forbids namespaces on a machine, each known by what was seen, with what allows them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["OBSTACLES", "Obstacle", "remedy", "setting"]

PROFILE: Final = (
    "abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }"
)
ENGINE: Final = "or install docker or podman and add `--engine podman`"


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way.

    Parameters
    ----------
    name : str
        What it is, for a reader.
    says : tuple of str
        Of which one is in what bubblewrap writes; any message where empty.
    setting : (str, str), default=("", "")
        A setting of the kernel and its value that the obstacle goes with, where an ordinary user meets it.
    container : bool or None, default=None
        Whether it is met in containers only, or outside only.
    remedy : str
        What to do.
    tried : bool, default=False
        Whether a container has shown the message and the remedy.
    """

    name: str
    says: tuple[str, ...]
    remedy: str
    setting: tuple[str, str] = ("", "")
    container: bool | None = None
    tried: bool = False

    def meets(self, message: str, *, read: Callable[[str], str], root: bool, container: bool) -> bool:
        """Whether this is what was seen."""
        if self.setting[0] and (root or read(self.setting[0]) != self.setting[1]):
            return False
        if self.container not in {None, container}:
            return False
        return not self.says or any(word in message for word in self.says)


CONTAINER_FILES: Final = ("/.dockerenv", "/run/.containerenv")
CONTAINER_VARIABLES: Final = ("container", "KUBERNETES_SERVICE_HOST")
NAMESPACES: Final = ("namespace", "setting up uid map", "clone", "unshare", "mount")
OBSTACLES: Final = (
    Obstacle(
        "a container's root without the rights that the first process of a sandbox uses",
        ("lacks the rights",),
        "this container's root lacks rights that a sandbox uses: start it with `--cap-add SYS_PTRACE "
        "--cap-add SYS_CHROOT --cap-add SETUID --cap-add SETGID --cap-add KILL` as well, or grade as an ordinary user, "
        "who has a user namespace for that",
        tried=True,
    ),
    Obstacle(
        "a container's root that may make networks, but not set them up",
        ("RTM_NEWADDR", "loopback"),
        "this container may make networks, but not set them up: start it with `--cap-add NET_ADMIN` as well, "
        "or grade as an ordinary user, who has a user namespace for that",
        tried=True,
    ),
    Obstacle(
        "a container that hides parts of /proc",
        ("mount proc",),
        "this container hides parts of /proc: start it with `--security-opt unmask=ALL` as well (podman), or "
        "`--security-opt systempaths=unconfined` (docker), or grade outside of it",
        tried=True,
    ),
    Obstacle(
        "a container whose filter of system calls forbids to name a host",
        ("Can't set hostname",),
        "this container filters system calls that a sandbox needs: start it with `--security-opt seccomp=unconfined` "
        "as well, or grade outside of it",
        tried=True,
    ),
    Obstacle(
        "Ubuntu 23.10 and later: AppArmor forbids user namespaces",
        (),
        "AppArmor forbids user namespaces (Ubuntu 23.10 and later). Allow them for bubblewrap and what it "
        f"starts: put `{PROFILE}` into /etc/apparmor.d/bwrap, then `sudo systemctl reload apparmor`",
        setting=("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ),
    Obstacle(
        "Debian 10 and older: user namespaces are switched off",
        (),
        "run `sudo sysctl kernel.unprivileged_userns_clone=1`",
        setting=("kernel/unprivileged_userns_clone", "0"),
    ),
    Obstacle(
        "Red Hat and others: no user namespaces are allowed",
        (),
        "run `sudo sysctl user.max_user_namespaces=10000`",
        setting=("user/max_user_namespaces", "0"),
    ),
    Obstacle(
        "a container without the right to make namespaces",
        NAMESPACES,
        "this container may not make namespaces: start it as root with `--cap-add SYS_ADMIN --cap-add NET_ADMIN "
        "--cap-add SYS_PTRACE`, or "
        "as an ordinary user with `--security-opt seccomp=unconfined`, or grade outside of it",
        container=True,
        tried=True,
    ),
    Obstacle(
        "a machine that forbids namespaces (gVisor, WSL1, a host of containers)",
        NAMESPACES,
        f"namespaces are forbidden here: on WSL1, `wsl --set-version NAME 2`; else ask who runs this machine, {ENGINE}",
        container=False,
    ),
    Obstacle("anything else", (), "see what bubblewrap complains of, or grade on another machine"),
)
"""In the order in which they are looked for."""


def remedy(message: str) -> str:
    """Say what forbids namespaces, and how to allow them, by what bubblewrap complains of.

    Parameters
    ----------
    message : str
        What bubblewrap wrote.
    """
    root, container = os.geteuid() == 0, in_container()
    return next(
        one.remedy for one in OBSTACLES if one.meets(message, read=setting, root=root, container=container)
    )


def in_container() -> bool:
    """Whether this is a container: engines leave a file or a variable there, clusters a variable."""
    return any(map(os.path.exists, CONTAINER_FILES)) or any(map(os.environ.get, CONTAINER_VARIABLES))


def setting(name: str) -> str:
    """Read a setting of the kernel; empty where it has none of that name."""
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
