"""A headless Chromium, spoken to over a pipe: enough to open a page, watch what it does, and ask it questions.

Chromium's own protocol needs no driver and no further package; a test that asks for it is skipped without Chromium.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Browser", "chromium"]

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0


def chromium() -> str | None:
    """Find the browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One browser with one page; ends with the block that opened it."""

    def __init__(self, *, width: int = 1280, height: int = 900) -> None:
        self.events: list[dict[str, Any]] = []
        self._profile = tempfile.TemporaryDirectory(prefix="unfit-browser-", ignore_cleanup_errors=True)
        self._count = 0
        self._rest = b""
        binary = chromium()
        assert binary is not None
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        script = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        own = [f"--user-data-dir={self._profile.name}", f"--window-size={width},{height}"]
        self._process = subprocess.Popen(
            ["bash", "-c", script, binary, *FLAGS, *own],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.send(f"{domain}.enable")

    _session: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command and wait for its answer; what happens meanwhile is kept in ``events``."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def open(self, page: Path, *, dark: bool = False, media: str = "screen") -> None:
        """Open a file and wait until it is loaded."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.events.clear()
        self.send("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page, waiting for a promise."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def printed(self) -> int:
        """On how many pages of A4 it is printed."""
        found = self.send("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)
        return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(found["data"])))

    def barriers(self) -> list[tuple[str, str]]:
        """What axe finds on the page that keeps people out, by rule, everything unfolded."""
        package = importlib.util.find_spec("axe_playwright_python")  # it brings axe-core along
        assert package is not None
        assert package.origin is not None
        checker = Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")
        self.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
        self.ask(f"{checker}; 0")
        found = self.ask(
            "axe.run().then(all => JSON.stringify(all.violations.map(one => [one.id, one.help])))"
        )
        return [(rule, said) for rule, said in json.loads(found)]

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    @property
    def requests(self) -> list[str]:
        """Everything that the page asked for."""
        return [found["request"]["url"] for found in self._params({"Network.requestWillBeSent"})]

    @property
    def reached(self) -> list[str]:
        """What was asked for and not stopped by the page's own policy before it left."""
        failed = self._params({"Network.loadingFailed"})
        stopped = {found["requestId"] for found in failed if found.get("blockedReason") == "csp"}
        sent = self._params({"Network.requestWillBeSent"})
        urls = [found["request"]["url"] for found in sent if found["requestId"] not in stopped]
        return [url for url in urls if not url.startswith("data:")]

    @property
    def complaints(self) -> list[str]:
        """What went to the console, exceptions and dialogs included."""
        console = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [json.dumps(found) for found in self._params(console | {"Page.javascriptDialogOpening"})]

    def _params(self, methods: set[str]) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") in methods]

    def _next(self) -> dict[str, Any]:
        ends = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, ends - time.monotonic()))
            assert ready, "the browser does not answer"
            self._rest += os.read(self._read, 1 << 20)
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))
