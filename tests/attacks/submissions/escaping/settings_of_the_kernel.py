r"""Open settings and memory of the kernel for writing.

ends: answer
says: ^\[\]$
"""

import os


def attack(bait):
    done = []
    for path in ["kernel/core_pattern", "vm/overcommit_memory", "kernel/modprobe", "kernel/hostname"]:
        try:
            os.close(os.open(f"/proc/sys/{path}", os.O_WRONLY))
            done.append(path)
        except OSError:
            pass
    for path in ["/proc/sysrq-trigger", "/dev/mem", "/dev/kmsg", "/dev/sda", "/proc/1/oom_score_adj"]:
        try:
            os.close(os.open(path, os.O_WRONLY))
            done.append(path)
        except OSError:
            pass
    return done
