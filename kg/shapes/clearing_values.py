"""What single values may not be, for many of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from rdflib import RDF, SH, XSD

from kg.rules.columns import Column, Mask
from kg.shapes.formulas import UnscreenableError
from kg.shapes.screen_paths import members_of

if TYPE_CHECKING:
    import rdflib

    from kg.rules.packed import PackedNumbers

    RdfTerm = rdflib.term.Node

Fails: TypeAlias = "tuple[Mask, Mask]"
"""For each value whether it may fail, and whether it must."""

_NO_LITERAL, _PLAIN = 0, 1
_INTEGER = re.compile(rb'"(?:0|-?[1-9][0-9]{0,14})"')
_DAY = re.compile(rb'"([1-9][0-9]{3}-[0-9]{2}-[0-9]{2})"')
_LANGUAGE = re.compile(r"@([a-z0-9]+(?:-[a-z0-9]+)*)")


class Forms:
    """How the texts of literals end: with a datatype, a language, or nothing."""

    def __init__(self, numbers: PackedNumbers) -> None:
        self.numbers = numbers
        self._named: dict[bytes, int] = {b"": _PLAIN}
        self._forms = np.zeros(len(numbers), np.int32)
        for number, text in numbers.literals():
            form = text[text.rindex(b'"') + 1 :]
            self._forms[number] = self._named.setdefault(form, len(self._named) + 1)

    def of(self, values: Column) -> Column:
        """Return the form of each of *values*: 0 of what is no literal."""
        return self._forms[values].astype(np.int64)

    def where(self, passes: Callable[[str], bool], values: Column) -> Mask:
        """Tell which of *values* are literals whose ending *passes*."""
        kept = [form for name, form in self._named.items() if passes(name.decode())]
        return np.isin(self.of(values), np.array(kept, np.int64))

    def are(self, datatype: str, values: Column) -> Mask:
        """Tell which of *values* are literals of *datatype*."""
        if datatype == str(XSD.string):
            return np.asarray(self.of(values) == _PLAIN, np.bool_)
        if datatype == str(RDF.langString):
            return self.where(lambda form: form.startswith("@"), values)
        return self.where(lambda form: form == f"^^<{datatype}>", values)

    def languages(self, values: Column) -> tuple[Column, Mask]:
        """Return a number for each language, 0 for none, and where that is clear."""
        told = self.where(lambda form: bool(_LANGUAGE.fullmatch(form)), values)
        spoken = self.where(lambda form: form.startswith("@"), values)
        return np.where(told, self.of(values), 0), told | ~spoken

    def passing(
        self, test: Callable[[bytes], bool], values: Column, among: Mask
    ) -> Mask:
        """Tell which of *values* are *among* those to ask, and pass by their text."""
        found = among.copy()
        asked = np.flatnonzero(among)
        texts = self.numbers.texts(values[asked].tolist())
        found[asked] = np.fromiter(map(test, texts), np.bool_, len(texts))
        return found

    def strings(self, values: Column) -> Iterator[str]:
        """Yield what each of *values* says, an IRI or a text."""
        for number, text in zip(
            values.tolist(), self.numbers.texts(values.tolist()), strict=True
        ):
            if b"\\" in text:
                yield getattr(self.numbers.terms[number], "value", "")
            elif text[:1] == b"<":
                yield text[1:-1].decode()
            else:
                yield text[1 : text.rindex(b'"')].decode()

    def told(self, test: Callable[[str], bool | None], values: Column) -> Fails:
        """Return which of *values* may fail *test*, which they pass by what they say.

        Blank nodes fail it. It is not clear of what a test says None of, and of
        literals that are no plain texts: who judges may read them in another form.
        """
        blank = self.numbers.are_blank(values)
        nodes = self.numbers.are_nodes(values)
        simple = (self.of(values) == _PLAIN) | self.languages(values)[1] & (
            self.where(lambda form: form.startswith("@"), values)
        )
        asked = np.flatnonzero((nodes & ~blank) | simple)
        may, must = np.ones(len(values), np.bool_), blank.copy()
        answers = [test(string) for string in self.strings(values[asked])]
        may[asked] = [answer is not True for answer in answers]
        must[asked] = [answer is False for answer in answers]
        return may, must


Test: TypeAlias = "Callable[[Forms, rdflib.Graph, RdfTerm, Column], Fails]"
"""Returns which values fail what is demanded by one value of a parameter."""


def _datatype(forms: Forms, _: rdflib.Graph, kind: RdfTerm, values: Column) -> Fails:
    same = forms.are(str(kind), values)
    test = _WELL_TYPED.get(kind)
    if test is None:
        return np.ones(len(values), np.bool_), ~same
    well = same if test is _any else forms.passing(test, values, same)
    return ~well, ~same


def _any(_: bytes) -> bool:
    return True


def _is_day(text: bytes) -> bool:
    found = _DAY.match(text)
    try:
        return bool(found) and bool(date.fromisoformat(found[1].decode()))  # type: ignore[index]
    except ValueError:
        return False


def _is_truth(text: bytes) -> bool:
    return text.startswith((b'"true"', b'"false"'))


def _is_integer(text: bytes) -> bool:
    return bool(_INTEGER.match(text))


_WELL_TYPED: dict[RdfTerm, Callable[[bytes], bool]] = {
    RDF.langString: _any,
    XSD.boolean: _is_truth,
    XSD.date: _is_day,
    XSD.integer: _is_integer,
    XSD.string: _any,
}


def _node_kind(forms: Forms, _: rdflib.Graph, kind: RdfTerm, values: Column) -> Fails:
    blank = forms.numbers.are_blank(values)
    nodes = forms.numbers.are_nodes(values)
    parts = {"BlankNode": blank, "IRI": nodes & ~blank, "Literal": ~nodes}
    name = str(kind).removeprefix(str(SH))
    allowed = [mask for part, mask in parts.items() if part in name]
    if not allowed:
        raise UnscreenableError(f"no kind of node: {kind}")
    fails = ~np.logical_or.reduce(allowed)
    return fails, fails


def _bounded(sign: str) -> Test:
    """Return the test of whether whole numbers are within a bound."""
    compare = _SIGNS[sign]

    def test(forms: Forms, _: rdflib.Graph, bound: RdfTerm, values: Column) -> Fails:
        if getattr(bound, "datatype", None) != XSD.integer:
            raise UnscreenableError("a bound is no integer")
        limit = int(str(bound))
        known = forms.passing(_is_integer, values, forms.are(str(XSD.integer), values))
        within = forms.passing(
            lambda text: compare(int(text[1 : text.rindex(b'"')]), limit), values, known
        )
        return ~within, known & ~within

    return test


_SIGNS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def _min_length(forms: Forms, _: rdflib.Graph, least: RdfTerm, values: Column) -> Fails:
    length = int(str(least))
    if not length:
        return np.zeros(len(values), np.bool_), np.zeros(len(values), np.bool_)
    return forms.told(lambda text: len(text) >= length, values)


def _max_length(forms: Forms, _: rdflib.Graph, most: RdfTerm, values: Column) -> Fails:
    length = int(str(most))
    return forms.told(lambda text: len(text) <= length, values)


def _pattern(forms: Forms, _: rdflib.Graph, pattern: RdfTerm, values: Column) -> Fails:
    search = re.compile(str(pattern)).search

    def matches(text: str) -> bool | None:
        # Of unusual spaces and lines it is not known what who judges makes of them.
        return bool(search(text)) if text.isprintable() else None

    return forms.told(matches, values)


def _languages(
    forms: Forms, graph: rdflib.Graph, listed: RdfTerm, values: Column
) -> Fails:
    tags = [str(member).lower() for member in members_of(graph, listed)]

    def speaks(form: str) -> bool:
        found = _LANGUAGE.fullmatch(form)
        return bool(found) and any(
            found[1] == tag or ("-" not in tag and found[1].startswith(f"{tag}-"))  # type: ignore[index]
            for tag in tags
        )

    fails = ~forms.where(speaks, values)
    return fails, fails & forms.languages(values)[1]


VALUE_TESTS: dict[RdfTerm, Test] = {
    SH.datatype: _datatype,
    SH.languageIn: _languages,
    SH.maxExclusive: _bounded("<"),
    SH.maxInclusive: _bounded("<="),
    SH.maxLength: _max_length,
    SH.minExclusive: _bounded(">"),
    SH.minInclusive: _bounded(">="),
    SH.minLength: _min_length,
    SH.nodeKind: _node_kind,
    SH.pattern: _pattern,
}
