"""Update requests taken apart: the operations, their blocks, and what they name.

The engine has parsed the request before its operations are read here, so that an
unexpected token can only be one that the engine takes apart otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.errors import QueryError
from kg.sparql import bounded_tokens, position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.sparql import Token

_DECLARATIONS = {"BASE": ("iri",), "PREFIX": ("name", "iri"), "VERSION": ("string",)}
_FROM_RDF12 = frozenset({"<<", "{|"})


class Part(NamedTuple):
    """What stands between two semicolons: *prologue* and the operation's *body*.

    *inherited* are the declarations of the parts before; *end* is where the text or
    the semicolon is that ends this one.
    """

    inherited: tuple[Token, ...]
    prologue: tuple[Token, ...]
    body: tuple[Token, ...]
    end: int

    @property
    def declared(self) -> tuple[Token, ...]:
        """All declarations that hold for the operation."""
        return self.inherited + self.prologue


class Block(NamedTuple):
    """What stands between braces: its tokens, and where the braces are."""

    tokens: tuple[Token, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Modify:
    """INSERT and DELETE, of data or of what is found; *where* is None for data."""

    at: int
    graph: Token | None
    deletes: Block | None
    inserts: Block | None
    using: tuple[Token, ...]
    using_named: tuple[Token, ...]
    where: Block | None


@dataclass(frozen=True, slots=True)
class Manage:
    """CLEAR, DROP, CREATE and LOAD: *target* is an IRI, or DEFAULT, NAMED or ALL."""

    at: int
    verb: str
    silent: bool
    target: Token


@dataclass(frozen=True, slots=True)
class Transfer:
    """ADD, COPY and MOVE."""

    at: int
    verb: str
    silent: bool
    source: Token
    target: Token


Operation: TypeAlias = Modify | Manage | Transfer


def parts(text: str) -> list[Part]:
    """Split *text* at the semicolons between its operations.

    Raise QueryError where it goes beyond a limit, or beyond SPARQL 1.1.
    """
    found: list[Part] = []
    declared: tuple[Token, ...] = ()
    for statement, end in _statements(text):
        length = _prologue_length(statement)
        found.append(Part(declared, statement[:length], statement[length:], end))
        declared = found[-1].declared
    return found


def operation(text: str, part: Part) -> Operation:
    """Read the operation of *part*; raise QueryError where it cannot be told."""
    reader = _Reader(text, part.body)
    read = _modify if reader.sees(*_CHANGING) else _manage
    made = read(reader, part.body[0].start)
    reader.finish()
    return made


def segments(block: Block) -> Iterator[tuple[Token | None, Block]]:
    """Yield the triples of a data block or template, graph by graph.

    The graph is None for triples that stand in none.
    """
    found, start = block.tokens, 0
    index = 0
    while index < len(found):
        if not found[index].is_word("GRAPH"):
            index += 1
            continue
        yield from _loose(found[start:index])
        end = _closing(found, index + 2)
        inner = found[index + 3 : end]
        yield found[index + 1], Block(inner, found[index + 2].end, found[end].start)
        index = start = end + 1
    yield from _loose(found[start:])


_CHANGING = ("WITH", "INSERT", "DELETE")
_TRANSFERRING = ("ADD", "COPY", "MOVE")
_MANAGING = ("CLEAR", "DROP", "CREATE", "LOAD")


class _Reader:
    """Takes the tokens of one operation from left to right."""

    def __init__(self, text: str, found: tuple[Token, ...]) -> None:
        self._text = text
        self._found = found
        self._at = 0

    def sees(self, *words: str) -> bool:
        """Tell whether one of *words* comes next."""
        return self._at < len(self._found) and self._found[self._at].is_word(*words)

    def takes(self, *words: str) -> str:
        """Take one of *words* and return it in capitals; "" where none comes next."""
        if not self.sees(*words):
            return ""
        return self.next(*words).text.upper()

    def needs(self, *words: str) -> str:
        """Take one of *words*, which must come next."""
        return self.takes(*words) or self.next(*words).text

    def graph(self) -> Token:
        """Take an IRI, in full or with a prefix."""
        return self.next("an IRI")

    def block(self) -> Block:
        """Take what stands between braces."""
        opened = self.next("{")
        end = _closing(self._found, self._at - 1)
        inner = self._found[self._at : end]
        self._at = end + 1
        return Block(inner, opened.start, self._found[end].end)

    def finish(self) -> None:
        """Raise QueryError where something is left."""
        if self._at < len(self._found):
            raise self._unexpected("the end of the operation")

    def next(self, *expected: str) -> Token:
        """Take the next token, if it is one of *expected*."""
        if self._at == len(self._found) or not self._fits(expected):
            raise self._unexpected(*expected)
        self._at += 1
        return self._found[self._at - 1]

    def _fits(self, expected: tuple[str, ...]) -> bool:
        token = self._found[self._at]
        if expected == ("an IRI",):
            return token.kind in {"iri", "name"}
        return token.text in expected or token.is_word(*expected)

    def _unexpected(self, *expected: str) -> QueryError:
        token = self._found[min(self._at, len(self._found) - 1)]
        return QueryError(
            f"{token.text!r} stands where {' or '.join(expected)} is expected",
            where=position(self._text, token.start),
            advice="put spaces between the words",
        )


def _modify(reader: _Reader, at: int) -> Modify:
    graph = reader.graph() if reader.takes("WITH") else None
    deletes = inserts = None
    if reader.takes("DELETE"):
        if reader.takes("WHERE"):
            where = reader.block()
            return Modify(at, graph, where, None, (), (), where)
        is_data = reader.takes("DATA")
        deletes = reader.block()
        if is_data:
            return Modify(at, graph, deletes, None, (), (), None)
    if reader.takes("INSERT"):
        is_data = reader.takes("DATA")
        inserts = reader.block()
        if is_data:
            return Modify(at, graph, None, inserts, (), (), None)
    using, named = _using(reader)
    reader.needs("WHERE")
    return Modify(at, graph, deletes, inserts, using, named, reader.block())


def _using(reader: _Reader) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    using: list[Token] = []
    named: list[Token] = []
    while reader.takes("USING"):
        into = named if reader.takes("NAMED") else using
        into.append(reader.graph())
    return tuple(using), tuple(named)


def _manage(reader: _Reader, at: int) -> Manage | Transfer:
    verb = reader.needs(*_MANAGING, *_TRANSFERRING)
    silent = bool(reader.takes("SILENT"))
    if verb in _TRANSFERRING:
        source = _graph_or(reader, "DEFAULT")
        reader.needs("TO")
        return Transfer(at, verb, silent, source, _graph_or(reader, "DEFAULT"))
    if verb == "LOAD":
        target = reader.graph()
        if reader.takes("INTO"):
            reader.needs("GRAPH")
            target = reader.graph()
        return Manage(at, verb, silent, target)
    every = () if verb == "CREATE" else ("DEFAULT", "NAMED", "ALL")
    return Manage(at, verb, silent, _graph_or(reader, *every))


def _graph_or(reader: _Reader, *words: str) -> Token:
    if reader.sees(*words):
        return reader.next(*words)
    reader.takes("GRAPH")
    return reader.graph()


def _statements(text: str) -> Iterator[tuple[tuple[Token, ...], int]]:
    """Yield the tokens of each operation and its end; refuse triples as terms."""
    found: list[Token] = []
    braces = 0
    for token in bounded_tokens(text):
        if token.kind == "other":
            _refuse_triple_terms(text, token, found)
            braces += (token.text == "{") - (token.text == "}")
            if token.text == ";" and braces == 0:
                yield tuple(found), token.start
                found = []
                continue
        found.append(token)
    yield tuple(found), len(text)


def _refuse_triple_terms(text: str, token: Token, before: list[Token]) -> None:
    touching = bool(before) and before[-1].end == token.start
    pair = before[-1].text + token.text if touching else token.text
    if token.text == "~" or pair in _FROM_RDF12:
        raise QueryError(
            "a triple stands as a term (RDF 1.2), which is not supported here",
            where=position(text, token.start),
            advice="give the statement a node of its own, such as a claim",
        )


def _prologue_length(found: tuple[Token, ...]) -> int:
    length = 0
    while length < len(found):
        kinds = _DECLARATIONS.get(found[length].text.upper(), ())
        following = found[length + 1 : length + 1 + len(kinds)]
        if not kinds or tuple(token.kind for token in following) != kinds:
            break
        length += 1 + len(kinds)
    return length


def _closing(found: tuple[Token, ...], opening: int) -> int:
    """Return the index of the brace that closes the one at *opening*."""
    depth = 0
    for index in range(opening, len(found)):
        depth += (found[index].text == "{") - (found[index].text == "}")
        if depth == 0:
            return index
    return len(found) - 1


def _loose(found: tuple[Token, ...]) -> Iterator[tuple[None, Block]]:
    """Yield triples that stand in no graph, without the dot that ended a graph."""
    rest = found[1:] if found and found[0].text == "." else found
    if rest:
        yield None, Block(rest, rest[0].start, rest[-1].end)
