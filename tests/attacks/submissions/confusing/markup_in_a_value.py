"""Return scripts, terminal sequences and reordered text: they cross as they are, for renderers to escape.

ends: answer
says: script
"""


def attack(bait):
    return "<script>alert(1)</script>\x1b[2J\u202egnp.exe\0\r\n]]>{{7*7}}"
