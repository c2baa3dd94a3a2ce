"""Draw the layers of the program from its import contract: ``python tests/layers.py``."""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "layers.svg"
WIDTH, ROW, GAP, LETTER = 880, 40, 8, 7.4
STYLE = """
text { font: 13px sans-serif; fill: #1b2430 }
.ground { fill: #fbfaf7 } .layer { fill: #e9edf3 } .module { fill: #fff; stroke: #1d4f8f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ee } .ground { fill: #14171a } .layer { fill: #232a33 } .module { fill: #14171a; stroke: #8db9f2 }
}
"""


def layers() -> list[list[str]]:
    """Read the layers from top to bottom, each with its modules."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (contract,) = [one for one in linter["contracts"] if one["containers"] == ["unfit"]]
    return [layer.split(" | ") for layer in contract["layers"]]


def drawn(rows: list[list[str]]) -> str:
    """Draw one band a layer and one box a module, as SVG."""
    height = ROW * len(rows) + GAP
    told = "; ".join(", ".join(row) for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>The layers, from top to bottom</title><desc>{escape(told)}</desc><style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
    ]
    for number, row in enumerate(rows):
        top = GAP + number * ROW
        sizes = [LETTER * len(name) + 20 for name in row]
        left = (WIDTH - sum(sizes) - GAP * (len(row) - 1)) / 2
        parts.append(
            f'<rect class="layer" x="{GAP}" y="{top}" width="{WIDTH - 2 * GAP}" height="{ROW - GAP}"/>'
        )
        for name, size in zip(row, sizes, strict=True):
            parts += [
                f'<rect class="module" x="{left:.1f}" y="{top + 4}" width="{size:.1f}" height="24" rx="4"/>',
                f'<text x="{left + size / 2:.1f}" y="{top + 20}" text-anchor="middle">{escape(name)}</text>',
            ]
            left += size + GAP
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(drawn(layers()), "utf-8")
