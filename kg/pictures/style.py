"""How pictures look: one sheet, for a page, for a file, and for a painter without CSS.

In a page the colours are the page's own; a file has them in itself, light and dark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

_LIGHT: Mapping[str, str] = {
    "ink": "#1e2329",
    "soft": "#585b61",
    "line": "#c9c0ae",
    "card": "#fffefb",
    "wash": "#f2ede2",
    "state": "#174a78",
    "organisation": "#1f6b3f",
    "person": "#8a2b2b",
    "event": "#8a5a00",
    "text": "#5b3f8c",
    "place": "#1d6a73",
    "other": "#585b61",
    "sea": "#e3ecee",
    "land": "#f8f3e7",
    "coast": "#a9b0a9",
}
_DARK: Mapping[str, str] = {
    "ink": "#e8e4db",
    "soft": "#aaa79f",
    "line": "#4a4f58",
    "card": "#1c1f24",
    "wash": "#23262c",
    "state": "#93bfea",
    "organisation": "#86cba0",
    "person": "#e8a193",
    "event": "#e0b04f",
    "text": "#c3aef0",
    "place": "#84cdd4",
    "other": "#aaa79f",
    "sea": "#151d22",
    "land": "#2d3034",
    "coast": "#565d60",
}
FAMILIES = ("state", "organisation", "person", "event", "text", "place", "other")
"""The kinds of things that have a colour of their own."""

_RULES = """
.picture { font-family: $font; color: $ink; }
.picture text { fill: $ink; }
.picture .soft { fill: $soft; }
.picture text.strong { font-weight: 600; }
.picture a { cursor: pointer; }
.picture a:hover text.name, .picture a:focus text.name { text-decoration: underline; }
.picture .box { fill: $card; stroke: $line; stroke-width: 1; }
.picture .box.main { stroke: $ink; stroke-width: 1.5; }
.picture a:hover .box, .picture a:focus .box { stroke: $ink; }
.picture .paper { fill: $card; }
.picture .back { fill: $wash; stroke: none; }
.picture .edge { fill: none; stroke: $soft; stroke-width: 1.3; }
.picture .edge.inferred { stroke-dasharray: 5 4; }
.picture .head { fill: $soft; stroke: none; }
.picture .hit { fill: transparent; }
.picture a:hover .hit, .picture a:focus .hit { fill: $wash; }
.picture .band { fill-opacity: .3; stroke-width: 1; stroke-dasharray: 3 2; }
.picture .tie { fill: none; stroke: $soft; stroke-opacity: .55; }
.picture .tie.agreements { stroke: $text; }
.picture .tie.events { stroke: $event; }
.picture .tie.claims { stroke-dasharray: 2 3; }
.picture .reach { stroke-width: 9; stroke-opacity: 0; }
.picture a:hover .tie, .picture a:focus .tie { stroke: $ink; stroke-opacity: 1; }
.picture .node { stroke: $card; stroke-width: 1; }
.picture .node.main, .picture a:hover .node, .picture a:focus .node {
  stroke: $ink; stroke-width: 2; }
.picture .halo { stroke: $card; stroke-width: 3px; stroke-linejoin: round;
  paint-order: stroke; pointer-events: none; }
.picture a > .halo { pointer-events: auto; }
.picture .sea { fill: $sea; }
.picture .land { fill: $land; stroke: $coast; stroke-width: .8;
  stroke-linejoin: round; }
.picture .grid { fill: none; stroke: $coast; stroke-width: .6; stroke-opacity: .35; }
.picture .rim { fill: none; stroke: $line; stroke-width: 2; }
.picture .ring { fill: none; stroke: $card; stroke-width: 1.3; pointer-events: none; }
.picture .axis { fill: none; stroke: $line; stroke-width: 1; }
"""


def stylesheet() -> str:
    """Return the sheet for a browser: colours of the page, or of its own."""
    light = _properties(_LIGHT)
    dark = _properties(_DARK)
    return (
        f".picture {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ .picture {{ {dark} }} }}"
        f"{_filled(lambda name: f'var(--pic-{name})')}"
    )


def plain_stylesheet() -> str:
    """Return the sheet with the colours in it, for what knows no custom properties."""
    return _filled(_LIGHT.__getitem__)


def _properties(colours: Mapping[str, str]) -> str:
    return " ".join(f"--pic-{name}: {value};" for name, value in colours.items())


def _filled(colour: Callable[[str], str]) -> str:
    families = "".join(
        f".picture .{name} {{ fill: ${name}; }}\n"
        f".picture .edge.{name} {{ fill: none; stroke: ${name}; }}\n"
        f".picture .band.{name} {{ stroke: ${name}; }}\n"
        for name in FAMILIES
    )
    return re.sub(
        r"\$(\w+)",
        lambda found: FONT if found[1] == "font" else colour(found[1]),
        _RULES + families,
    )
