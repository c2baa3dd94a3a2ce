"""Calls: finding an entry point of the submission, and calling it."""

from __future__ import annotations

import importlib
import os
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from unfit.worker import imports, notebooks
from unfit.worker.faults import Missing
from unfit.worker.functions_run import FunctionsRun
from unfit.worker.own_code import OwnCode

__all__ = ["Project"]


class Project:
    """What this process answers about a submission.

    Parameters
    ----------
    config : mapping
        The sandbox's settings: where the submission lies, what goes on ``sys.path``, which packages are offered.
    progress : callable
        What leaves word of the cell that is running.
    """

    def __init__(self, config: dict[str, Any], progress: Callable[[str], None]) -> None:
        self.config = config
        self.progress = progress
        self.code = OwnCode(config["submission"], config["paths"], config["kit"])
        imports.guard(self.code, config["offered"])
        self.notebook: Any = None
        self._functions: FunctionsRun | None = None
        self._found: dict[str, Callable[..., Any]] = {}

    def do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call an entry point."""
        prepare(request)
        if self.notebook is not None and ":" not in request["entry"]:
            answer: dict[str, Any] = self.notebook.call(request["entry"], request["args"], request["kwargs"])
            return answer
        if request["noting"] is not None and self._functions is None and self.notebook is None:
            self._functions = FunctionsRun(self.code, request["noting"])
        entry = self.entry(request["entry"])
        answer = {"value": entry(*request["args"], **request["kwargs"])}
        return answer if self._functions is None else answer | {"ran": self._functions.report()}

    def do_value(self, request: dict[str, Any]) -> dict[str, Any]:
        """Fetch a variable of the notebook."""
        if self.notebook is None:
            raise Missing("no notebook has run here")
        answer: dict[str, Any] = self.notebook.value(request["name"])
        return answer

    def do_notebook(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run a notebook in a copy of the submission."""
        prepare(request)
        self.notebook = notebooks.run(self.code, self.config, request, self.progress)
        return {"value": None}

    def entry(self, name: str) -> Callable[..., Any]:
        """Find an entry point by ``module:function``.

        Raises
        ------
        Missing
            If the module or the function is not there.
        """
        if name in self._found:
            return self._found[name]
        module_name, _, path = name.partition(":")
        target: Any = self.module(module_name)
        for part in path.split("."):
            try:
                target = getattr(target, part)
            except AttributeError:
                raise Missing(f"`{path}` is not in `{module_name}`") from None
        if not callable(target):
            raise Missing(f"`{path}` in `{module_name}` is a {type(target).__name__}, not a function")
        self._found[name] = target
        return target  # type: ignore[no-any-return]  # callable, by the test above

    def module(self, name: str) -> Any:
        """Import the module of an entry point."""
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and (name == error.name or name.startswith(error.name + ".")):
                raise Missing(f"there is no module `{error.name}` in the submission") from None
            raise


def prepare(request: dict[str, Any]) -> None:
    """Seed the global generators and set the environment, as before every call."""
    seed = request["seed"]
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002  (the legacy generator is what submissions may rely on)
    if request["environment"]:
        os.environ.update(request["environment"])
        time.tzset()
