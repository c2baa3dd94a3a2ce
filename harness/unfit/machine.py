"""The machine that grades: whether it can isolate, with what, and how to make it able."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from unfit import __version__, environment, home
from unfit.errors import EnvironmentMissing, SandboxError
from unfit.sandbox import Backend, Bubblewrap, Environment, ensure_works, unbounded
from unfit.sandbox.bubblewrap import seen_inside
from unfit.sandbox.obstacles import in_container
from unfit.sandbox.selfcheck import selfcheck

__all__ = [
    "MachineFinding",
    "ensure_may_grade",
    "examine",
    "install_bubblewrap",
    "isolates",
    "refuse_open",
    "trust",
]

APT = ["apt-get", "install", "-y", "-qq", "bubblewrap"]
ELSEWHERE = "grade on another machine, and report this as a hole of the sandbox (SECURITY.md)"
MOVE = "move the bank, or the environment of exercises, so that the one is not inside the other: not below {}"
RETRY = "do what the line says, then run `unfit doctor` again"
REMEDY = "sudo apt-get install bubblewrap (on Fedora: dnf install bubblewrap; on Arch: pacman -S bubblewrap)"


@dataclass(frozen=True)
class MachineFinding:
    """One fact about the machine, and what to do where it stands in the way."""

    what: str
    good: bool
    fix: str = ""


def examine(bank: Path, *, tell: Callable[[str], None] = lambda _: None) -> tuple[MachineFinding, ...]:
    """Look at everything that grading needs; each denial of the sandbox is tried, not assumed.

    Parameters
    ----------
    bank : Path
        The bank's root, which may bring its own environment.
    tell : callable
        Told in a sentence what takes seconds.

    Returns
    -------
    findings : tuple of MachineFinding
        In the order in which a person would mend them.
    """
    findings = [_system(), _python(), _bubblewrap()]
    try:
        place = environment.find(bank)
        findings.append(MachineFinding(f"environment of exercises {place.digest[:16]}", good=True))
    except EnvironmentMissing as error:
        return (*findings, MachineFinding(error.message, good=False, fix=error.fix))
    obstacles = Bubblewrap().check()
    if obstacles:
        return (*findings, *(MachineFinding(text, good=False, fix=RETRY) for text in obstacles))
    tell("trying everything that the sandbox must deny")
    return (*findings, _hidden(bank, place), _groups(), *_denials(place))


def isolates() -> bool:
    """Whether this machine can isolate: it did so before, or a sandbox starts now."""
    if platform.system() != "Linux" or not shutil.which("bwrap"):
        return False
    proven = home.cache() / "proven"
    return (proven.is_dir() and any(proven.iterdir())) or not Bubblewrap().check()


def ensure_may_grade(
    backend: Backend, place: Environment, bank: Path, *, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Refuse to grade here unless the backend works, no submission can read the bank, and every denial was proven.

    Parameters
    ----------
    backend : Backend
        One that protects nothing is the interviewer's own word, and only has to work.
    place : Environment
        What runs submissions.
    bank : Path
    tell : callable
        Told in a sentence what takes seconds.

    Raises
    ------
    SandboxError
        Saying what stands in the way, and what to do.
    """
    ensure_works(backend)
    if backend.protected:
        refuse_open(bank, place)
        trust(place, tell=tell)


def refuse_open(bank: Path, place: Environment) -> None:
    """Refuse a bank that submissions could read.

    Raises
    ------
    SandboxError
        If it lies in a folder that a sandbox shows.
    """
    finding = _hidden(bank, place)
    if not finding.good:
        raise SandboxError(finding.what, fix=finding.fix)


def trust(place: Environment, *, tell: Callable[[str], None] = lambda _: None) -> None:
    """Prove each denial of the sandbox before the first grade on a machine, and remember that it held.

    Raises
    ------
    SandboxError
        If something forbidden went through: then nothing may be graded here.
    """
    stamp = home.cache() / "proven" / _fingerprint(place)
    if stamp.exists():
        return
    tell("first grade on this machine: trying everything that the sandbox must deny")
    holes = [item for item in selfcheck(Bubblewrap(), place) if not item.holds]
    if holes:
        raise SandboxError(
            f"the sandbox of this machine does not deny: {', '.join(item.name for item in holes)}",
            fix="run `unfit doctor` for the details; grade on another machine until it is mended",
        )
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def _fingerprint(place: Environment) -> str:
    """Hash what the denials depend on: the kit, bubblewrap, the kernel, the user and the environment."""
    facts = [__version__, _bubblewrap().what, platform.release(), str(os.geteuid()), place.digest]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


def _system() -> MachineFinding:
    system = platform.system()
    return MachineFinding(
        f"{system} {platform.release()}",
        good=system == "Linux",
        fix="" if system == "Linux" else "grade on Linux or in WSL2; candidates may work on any system",
    )


def _python() -> MachineFinding:
    version = ".".join(map(str, sys.version_info[:3]))
    return MachineFinding(
        f"Python {version}", good=sys.version_info >= (3, 11), fix="install Python 3.11 or newer"
    )


def _bubblewrap() -> MachineFinding:
    found = shutil.which("bwrap")
    if not found:
        return MachineFinding("bubblewrap is not installed", good=False, fix=REMEDY)
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return MachineFinding(done.stdout.strip() or "bubblewrap", good=done.returncode == 0, fix=REMEDY)


def _hidden(bank: Path, place: Environment) -> MachineFinding:
    """See that no submission can read the bank, which holds the hidden checks."""
    folder = seen_inside(bank, place)
    if folder:
        return MachineFinding(
            f"submissions could read the bank {bank}, which lies in {folder}",
            good=False,
            fix=MOVE.format(folder),
        )
    return MachineFinding("no submission can see the bank", good=True)


def _groups() -> MachineFinding:
    """Say what control groups bound here; where there are none, grading goes on."""
    missing = unbounded(Bubblewrap())
    if not missing:
        return MachineFinding("control groups bound memory, processes and processor time", good=True)
    rest = f"{missing}: shared memory, socket buffers and processes that nobody waits for are bounded less tightly"
    if in_container():
        return MachineFinding(f"{rest}; what runs this container bounds them all together", good=True)
    return MachineFinding(
        f"{rest}; grade as root, or with `systemd-run --user --scope -p Delegate=yes unfit grade ...`, to bound them",
        good=True,
    )


def _denials(place: Environment) -> list[MachineFinding]:
    try:
        denials = selfcheck(Bubblewrap(), place)
    except SandboxError as error:
        return [MachineFinding(error.message, good=False, fix=error.fix)]
    holes = [item for item in denials if not item.holds]
    if holes:
        return [
            MachineFinding(f"not denied: {item.name}: {item.seen}", good=False, fix=ELSEWHERE)
            for item in holes
        ]
    return [
        MachineFinding(
            f"the sandbox denies all of {len(denials)} forbidden things that were tried", good=True
        )
    ]


def install_bubblewrap(*, tell: Callable[[str], None]) -> None:
    """Install it with apt as root or with a sudo that asks nothing; else say exactly what to type."""
    if shutil.which("bwrap") or platform.system() != "Linux":
        return
    command = _apt()
    if command is None:
        tell(f"bubblewrap is missing and cannot be installed from here. Type: {REMEDY}")
        return
    tell("installing bubblewrap")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        [*command[: -len(APT)], "apt-get", "update", "-qq"], env=quiet, capture_output=True, check=False
    )
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        tell(f"apt-get could not install bubblewrap: {done.stderr.strip().splitlines()[-1:]}. Type: {REMEDY}")


def _apt() -> list[str] | None:
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return APT
    passwordless = (
        shutil.which("sudo")
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    )
    return ["sudo", "-n", *APT] if passwordless else None
