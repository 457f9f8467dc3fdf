"""What a form filters by: a state, a subject, a kind; read from the address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.errors import ParameterError
from kg.names import choices, find_entities
from kg.parameters import Parameter, ParameterKind, have, parameter_term
from kg.pictures.kinds import Kinds
from kg.terms import BASE, EXQ, MERGED_VIEW, SKOS, TYPE, NamedNode
from server import protocol
from server.context import house, snapshot
from server.paging import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.store import Snapshot
    from kg.terms import Term

    Given = Mapping[str, list[str]]

_MOST_OPTIONS = 400
_IN_SCHEME = NamedNode(f"{SKOS}inScheme")
STATE = Parameter(
    "state",
    ParameterKind.IRI,
    "Only what has to do with this state.",
    None,
    NamedNode(f"{EXQ}State"),
)
SUBJECT = Parameter(
    "subject",
    ParameterKind.CONCEPT,
    "Only what deals with this subject, or a special field of it.",
    None,
    NamedNode(f"{BASE}id/subject-areas"),
)
AFTER = Parameter(
    "after", ParameterKind.DATE, "Only what can have happened on or after it.", None
)
BEFORE = Parameter(
    "before", ParameterKind.DATE, "Only what can have happened on or before it.", None
)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that a field offers."""

    value: str
    label: str


def require_known(given: Given, names: Iterable[str]) -> None:
    """Raise ParameterError for a parameter that is none of *names* or of a page."""
    known = [*names, "format", *NAMES]
    for name in given:
        if name not in known:
            raise ParameterError(
                f"there is no parameter {name!r}", advice=have(name, known)
            )


def term_of(given: Given, parameter: Parameter) -> Term | None:
    """Return the term that the address gives, None for none; raise ParameterError."""
    text = protocol.single(given, parameter.name).strip()
    if not text:
        return None
    known = _by_iri(parameter, text)
    if known is not None:
        return known
    here = snapshot()
    find, members = partial(find_entities, here), partial(choices, here)
    found = parameter_term(parameter, text, find, members)
    if isinstance(found, NamedNode) and not _belongs(found, parameter.of):
        raise ParameterError(
            f"{found} does not fit: it is nothing of that kind here",
            where=f"parameter {parameter.name}",
            advice=f"give {parameter.wanted}",
        )
    return found


def node_of(given: Given, parameter: Parameter) -> NamedNode | None:
    """Return the entity that the address gives, None for none."""
    found = term_of(given, parameter)
    return found if isinstance(found, NamedNode) else None


def word_of(given: Given, name: str, words: Iterable[str]) -> str:
    """Return the one of *words* that the address gives, "" for none."""
    text = protocol.single(given, name).strip()
    known = list(words)
    if text and text not in known:
        raise ParameterError(
            f"{text[:40]!r} does not fit",
            where=f"parameter {name}",
            advice=have(text, known),
        )
    return text


def options(parameter: Parameter) -> list[Option]:
    """Return what may be chosen; nothing where there is too much of it."""
    here = snapshot()
    known = _OPTIONS_OF.setdefault(here, {})
    name = parameter.name
    if name not in known:
        known[name] = _options(here, parameter)
    return known[name]


# A version never changes: what its forms offer is gathered once.
_OPTIONS_OF: WeakKeyDictionary[Snapshot, dict[str, list[Option]]] = WeakKeyDictionary()


def _options(here: Snapshot, parameter: Parameter) -> list[Option]:
    of = parameter.of
    found = choices(here, of, most=_MOST_OPTIONS) if of else []
    return [Option(_short(one.iri), one.label) for one in found]


def kinds_below(name: str) -> list[Option]:
    """Return the classes below the one that is called so, by label."""
    kinds = Kinds.of(snapshot())
    below = [Option(one, kinds.label(one)) for one in kinds.below(name)]
    return sorted(below, key=lambda one: (one.label.casefold(), one.value))


def _by_iri(parameter: Parameter, text: str) -> NamedNode | None:
    """Return the member of the parameter's class whose IRI, or its end, *text* is."""
    for iri in (text, house().links.id(text)):
        try:
            node = NamedNode(iri)
        except ValueError:
            continue
        if parameter.of is not None and _belongs(node, parameter.of):
            return node
    return None


def _belongs(node: NamedNode, group: NamedNode | None) -> bool:
    """Tell whether *node* is of the class or scheme; everything is of none."""
    return group is None or any(
        any(snapshot().quads(node, relation, group, MERGED_VIEW))
        for relation in (TYPE, _IN_SCHEME)
    )


def _short(iri: NamedNode) -> str:
    """Return what stands for an entity in an address: the end of its IRI, if it may."""
    start = house().links.id("")
    return iri.value.removeprefix(start)
