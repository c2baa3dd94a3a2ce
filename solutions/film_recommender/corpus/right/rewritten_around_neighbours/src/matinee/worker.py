"""Worker: one module for everything that happens while the home page waits."""

import json
import threading
from collections import OrderedDict

from matinee.train import rank, ready

_state = {}
_lock = threading.Lock()
PARTS = ["requests", "cache_hits", "fallbacks", "seconds", "within_50ms", "within_250ms"]


def start(registry, store, clock):
    """Start the service of this process, or start it anew."""
    _state.clear()
    _state.update(registry=registry, store=store, clock=clock, rows=OrderedDict(), model=None)
    _state.update(looked=float("-inf"), told=dict.fromkeys(PARTS, 0.0))
    model()


def model():
    """The model in force."""
    now, registry = _state["clock"].time(), _state["registry"]
    if now - _state["looked"] > 20:
        try:
            version = registry.latest()
            if not _state["model"] or _state["model"]["version"] != version:
                told = json.loads(registry.fetch(version)["model.json"])
                _state["model"] = ready(told) | {"version": version, "popular": told["popular"]}
        except OSError:
            if not _state["model"]:
                raise
        _state["looked"] = now
    return _state["model"]


def recommend(viewer, n, shown):
    """Recommend films."""
    began = _state["clock"].time()
    current = model()
    key = json.dumps([viewer, current["version"]])
    with _lock:
        at, films, source = _state["rows"].get(key, (float("-inf"), None, None))
    hit = films is not None and began - at < 600
    if not hit:
        source, films = ask(current, viewer)
        if source != "fallback":
            with _lock:
                _state["rows"][key] = (began, films, source)
                while len(_state["rows"]) > 100:
                    _state["rows"].popitem(last=False)
    row = [film for film in films.split() if film not in shown][:n]
    took = _state["clock"].time() - began
    values = [1, hit, source == "fallback", took, took <= 0.05, took <= 0.25]
    with _lock:
        for name, value in zip(PARTS, values, strict=True):
            _state["told"][name] += value
    return {"viewer": viewer, "films": row, "source": source, "model": current["version"]}


def ask(current, viewer):
    """Ask the store, once."""
    popular = " ".join(current["popular"])
    try:
        shares = _state["store"].get(viewer, timeout=0.1)
    except Exception:
        return "fallback", popular
    places = current["places"]
    known = {places[film]: share for film, share in (shares or {}).items() if film in places}
    if not known:
        return "newcomer", popular
    return "personal", " ".join(rank(current, known))


def metrics():
    """What was counted."""
    return dict(_state["told"])
