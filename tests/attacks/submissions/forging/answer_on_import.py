"""Answer while the module is imported, before any argument was seen by the function.

ends: answer
says: ^'imported'$
"""

import os

from bridge import frame, head, record, send

send(frame(b"R", head(record(value="imported"))))
os._exit(0)
