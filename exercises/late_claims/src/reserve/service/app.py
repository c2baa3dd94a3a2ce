"""The desk's screen asks over HTTP: ``GET /claims/C26-000123`` and ``GET /health``."""

from __future__ import annotations

import json
import re
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reserve.common.errors import ReserveError
from reserve.common.metrics import Metrics
from reserve.common.settings import settings
from reserve.registry import store
from reserve.service import desk

CLAIM = re.compile(r"^/claims/(?P<claim>[A-Z0-9-]{4,20})(?P<explained>/parts)?$")


class App:
    """What the handler needs, kept for all requests."""

    def __init__(self, folder: str, registry: str) -> None:
        self.folder = folder
        self.registry = registry
        self._metrics = Metrics()
        self._lock = threading.Lock()

    def respond(self, path: str) -> tuple[HTTPStatus, dict[str, Any] | str]:
        """Answer one path."""
        started = time.perf_counter()
        status, told = self._respond(path)
        with self._lock:
            self._metrics.counter("reserve_requests_total", "Requests of the desk").add(code=str(status.value))
            self._metrics.counter("reserve_request_seconds_total", "Time for requests").add(
                time.perf_counter() - started
            )
        return status, told

    def _respond(self, path: str) -> tuple[HTTPStatus, dict[str, Any] | str]:
        if path == "/health":
            return self._health()
        if path == "/metrics":
            with self._lock:
                return HTTPStatus.OK, self._metrics.text()
        match = CLAIM.match(path)
        if match is None:
            return HTTPStatus.NOT_FOUND, {"error": "no such path"}
        ask = desk.explained if match["explained"] else desk.answer
        try:
            return HTTPStatus.OK, ask(self.folder, self.registry, match["claim"])
        except desk.UnknownClaimError as error:
            return HTTPStatus.NOT_FOUND, {"error": str(error)}
        except ReserveError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": str(error)}

    def _health(self) -> tuple[HTTPStatus, dict[str, Any]]:
        """Say whether the service can answer: a version is in force and can be read."""
        try:
            version = store.in_force(self.registry)
            store.load(self.registry, version)
        except ReserveError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False, "why": str(error)}
        return HTTPStatus.OK, {"ready": True, "model": version}


def server(app: App, port: int | None = None) -> ThreadingHTTPServer:
    """Make the server, which is started by ``serve_forever``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            status, told = app.respond(self.path)
            text = told if isinstance(told, str) else json.dumps(told)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(told, str) else "application/json")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Write no line: requests name claims."""

    return ThreadingHTTPServer(("127.0.0.1", settings().service.port if port is None else port), Handler)
