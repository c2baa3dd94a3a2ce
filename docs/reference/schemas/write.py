# ruff: noqa: INP001 - a script beside what it writes, no module of a package
"""Write the JSON Schemas of this folder anew: ``python docs/reference/schemas/write.py``."""

import json
from pathlib import Path

from unfit.files import write_atomically
from unfit.report import schema
from unfit.scaffold import write_schemas

HERE = Path(__file__).parent

write_schemas(HERE)
write_atomically(HERE / "grade.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
