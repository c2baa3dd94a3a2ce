"""What pytest leaves alone: the exercises of miniature banks bring tests of their own."""

from __future__ import annotations

collect_ignore = ["banks"]
