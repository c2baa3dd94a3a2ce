r"""Write into the submission, the kit, Python, the root and the grader's own folder.

ends: answer
says: ^\[\]$
"""

import os
import sys


def attack(bait):
    done = []
    places = ["/", "/submission", "/kit", "/kit/unfit", "/usr", "/etc", "/dev", "/proc", sys.prefix, bait["outside"]]
    for place in places:
        try:
            open(os.path.join(place, "owned"), "w").close()
            done.append(place)
        except OSError:
            pass
    return done
