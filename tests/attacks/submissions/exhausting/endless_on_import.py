"""Never end while being imported.

ends: cpu
says: processor seconds
limits: cpu=1
"""

while True:
    pass
