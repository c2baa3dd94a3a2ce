"""Pages: templates rendered offline, every text made visible, under a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from unfit.report.text import visible

__all__ = ["environment_of", "rendered"]


def environment_of(package: str) -> Environment:
    """Make the environment of the templates that lie in a package."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(environment: Environment, template: str, *, sheet: str, **context: Any) -> str:
    """Render a template with a style sheet from beside it, and with the policy that allows that one alone."""
    style = _style(environment, sheet)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    # The style sheet is ours and escaping it would change its hash.
    return environment.get_template(template).render(style=Markup(style), policy=policy, **context)  # noqa: S704


@cache
def _style(environment: Environment, sheet: str) -> str:
    assert environment.loader is not None
    text, _, _ = environment.loader.get_source(environment, sheet)
    return text


def _shown(value: Any) -> Any:
    """Make every text that a template puts out visible, so that no template can forget to."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)
