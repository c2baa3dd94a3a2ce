"""Raise an error whose class and message are markup.

ends: raised
says: script
"""


def attack(bait):
    raise type("<img src=x onerror=alert(1)>", (Exception,), {})("<script>\x1b[31m\u202e</script>")
