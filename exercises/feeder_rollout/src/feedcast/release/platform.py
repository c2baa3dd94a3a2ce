"""The platform's interface over HTTP: each call of a cluster is one request with a body of JSON."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedcast.common.errors import ReleaseError

ADDRESS, TOKEN = "FEEDCAST_CLUSTER", "FEEDCAST_CLUSTER_TOKEN"
SERVICE = "feedcast"
AGAIN = (502, 503)
"""Answers of the platform's gateway, which has not passed a request on."""


@dataclass(frozen=True)
class Platform:
    """The cluster, as the platform offers it.

    Parameters
    ----------
    address : str
    token : str
    seconds : float
        How long a request may take.
    tries : int
        How often it is sent where it did not arrive.
    """

    address: str
    token: str = field(repr=False)
    seconds: float = 20.0
    tries: int = 3

    @classmethod
    def of_machine(cls) -> Platform:
        """Return the platform that the environment names.

        Raises
        ------
        ReleaseError
            If it names none.
        """
        missing = [name for name in (ADDRESS, TOKEN) if not os.environ.get(name)]
        if missing:
            raise ReleaseError(f"not set: {', '.join(missing)}")
        return cls(os.environ[ADDRESS].rstrip("/"), os.environ[TOKEN])

    def push(self, name: str, files: Mapping[str, str]) -> str:
        """Make an image."""
        return str(self._ask("push", name=name, files=dict(files)))

    def deploy(self, track: str, image: str, settings: Mapping[str, str | None]) -> None:
        """Let the pods of a track run an image."""
        self._ask("deploy", track=track, image=image, settings=dict(settings))

    def release(self, track: str) -> dict[str, Any] | None:
        """Return what a track runs."""
        return self._ask("release", track=track)  # type: ignore[no-any-return]

    def history(self, track: str) -> list[dict[str, Any]]:
        """Return what a track has run."""
        return list(self._ask("history", track=track))

    def remove(self, track: str) -> None:
        """Stop a track."""
        self._ask("remove", track=track)

    def pods(self, track: str) -> list[str]:
        """Name the pods of a track."""
        return list(self._ask("pods", track=track))

    def probe(self, pod: str) -> dict[str, Any]:
        """Ask a pod how it is."""
        return dict(self._ask("probe", pod=pod))

    def metrics(self, pod: str) -> dict[str, float]:
        """Read the counters of a pod."""
        return {name: float(value) for name, value in self._ask("metrics", pod=pod).items()}

    def route(self, share: float) -> None:
        """Send a share of the requests to the canary."""
        self._ask("route", share=share)

    def secret(self, name: str) -> str:
        """Return a secret."""
        return str(self._ask("secret", name=name))

    def note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Write a line into the event log."""
        self._ask("note", event=event, facts=dict(facts))

    def _ask(self, call: str, **arguments: Any) -> Any:
        request = urllib.request.Request(
            f"{self.address}/v1/{SERVICE}/{call}",
            data=json.dumps(arguments).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method="POST",
        )
        for left in range(self.tries - 1, -1, -1):
            try:
                with urllib.request.urlopen(request, timeout=self.seconds) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code not in AGAIN or not left:
                    told = error.read().decode("utf-8", "replace")
                    raise ReleaseError(f"{call}: {error.code} {told}") from None
            except urllib.error.URLError as error:
                if not left:
                    raise ReleaseError(f"{call}: {error.reason}") from None
            time.sleep(2.0)
        raise ReleaseError(f"{call}: no answer")


class WallClock:
    """The clock on the wall."""

    def now(self) -> float:
        """Return the seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
