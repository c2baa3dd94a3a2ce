"""Preload: what the zygote imports, so that forks need not and a submission's look-alikes come too late."""

from __future__ import annotations

import gc
import importlib
from contextlib import suppress
from typing import Final

__all__ = ["notebooks", "stack"]

STACK: Final = [
    "numpy",
    "numpy.random",
    "pandas",
    "pyarrow",
    "scipy.stats",
    "joblib",
    "zoneinfo",
    "asyncio",
    "concurrent.futures",
    "logging",
    "unittest.mock",
    "sklearn.base",
    "sklearn.calibration",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.feature_extraction.text",
    "sklearn.feature_selection",
    "sklearn.impute",
    "sklearn.inspection",
    "sklearn.isotonic",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "sklearn.tree",
    "sklearn.dummy",
    "sklearn.neighbors",
    "sklearn.cluster",
    # what scikit-learn and pandas import at the first fit and the first table that is written
    "narwhals._pandas_like.namespace",
    "narwhals._interchange.dataframe",
    "narwhals.stable.v2._namespace",
    "pandas.io.formats.csvs",
    "pandas.io.formats.html",
]
NOTEBOOKS: Final = [
    "IPython",
    "IPython.core.interactiveshell",
    "IPython.core.display",
    "IPython.core.inputtransformer2",
    "IPython.core.magics",
    "IPython.utils.capture",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib.font_manager",
    "matplotlib_inline.backend_inline",
]
KERNEL: Final = [
    "nbformat",
    "nbclient",
    "jupyter_client.manager",
    "jupyter_client.asynchronous",
    "ipykernel",
    "zmq",
    "tornado",
]


def stack() -> None:
    """Import what exercises are made of, without computing anything that starts a thread."""
    gc.disable()  # imports make much that stays and little that goes; forks collect again
    _all(STACK)
    with suppress(ImportError):
        import pyarrow as pa

        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
    _warm()
    settle()


def settle() -> None:
    """Put everything imported beyond the reach of garbage collection, which would copy its pages in every fork."""
    gc.freeze()
    gc.enable()


def _warm() -> None:
    """Do once what is done at a first use, so that every fork finds it done; nothing here may start a thread.

    A table goes through the bridge's code. A first fit looks for plugins among all installed packages.
    """
    import pandas as pd

    from unfit import wire

    wire.decode(
        wire.encode(pd.DataFrame({"a": [1.5], "b": ["x"], "c": pd.array([1], dtype="Int64")}), lenient=True)
    )
    with suppress(ImportError):  # an exercise may offer no scikit-learn
        from sklearn.preprocessing import OneHotEncoder

        OneHotEncoder().fit(pd.DataFrame({"a": ["x", "y"]}))


def notebooks(*, kernel: bool) -> None:
    """Import what runs notebooks."""
    gc.disable()
    _all(NOTEBOOKS)
    if kernel:
        _all(KERNEL)
    settle()


def _all(names: list[str]) -> None:
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)
