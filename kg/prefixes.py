"""The prefix table: `ontology/prefixes.ttl`, declared in SHACL's terms."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from kg.files import data_folder
from kg.terms import SH, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


_MARKS = str.maketrans("", "", "-_.#")
"""Marks that an abbreviated name may have; Turtle wants the last one escaped."""


@cache
def prefixes() -> Mapping[str, str]:
    """Return the project's prefixes with their namespaces, sorted by prefix."""
    path = data_folder("ontology") / "prefixes.ttl"
    found: dict[object, dict[str, str]] = {}
    for quad in parse(path=path, format=RdfFormat.TURTLE):
        if isinstance(quad.object, Literal):
            name = quad.predicate.value.removeprefix(SH)
            found.setdefault(quad.subject, {})[name] = quad.object.value
    table = {entry["prefix"]: entry["namespace"] for entry in found.values()
             if "prefix" in entry}  # fmt: skip
    return dict(sorted(table.items()))


def shorten(iri: str) -> str:
    """Return *iri* as prefix and local name where a prefix fits, else in brackets."""
    best = ""
    for prefix, namespace in prefixes().items():
        if iri.startswith(namespace) and len(namespace) > len(prefixes().get(best, "")):
            best = prefix
    local = iri[len(prefixes()[best]) :] if best else ""
    plain = local.translate(_MARKS).isalnum()
    return f"{best}:{local}" if plain else f"<{iri}>"


def expand(name: str) -> str | None:
    """Return the IRI that `prefix:local` or `<iri>` stands for, else None."""
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    namespace = prefixes().get(prefix)
    return namespace + local if colon and namespace is not None else None
