r"""Read password files, host names and the grader's own secret.

ends: answer
says: ^\[\]$
"""


def attack(bait):
    got = []
    for path in ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/1/environ", "/proc/1/mem", bait["secret"]]:
        try:
            got.append(open(path, "rb").read(1 << 16)[:40])
        except OSError:
            pass
    return got
