"""Pages: templates rendered offline, every text made visible, under a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from unfit.report.harmless_text import visible

__all__ = ["environment_of", "rendered"]


def environment_of(*packages: str) -> Environment:
    """Make the environment of the templates that lie in packages, the first one's before the others'."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(environment: Environment, template: str, *, sheet: str, script: str = "", **context: Any) -> str:
    """Render a template with what lies beside it, and with the policy that allows that alone.

    Parameters
    ----------
    environment : Environment
    template : str
    sheet : str
        Its style sheet; several are joined with a plus.
    script : str, optional
        Its script, where it has one.
    **context
        What the template shows.
    """
    style = "".join(_source(environment, name) for name in sheet.split("+"))
    code = _source(environment, script) if script else ""
    allowed = f"style-src {_hash(style)}; " + (f"script-src {_hash(code)}; " if code else "")
    policy = f"default-src 'none'; {allowed}base-uri 'none'; form-action 'none'"
    # Both are ours, and escaping them would change their hashes.
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704
        script=Markup(code),  # noqa: S704
        policy=policy,
        **context,
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    text, _, _ = environment.loader.get_source(environment, name)
    return text


def _shown(value: Any) -> Any:
    """Make every text that a template puts out visible, so that no template can forget to."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)
