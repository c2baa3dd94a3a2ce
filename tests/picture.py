"""Take the pictures of a report that the README shows: ``python tests/picture.py graded/report.html``."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

from PIL import Image

from browser import Browser, chromium

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDTH = 1000
SCALE = 1.4
COLOURS = 64  # text on plain ground needs no more, and the file is a quarter of the size


def take(page: Path, folder: Path) -> None:
    """Write the page's head, down to the end of its first table, in light and in dark."""
    with Browser(width=WIDTH) as browser:
        for name in ("light", "dark"):
            browser.open(page, dark=name == "dark")
            bottom = browser.ask("document.querySelector('table').getBoundingClientRect().bottom")
            shown = {"x": 0, "y": 0, "width": WIDTH, "height": bottom + 4, "scale": SCALE}
            taken = browser.send("Page.captureScreenshot", clip=shown, captureBeyondViewport=True)
            picture = Image.open(io.BytesIO(base64.b64decode(taken["data"])))
            picture.quantize(COLOURS).save(folder / f"report-{name}.png", optimize=True)


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("error: there is no Chromium\n  fix: sudo apt-get install chromium, then run: make picture")
    take(Path(sys.argv[1]).resolve(), IMAGES)
