"""SVG written by hand: elements with what is in them, safe to put into a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from kg.pictures.style import plain_stylesheet, stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Href: TypeAlias = Callable[[str], str | None]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing, and of what follows where it is not ended."""

_PAGE = re.compile(r"https?://|[/?#]", re.IGNORECASE)
_QUOTE = {'"': "&quot;"}


_PAPER = '<rect width="100%" height="100%" class="paper"/>'


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a size, with a name and a description for those who cannot see it.

    *kind* is a word that tells it from the other pictures of a page.
    """

    kind: str
    title: str
    description: str
    width: float
    height: float
    content: str

    def svg(self) -> str:
        """Return the element for a page, which has the style from `stylesheet`."""
        return self._written()

    def file(self) -> str:
        """Return a whole file with its style in it, light or dark as its reader is."""
        return f"{self._written(stylesheet())}\n"

    def painted(self) -> str:
        """Return a file for a painter that knows neither media nor properties."""
        return f"{self._written(plain_stylesheet())}\n"

    def _written(self, style: str = "") -> str:
        name, told = f"pic-{self.kind}-title", f"pic-{self.kind}-desc"
        own = (element("style", style), _PAPER) if style else ()
        return element(
            "svg",
            text_element("title", self.title, id=name),
            text_element("desc", self.description, id=told),
            *own,
            self.content,
            xmlns="http://www.w3.org/2000/svg",
            class_=f"picture picture-{self.kind}",
            role="group",
            aria_labelledby=name,
            aria_describedby=told,
            viewBox=f"0 0 {number(self.width)} {number(self.height)}",
            width=number(self.width),
            height=number(self.height),
        )


def element(name: str, *content: str, **attributes: str | float | None) -> str:
    """Return an element with *content*, which is SVG already.

    An attribute's name is written with _ for -, and with one at its end if need be.
    What is None is left out.
    """
    given = "".join(
        f' {_attribute(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def text_element(name: str, text: str, **attributes: str | float | None) -> str:
    """Return an element with nothing but *text* in it."""
    return element(name, clean(text), **attributes)


def text_lines(
    lines: Sequence[str],
    x: float,
    y: float,
    size: float,
    step: float = 0.0,
    **attributes: str | float | None,
) -> str:
    """Return *lines* of text one under another, the first on the line *y*."""
    if len(lines) == 1:
        return text_element("text", lines[0], x=x, y=y, font_size=size, **attributes)
    spans = (
        text_element("tspan", line, x=x, y=y + place * step)
        for place, line in enumerate(lines)
    )
    return element("text", *spans, font_size=size, **attributes)


def link(href: str | None, *content: str, **attributes: str | float | None) -> str:
    """Return *content* as a link, or as a group where there is nowhere to go.

    A link leads to a page, and never to a script or a file.
    """
    if not (href and _PAGE.match(href)):
        return element("g", *content, **attributes)
    return element("a", *content, href=href, **attributes)


def clean(text: str) -> str:
    """Return *text* as it may stand in XML, between tags or quotes.

    What would turn the direction of writing is left out: letters have their own.
    """
    return escape(_TURNING.sub("", _NOT_XML.sub("\ufffd", text)), _QUOTE)


def number(value: float) -> str:
    """Return *value* with no more digits than can be seen."""
    return f"{value:.1f}".removesuffix(".0")


def _value(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else number(value)


def _attribute(name: str) -> str:
    # Those of SVG itself have capitals in them, and no underscore.
    return name.rstrip("_").replace("_", "-")
