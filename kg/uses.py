"""How often each property and each class is used: counted once, then kept up.

The figures are in a file beside the version. A change adjusts them by the triples that
it brings into the merged view or takes out of it, which takes as long as the change is
large, and not the graph.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg.terms import MERGED_VIEW, TYPE, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kg.answers import Answer
    from kg.terms import Quad

_PROPERTIES = """
SELECT ?property (COUNT(*) AS ?number) WHERE { ?s ?property ?o } GROUP BY ?property
"""
_CLASSES = """
SELECT ?class (COUNT(*) AS ?number) WHERE { ?thing a ?class } GROUP BY ?class
"""


class Holding(Protocol):
    """What tells which quads it holds."""

    def __contains__(self, quad: Quad, /) -> bool:
        """Tell whether it holds *quad*."""
        ...


@dataclass(frozen=True, slots=True)
class Uses:
    """How often each property and each class is used in the merged view.

    *quads* is the number of all quads, those of the merged view included; None where
    nobody counted them.
    """

    properties: Mapping[NamedNode, int]
    classes: Mapping[NamedNode, int]
    quads: int | None = None

    @property
    def triples(self) -> int:
        """How many triples there are."""
        return sum(self.properties.values())

    def of(self, term: NamedNode) -> int:
        """Return how many things a class has, or statements a property is used in."""
        return self.properties.get(term, 0) or self.classes.get(term, 0)

    def changed(
        self, before: Holding, added: Collection[Quad], removed: Collection[Quad]
    ) -> Uses:
        """Return the uses once *removed* is taken from *before*, and *added* put to it.

        *before* is what these uses are of. What is among both is there in the end.
        """
        new = frozenset(added)
        gone = frozenset(removed) - new
        properties, classes = Counter(self.properties), Counter(self.classes)
        steps = [(quad, 1) for quad in new if quad not in before]
        steps += [(quad, -1) for quad in gone if quad in before]
        for quad, step in steps:
            if quad.graph_name == MERGED_VIEW:
                properties[quad.predicate] += step
                if quad.predicate == TYPE and isinstance(quad.object, NamedNode):
                    classes[quad.object] += step
        quads = self.quads
        if quads is not None:
            quads += sum(step for _, step in steps)
        return Uses(_in_order(properties), _in_order(classes), quads)


def counted(query: Callable[[str], Answer], quads: int | None = None) -> Uses:
    """Count the uses in the default graph of what *query* asks, which has *quads*."""
    properties, classes = (
        _in_order(_rows(query(text))) for text in (_PROPERTIES, _CLASSES)
    )
    return Uses(properties, classes, quads)


def file_of(home: Path) -> Path:
    """Return the file with the uses of the version in the folder *home*."""
    return home.with_name(f"{home.name}.uses")


def write(uses: Uses, home: Path) -> Path:
    """Keep *uses* beside the version in *home*; return the file, not yet synced."""
    file = file_of(home)
    told = {
        "properties": {term.value: count for term, count in uses.properties.items()},
        "classes": {term.value: count for term, count in uses.classes.items()},
        "quads": uses.quads,
    }
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


def read(home: Path) -> Uses | None:
    """Return what is kept of the version in *home*; None where nothing sound is.

    So it is with versions that were made before uses were kept.
    """
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(file_of(home).read_text(encoding="utf-8"))
        properties, classes = (
            {NamedNode(name): int(count) for name, count in told[kind].items()}
            for kind in ("properties", "classes")
        )
        quads = told.get("quads")
        return Uses(properties, classes, None if quads is None else int(quads))
    return None


def _rows(answer: Answer) -> dict[NamedNode, int]:
    return {
        term: int(number.value)
        for term, number in answer.rows()
        if isinstance(term, NamedNode) and isinstance(number, Literal)
    }


def _in_order(found: Mapping[NamedNode, int]) -> dict[NamedNode, int]:
    kept = ((term, count) for term, count in found.items() if count)
    return dict(sorted(kept, key=lambda pair: pair[0].value))
