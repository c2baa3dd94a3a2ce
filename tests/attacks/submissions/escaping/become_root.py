r"""Become root by system call, by capability and by a program with the bit set.

ends: answer
says: ^\[\]$
"""

import os
import subprocess


def attack(bait):
    done = [word for word in (*os.getresuid(), *os.getresgid()) if word == 0]
    for act in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
        try:
            act()
            done.append("became")
        except OSError:
            pass
    for program in (["su", "-c", "id -u"], ["sudo", "-n", "id", "-u"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
        try:
            ran = subprocess.run(program, capture_output=True, stdin=subprocess.DEVNULL, timeout=5)
            done += [program[0]] * (ran.returncode == 0)
        except (OSError, subprocess.SubprocessError):
            pass
    return done
