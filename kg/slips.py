"""Where a text stops being SPARQL, and what was probably meant.

The engine names the furthest place that its parser looked at, which may lie a keyword's
length behind the mistake; rdflib's parser names where the construct begins that it
could not read to the end. The mistake is looked for between the two.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.errors import QueryError
from kg.prefixes import prefixes
from kg.sparql import Token, position, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AT = re.compile(r"error at (\d+):(\d+): ")
_QUERY = "SPARQL"
_REACH = 15  # characters, as many as the longest keyword has
_CONTEXT = 8
_LONGEST = 20_000  # characters that rdflib is given: it is slow
_SCHEMES = frozenset({"file", "ftp", "http", "https", "mailto", "urn"})
_QUOTES = "“”„‟‘’‚‛«»"
_UPDATES = "ADD|CLEAR|COPY|CREATE|DELETE|DROP|INSERT|LOAD|MOVE|WITH"
_QUERIES = "ASK|CONSTRUCT|DESCRIBE|SELECT"
_AGGREGATES = "AVG|COUNT|GROUP_CONCAT|MAX|MIN|SAMPLE|SUM"
_SEVERAL = "CONCAT|CONTAINS|IF|LANGMATCHES|REGEX|REPLACE|STRAFTER|STRBEFORE|STRENDS"
_TERM = "(?:IRI|LANGUAGE|NAME|NUMBER|STRING|VARIABLE)"
_WORDS = """
A ABS ADD ALL AS ASC ASK AVG BASE BIND BNODE BOUND BY CEIL CLEAR COALESCE CONCAT
CONSTRUCT CONTAINS COPY COUNT CREATE DATA DATATYPE DAY DEFAULT DELETE DESC DESCRIBE
DISTINCT DROP ENCODE_FOR_URI EXISTS FALSE FILTER FLOOR FROM GRAPH GROUP GROUP_CONCAT
HAVING HOURS IF IN INSERT INTO IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISURI LANG
LANGMATCHES LCASE LIMIT LOAD MAX MD5 MIN MINUS MINUTES MONTH MOVE NAMED NOT NOW OFFSET
OPTIONAL ORDER PREFIX RAND REDUCED REGEX REPLACE ROUND SAMETERM SAMPLE SECONDS SELECT
SEPARATOR SERVICE SHA1 SHA256 SHA384 SHA512 SILENT STR STRAFTER STRBEFORE STRDT STRENDS
STRLANG STRLEN STRSTARTS STRUUID SUBSTR SUM TIMEZONE TO TRUE TZ UCASE UNDEF UNION URI
USING UUID VALUES WHERE WITH YEAR
"""
KEYWORDS = frozenset(_WORDS.split())
"""The keywords of SPARQL 1.1, and the names of its functions."""

SLIPS: tuple[tuple[str, str], ...] = (
    (r"@(?:PREFIX|BASE)$", "in SPARQL it is `PREFIX x: <…>`, without @ and dot"),
    (r"PREFIX NAME IRI \.$", "leave out the dot: PREFIX takes none"),
    (r"PREFIX (?!NAME)\S+$", "put a colon behind the prefix: `PREFIX x: <…>`"),
    (r"PREFIX NAME (?!IRI)\S+$", "put the IRI in angle brackets: `PREFIX x: <…>`"),
    (r"STRAY$", "write straight quotation marks"),
    (r"QUOTE$", "the string that begins here is not closed"),
    (r"= =$", "SPARQL compares by a single ="),
    (r"\( VARIABLE <>$", "that two things differ is written !="),
    (r"AND$", "in SPARQL, and is &&"),
    (r"[^&\s]+ & (?!&)\S+$", "in SPARQL, and is &&"),
    (r"OR$", "in SPARQL, or is ||"),
    (r"LIKE$", "there is no LIKE: use CONTAINS, STRSTARTS or REGEX"),
    (r"NOT EXIST$", "did you mean NOT EXISTS?"),
    (r"FILTER (?:VARIABLE|NUMBER|STRING|!)$",
     "put the condition in parentheses: `FILTER(…)`"),
    (r"(?:OPTIONAL|UNION|MINUS|EXISTS) (?!\{)\S+$",
     "put the pattern in braces, as in `OPTIONAL { … }`"),
    (rf"{_TERM} UNION$", "put both sides in braces: `{ … } UNION { … }`"),
    (r"WHERE \($", "put the pattern in braces: `WHERE { … }`"),
    (r"(?:ORDER|GROUP) (?!BY)\S+$", "write ORDER BY, or GROUP BY"),
    (r"(?:ASC|DESC) VARIABLE$", "put it in parentheses, as in `DESC(?x)`"),
    (r"(?:LIMIT|OFFSET) (?!NUMBER)\S+$", "a whole number follows LIMIT and OFFSET"),
    (r"AS (?!VARIABLE)\S+$", "a variable follows AS"),
    (r"BIND \( \S+ VARIABLE$", "write `BIND(… AS ?x)`"),
    (rf"VALUES VARIABLE \{{ (?:{_TERM} )+,$", "leave out the comma between values"),
    (r"VALUES VARIABLE \($", "put the values in braces: `VALUES ?x { … }`"),
    (rf"(?:{_SEVERAL}) \( \S+ (?:STRING|VARIABLE|NUMBER)$",
     "part the arguments by a comma"),
)  # fmt: skip
"""What is wrong wherever it stands, with the tokens before it, and what would do."""

SLIPS_HERE: tuple[tuple[str, str], ...] = (
    (rf"(?:SELECT|DISTINCT|REDUCED|VARIABLE|\)) (?:{_AGGREGATES})$",
     "put it in parentheses, with a name: `(COUNT(?x) AS ?n)`"),
    (r"(?:SELECT|DISTINCT|REDUCED)(?: VARIABLE)* ,$",
     "leave out the comma: variables are parted by spaces"),
    (r"VARIABLE -$", "the name of a variable has no hyphen"),
    (r"\) (?:\)|VARIABLE)$", "an expression needs a name: `(… AS ?x)`"),
    (r"\} ;$", "leave out the semicolon at the end"),
    (r"\} \.$", "leave out the dot at the end"),
    (r"FROM (?!NAMED)\S+$", "put the IRI of the graph in angle brackets"),
    (r"CONSTRUCT VARIABLE$", "write `CONSTRUCT { … } WHERE { … }`"),
    (rf"{_TERM} {_TERM}$", "is the dot missing at the end of the triple before?"),
)  # fmt: skip
"""What is wrong where a construct breaks off."""


def syntax_error(
    text: str, reached: int, message: str, *, language: str = _QUERY
) -> QueryError:
    """Return the error for *text*, which the engine read up to *reached*, and no more.

    It has the line and column, and for a common slip what would do; *message* is what
    the engine said.
    """
    said = _said(message)
    where, advice = (reached, "") if said else _slip(text, reached, language)
    return QueryError(
        f"not {language}: {said or 'this cannot stand here'}",
        where=position(text, where),
        advice=_SAID.get(said, "") or advice or _near(text, where),
    )


def offset_of(text: str, message: str) -> int | None:
    """Return the offset of the place in *text* that the engine's *message* names."""
    match = AT.search(message)
    if not match:
        return None
    line, column = int(match[1]), int(match[2])
    before = text.split("\n", line - 1)[: line - 1]
    return min(sum(len(one) + 1 for one in before) + column - 1, len(text))


def undeclared(text: str, name: Token) -> QueryError:
    """Return the error for a *name* whose prefix is not declared in *text*."""
    where = position(text, name.start)
    prefix = name.text.partition(":")[0]
    message = f"the prefix {prefix}: is not declared"
    if text[: name.start].rstrip().lower().endswith("@prefix"):
        return QueryError(message, where=where, advice=SLIPS[0][1])
    if prefix.lower() in _SCHEMES:
        advice = f"if this is an IRI, put it in angle brackets: `<{prefix}:…>`"
        return QueryError(message, where=where, advice=advice)
    known = prefixes()
    near = get_close_matches(prefix.lower(), known, n=1, cutoff=0.6)
    if not near:
        return QueryError(message, where=where, advice="declare it with PREFIX")
    (meant,) = near
    name_ = prefix if prefix.lower() == meant else meant
    advice = f"put `PREFIX {name_}: <{known[meant]}>` before it"
    return QueryError(message, where=where, advice=advice)


def _slip(text: str, reached: int, language: str) -> tuple[int, str]:
    """Return where the mistake is, and what would mend it, if it is a common one."""
    found = list(tokens(text))
    starts = [*(token.start for token in found), len(text.rstrip())]
    last = min(bisect_left(starts, reached), len(found))
    begun = _begun(text) if language == _QUERY else None
    if begun is None or begun > reached:
        begun, here = None, last
        first = bisect_left(starts, reached - _REACH)
    else:
        first = here = min(bisect_left(starts, begun), last)
    if other := _other_language(found[first:last], first, language):
        return starts[first], other
    for index in range(first, last + 1):
        if advice := _advice(found, index, here=index == here):
            return starts[index], advice
    where = starts[here] if begun is not None else min(reached, starts[-1])
    return where, _in_general(found[first : last + 1])


def _begun(query: str) -> int | None:
    """Return where the construct begins that rdflib cannot read; None if it can."""
    from pyparsing import ParseBaseException  # rdflib is slow to import

    from kg.rdflib_queries import check_by_rdflib

    if len(query) > _LONGEST:
        return None
    try:
        check_by_rdflib(query)
    except ParseBaseException as error:
        return error.loc
    except Exception:  # noqa: BLE001 it only helps to find the place
        return None
    return None


def _advice(found: Sequence[Token], index: int, *, here: bool) -> str:
    """Return what would mend the token at *index*; "" where that is no common slip."""
    before = found[max(index - _CONTEXT, 0) : index]
    if index == len(found):
        if open_ := _unclosed(found):
            return open_
        told = " ".join([*map(_sign, before), "END"])
    else:
        bad = found[index]
        if bad.text in {")", "]", "}"} and _depth(found[:index], bad.text) <= 0:
            return f"this {bad.text} closes nothing"
        if bad.kind == "word" and (meant := _misspelt(bad.text.upper())):
            return f"did you mean {meant}?"
        told = " ".join(map(_sign, (*before, bad)))
    return next(_matching(told, _HERE if here else _ANYWHERE), "")


def _matching(told: str, table: Sequence[tuple[re.Pattern[str], str]]) -> Iterator[str]:
    for pattern, advice in table:
        if pattern.search(told):
            yield advice


def _compiled(
    slips: Sequence[tuple[str, str]],
) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"(?:^|\s){one}"), advice) for one, advice in slips)


_ANYWHERE = _compiled(SLIPS)
_HERE = _compiled((*SLIPS, *SLIPS_HERE))
_SAID = {
    "The SELECT contains a variable that is unbound": "put each variable that is not"
    " in an aggregate into GROUP BY",
    "The SELECT overrides an existing variable using an expression": "give the"
    " expression another name",
}


def _in_general(found: Sequence[Token]) -> str:
    """Return advice of the last resort on what cannot be read."""
    for before, token in pairwise(found):
        if token.text == "}" and re.fullmatch(_TERM, _sign(before)):
            return "a triple has a subject, a predicate and an object"
    if any(one.kind == "word" and one.text.upper() not in KEYWORDS for one in found):
        return "an IRI takes angle brackets, a name a prefix, a text quotation marks"
    return ""


def _sign(token: Token) -> str:
    """Return what stands for *token* in the tables of slips."""
    if token.text[0] in _QUOTES:
        return "STRAY"
    if token.text in {'"', "'"}:
        return "QUOTE"
    if token.text == "<>":
        return token.text
    if token.kind in {"word", "other"} or token.text.lower() in {"@prefix", "@base"}:
        return token.text.upper()
    return token.kind.upper()


def _other_language(found: Sequence[Token], first: int, language: str) -> str:
    """Say that an update was sent as a query, or a query as an update."""
    begins = found[0].text.upper() if found and first == 0 else ""
    if language == _QUERY and re.fullmatch(_UPDATES, begins):
        return "this is an update, not a query: send it as one"
    if language != _QUERY and re.fullmatch(_QUERIES, begins):
        return "this is a query, not an update: send it as one"
    return ""


def _misspelt(word: str) -> str:
    """Return the keyword that *word* was meant to be, "" if it is one or like none."""
    if word in KEYWORDS or len(word) < 4:
        return ""
    return next(iter(get_close_matches(word, sorted(KEYWORDS), n=1, cutoff=0.75)), "")


def _unclosed(found: Sequence[Token]) -> str:
    for opening, closing in ("{}", "()", "[]"):
        depth = _depth(found, closing)
        if depth > 0:
            return f"{depth} {opening} not closed: put {closing * depth} where it ends"
    return ""


def _depth(found: Sequence[Token], closing: str) -> int:
    opening = "([{"[")]}".index(closing)]
    marks = [token.text for token in found if token.kind == "other"]
    return marks.count(opening) - marks.count(closing)


def _near(text: str, offset: int) -> str:
    shown = text[offset:].split("\n", 1)[0].strip()[:60]
    return f"see near {shown!r}" if shown else "the text ends too early"


def _said(message: str) -> str:
    """Return what the engine says in words, if it does: not what it would take."""
    told = AT.sub("", message).removeprefix("expected ").removeprefix("one of ")
    said = [one for one in told.split(", ") if " " in one and one[0].isupper()]
    return said[0] if said else ""
