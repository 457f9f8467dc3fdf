"""Content-Security-Policies of the pages, which run scripts of ours; no Flask.

All other answers run none. No page may load anything from another host, run what
stands in its own text, or turn text into a program.
"""

from __future__ import annotations

_FRAME = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
_OWN = "connect-src 'self'; script-src 'self'; style-src 'self'"

SCRIPTED = f"{_FRAME}'none'; img-src 'self'; {_OWN}"
"""For a page: a script of ours helps to fill in its fields."""

_RESIZER = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
EDITOR = f"{_FRAME}'none'; img-src 'self' data:; {_OWN} {_RESIZER}"
"""For the SPARQL page: its editor has icons in its style sheet, and adds one style
element, which lets columns be drawn wider and is known by its digest."""

EMBEDDED = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *; "
    "img-src 'self'; style-src 'self'"
)
"""For a page that stands in a frame of a client's page, and does nothing but show."""
