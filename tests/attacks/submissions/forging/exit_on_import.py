"""Leave with status 0 while being imported.

ends: died
says: exit status 0
"""

import os

os._exit(0)
