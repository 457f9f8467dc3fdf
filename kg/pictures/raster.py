"""Pictures in pixels: resvg makes them, an extra of this project, and no browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import ExequaturError

if TYPE_CHECKING:
    from kg.pictures.svg import Picture

_ZOOM = 2
"""So many pixels for each unit of a picture, so that it is sharp in print too."""


def png(picture: Picture) -> bytes:
    """Return *picture* as a PNG file; raise ExequaturError where resvg is not here."""
    try:
        import resvg_py
    except ImportError as error:
        raise ExequaturError(
            "PNG needs resvg, which is not installed",
            advice="pip install 'exequatur[png]', or write SVG",
        ) from error
    return bytes(resvg_py.svg_to_bytes(svg_string=picture.painted(), zoom=_ZOOM))
