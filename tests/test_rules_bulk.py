"""All that follows at once, compared with the rules run fact by fact."""

from __future__ import annotations
