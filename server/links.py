"""Where a thing's IRI leads on this server: addresses of documents, no Flask.

Everything that the project names lies under its base IRI: `id/…`, `claim/…`,
`source/…`, `graph/…` and the terms of the ontology. The document about one of them is
at `/doc/…`, the space `id/` left out: `/doc/kenya`, `/doc/claim/…`, `/doc/source/…`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

SPACES = (
    "agent", "change", "claim", "graph", "parameter", "source", ".well-known",
)  # fmt: skip
"""The spaces beside `id` whose IRIs have documents."""

_POSITION = re.compile(r"^(s\d+)-position$")
"""Where a passage stands has no place of its own in the document: the passage has."""

PLAIN = "/-._~:@!$&'()*+,;="
"""Marks that stand in a path as they are (RFC 3986, section 3.3)."""


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses for IRIs under *base*."""

    base: str

    def document(self, iri: str) -> str | None:
        """Return the path of the document about *iri*, fragment and all, or None."""
        if not iri.startswith(self.base):
            return None
        path, mark, fragment = iri.removeprefix(self.base).partition("#")
        space, _, rest = path.partition("/")
        if space == "ontology" or path == "shapes":
            place = quote(path, safe=PLAIN)
            return f"/{place}{mark}{quote(fragment, safe=PLAIN)}"
        if space not in ("id", *SPACES) or not rest:
            return None
        local = rest if space == "id" else path
        fragment = _POSITION.sub(r"\1", fragment)
        return f"/doc/{quote(local, safe=PLAIN)}{mark}{quote(fragment, safe=PLAIN)}"

    def href(self, iri: str) -> str | None:
        """Return where a link to *iri* may lead: here, to the web, or nowhere."""
        found = self.document(iri)
        if found is None and iri.startswith(("https://", "http://")):
            return iri
        return found

    def is_here(self, iri: str) -> bool:
        """Tell whether a link to *iri* stays on this server."""
        return self.document(iri) is not None

    def subject(self, local: str) -> str:
        """Return the IRI that the document at `/doc/<local>` is about."""
        space, _, rest = local.partition("/")
        return f"{self.base}{local}" if space in SPACES and rest else self.id(local)

    def id(self, local: str) -> str:
        """Return the IRI of the entity called *local*."""
        return f"{self.base}id/{local}"
