"""Data blocks and templates: parsed once, filled in for each solution."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.errors import ChangeError
from kg.terms import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
    lacks_language,
)
from kg.update.requests import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.sparql import Token
    from kg.terms import Node, Term
    from kg.update.parsing import Parser
    from kg.update.requests import Block

    Row: TypeAlias = tuple[Term | None, ...]
    Mint: TypeAlias = Callable[[], Node]


class Column(NamedTuple):
    """The place of a variable in a solution."""

    number: int


class Fresh(NamedTuple):
    """A blank node, another one for each solution."""

    label: str


_OPEN = (Column, Fresh, type(None))
Slot: TypeAlias = NamedNode | Literal | DefaultGraph | Column | Fresh


class Template(NamedTuple):
    """Quads, and those to be filled in; `DefaultGraph()` where no graph is named."""

    quads: tuple[Quad, ...] = ()
    open: tuple[tuple[Slot, Slot, Slot, Slot], ...] = ()

    @property
    def has_fresh(self) -> bool:
        """Whether each solution makes blank nodes of its own."""
        return any(isinstance(slot, Fresh) for quad in self.open for slot in quad)

    def fill(self, rows: list[Row], mint: Mint) -> Iterator[Quad]:
        """Yield the quads that *rows* make; *mint* makes the new nodes.

        What is no quad, as a variable is unbound or a literal stands as a subject, is
        left out (SPARQL 1.1 Update, section 3.1.3).
        """
        yield from self.quads if rows else ()
        for row in rows if self.open else ():
            fresh: dict[str, Node] = {}
            for slots in self.open:
                quad = _quad(*(_filled(slot, row, fresh, mint) for slot in slots))
                if quad is not None:
                    yield quad


class TemplateReader:
    """Reads the blocks of one operation; they share variables and blank nodes."""

    def __init__(self, text: str, parser: Parser, declared: tuple[Token, ...]) -> None:
        self._text = text
        self._parser = parser
        self._declared = declared
        self._mark = f"urn:x-{secrets.token_hex(8)}:"
        self._markers: dict[str, NamedNode] = {}
        self._slots: dict[NamedNode, Column | Fresh] = {}
        self.variables: list[str] = []
        """The names of the variables met, in the order of their columns."""

    def read(self, block: Block | None) -> Template:
        """Return what the data block or template *block* says."""
        quads: list[Quad] = []
        to_fill: list[tuple[Slot, Slot, Slot, Slot]] = []
        for graph, inner in segments(block) if block else ():
            where = self._graph(graph)
            marked = self._marked(inner)
            found = self._parser.triples(self._declared, marked, inner.start)
            for triple in reversed(found):  # which the engine gives last first
                slots = (*self._slots_of(triple), where)
                quad = _quad(*slots)
                if quad is None:
                    to_fill.append(slots)
                else:
                    quads.append(quad)
        return Template(tuple(quads), tuple(to_fill))

    def _graph(self, token: Token | None) -> Slot:
        if token is None:
            return DefaultGraph()
        if token.kind == "variable":
            return self._slots[self._marker(token)]
        return self._parser.names(self._declared, [token])[0]

    def _slots_of(self, triple: Triple) -> tuple[Slot, Slot, Slot]:
        return (
            self._slot(triple.subject),
            self._slot(triple.predicate),
            self._slot(triple.object),
        )

    def _slot(self, term: Term | Triple) -> Slot:
        if isinstance(term, NamedNode):
            return self._slots.get(term, term) if self._slots else term
        return Fresh(term.value) if isinstance(term, BlankNode) else _literal(term)

    def _marked(self, inner: Block) -> str:
        """Return the text of *inner*, IRIs in the place of variables and labels."""
        pieces, done = [], inner.start
        for token in inner.tokens:
            if token.kind in {"variable", "blank"}:
                pieces += [self._text[done : token.start], f"{self._marker(token)}"]
                done = token.end
        pieces.append(self._text[done : inner.end])
        return "".join(pieces)

    def _marker(self, token: Token) -> NamedNode:
        """Return the IRI that stands for a variable or a blank node's label."""
        is_variable = token.kind == "variable"
        key = f"?{token.text[1:]}" if is_variable else token.text
        if key not in self._markers:
            marker = NamedNode(f"{self._mark}{len(self._markers)}")
            self._markers[key] = marker
            column = Column(len(self.variables))
            self._slots[marker] = column if is_variable else Fresh(key)
            self.variables += [key[1:]] if is_variable else []
        return self._markers[key]


def _filled(slot: Slot, row: Row, fresh: dict[str, Node], mint: Mint) -> object:
    if isinstance(slot, Column):
        return row[slot.number]
    if isinstance(slot, Fresh):
        if slot.label not in fresh:
            fresh[slot.label] = mint()
        return fresh[slot.label]
    return slot


def _quad(
    subject: object, predicate: object, object_: object, graph: object
) -> Quad | None:
    """Return the quad of these terms, or None where it would be none."""
    if not isinstance(predicate, NamedNode) or isinstance(object_, _OPEN):
        return None
    if not isinstance(subject, NamedNode | BlankNode):
        return None
    if not isinstance(graph, NamedNode | DefaultGraph):
        return None
    if not isinstance(object_, NamedNode | BlankNode):
        object_ = _literal(object_)
    return Quad(subject, predicate, object_, graph)


def _literal(term: object) -> Literal:
    """Return *term* if it is a literal; raise ChangeError."""
    if lacks_language(term):
        raise ChangeError(
            f"{term} is to be in a language, but in none",
            advice="tell the language by STRLANG, or leave the datatype out",
        )
    if isinstance(term, Literal):
        return term
    raise ChangeError(
        f"{term} is a triple (RDF 1.2), which is not supported as a term",
        advice="give the statement a node of its own, such as a claim",
    )
