"""New entities of a draft: an IRI and a likely class for each name that is unknown."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.folding import letters
from kg.known_states import by_capital, by_name
from kg.mentions import AGENT, PERSON, PLACE, STATE, Entity, Mention
from kg.minting import short_form
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kg.mentions import Mentions

_HEADS: tuple[tuple[str, str], ...] = (
    ("Embassy", "embassy"),
    ("ConsularPost", "consulate"),
    ("EducationalInstitution", "academy|college|faculty|school|university"),
    ("IntergovernmentalOrganization",
     "alliance|bloc|cooperation council|league|nations|union"
     "|(?:council|organi[sz]ation|community)(?= (?:for|of)\\b)"),
    ("Organization", r"cent(?:er|re)(?= for\b)"),
    ("Ministry", "department|ministry|treasury"),
    ("ProsecutionService", "prosecution|prosecutors?"),
    ("PoliceService", "gendarmerie|police"),
    ("MediaOrganization",
     "news agency|channel|courier|gazette|herald|journal|ledger|news|post|press|radio"
     "|standard|television|times|tribune"),
    ("MemorandumOfUnderstanding", "memorandum"),
    ("Treaty", "convention|protocol|statute|treaty"),
    ("Agreement", "accords?|agreement|pact"),
    ("JointStatement", "communiqu[eé]|declaration|statement"),
    ("PolicyPlan", "initiative|plan|roadmap"),
    ("LegalInstrument", "act|charter|decree|resolution"),
    ("BorderCrossing", "crossing"),
    ("Facility",
     "airport|base|cent(?:er|re)|hall|hotel|palace|port|prison|stadium"),
    ("Territory",
     "coast|desert|gulf|horn|islands?|mountains|peninsula|region|river|sahara|sea"
     "|strait|valley"),
    ("PoliticalMovement", "front|movement|party"),
    ("Organization",
     "agency|armed|army|assembly|association|authority|bank|board|bureau|chamber"
     "|commission|committee|company|congress|corporation|council|court|delegation"
     "|directorate|federation|forces?|forum|foundation|fund|group|holdings?|inc"
     "|institute|limited|ltd|marine|mission|office|organi[sz]ation|parliament|senate"
     "|secretariat|service|shipping|society|tribunal"),
)  # fmt: skip
"""Classes with the words of a name that speak for them, the surest first."""

_WORD = re.compile(r"(?<![\w-])\w+")
_MOST_HINTS = 100_000
"""So many characters of a text are searched for what stands before a name."""

_HEAD_ENDS = r"(?=$| (?:for|in|of|on)\b)"
"""Where the chief word of a name ends."""

_NO_PERSON = re.compile(r"\b(?:and|for|of|on|the|to)\b|\d")
_AT_PLACE = ("in", "at", "near", "from", "off", "of", "In", "At", "Near", "From")
_ACRONYMS = frozenset(
    {"AU", "ASEAN", "ECOWAS", "EU", "GCC", "IAEA", "ICC", "IGAD", "IMF", "NATO", "OIC",
     "OPEC", "OSCE", "SADC", "UN", "UNESCO", "UNHCR", "UNICEF", "WFP", "WHO", "WTO"}
)  # fmt: skip
_NAME_PARTICLES = {"abu", "al", "ben", "bin", "bint", "da", "de", "del", "den", "der",
                   "di", "dos", "du", "el", "ibn", "la", "le", "ould", "van",
                   "von"}  # fmt: skip
_PLACES = {"BorderCrossing", "Facility", "Settlement", "Territory"}
_TEXTS = {"Agreement", "JointStatement", "LegalInstrument", "MemorandumOfUnderstanding",
          "PolicyPlan", "Treaty"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coined:
    """A new entity: its *class_name*, as far as the words tell, and its *forms*."""

    entity: Entity
    class_name: str
    forms: tuple[str, ...]


class Coinage:
    """The new entities of a text, to be found in its sentences like known ones.

    So are *others*, by forms of their names that only the text has.
    """

    def __init__(
        self, coined: Iterable[Coined], others: Mapping[str, Entity] | None = None
    ) -> None:
        self.coined = tuple(coined)
        found = {
            form: one.entity for one in reversed(self.coined) for form in one.forms
        }
        self._by_form = found | dict(others or {})
        self._beginning: defaultdict[str, list[str]] = defaultdict(list)
        for form in sorted(self._by_form, key=len, reverse=True):
            word = _WORD.search(form)
            if word and not word.start():
                self._beginning[word.group()].append(form)

    def of(self, text: str, known: Sequence[Mention]) -> list[Mention]:
        """Return the names in *text*, those *known* before and the new ones, in order.

        What is part of a longer name is left out.
        """
        found = [*known]
        for start, form in self._forms(text):
            end = start + len(form)
            within = [one for one in found if start <= one.start < one.end <= end]
            if any(one.start < end and start < one.end and one not in within
                   for one in found):  # fmt: skip
                continue
            found = [one for one in found if one not in within]
            found.append(Mention(start, end, (self._by_form[form],)))
        return sorted(found, key=lambda one: one.start)

    def _forms(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where new names stand in *text*: at each place the longest."""
        end = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < end:
                continue
            forms = self._beginning.get(word.group(), ())
            form = next((one for one in forms if _stands(one, text, start)), "")
            if form:
                end = start + len(form)
                yield start, form

    def first(self, mentions: Sequence[Mention], seen: set[str]) -> Iterator[Coined]:
        """Yield the new entities in *mentions* that are not *seen* yet; note them."""
        named = {one.iri for mention in mentions for one in mention.entities}
        for one in self.coined:
            iri = one.entity.iri
            if iri in named and iri.value not in seen:
                seen.add(iri.value)
                yield one


def _stands(form: str, text: str, start: int) -> bool:
    end = start + len(form)
    return text.startswith(form, start) and not text[end : end + 1].isalnum()


def coin(
    names: Iterable[str],
    texts: Sequence[str],
    *,
    base: str,
    named: Mentions,
) -> Coinage:
    """Return a new entity for each of *names*, as the *texts* they are from use them.

    Of states the words for their people are names too, also of those that are *named*
    by the graph. No IRI is taken that the graph has.
    """
    found: dict[str, Coined] = {}
    others: dict[str, Entity] = {}
    whole = "\n".join(texts)[:_MOST_HINTS]
    for name in names:
        state = by_name().get(letters(name))
        label = state.name if state else name
        known = _known_state(named, label) if state else None
        if known:
            others |= dict.fromkeys(state.forms if state else (), known)
            continue
        class_name = "State" if state else likely_class(name, whole)
        forms = {label, name, *(state.forms if state else ())}
        if class_name == "Person":
            forms |= {*_family(name)}
        if label in found:
            forms |= {*found[label].forms}
        iri = NamedNode(_free(f"{base}id/{short_form(label)}", named.knows))
        entity = Entity(iri, label, _kinds(class_name))
        found[label] = Coined(entity, class_name, tuple(sorted(forms)))
    return Coinage(found.values(), others)


def _known_state(named: Mentions, name: str) -> Entity | None:
    for mention in named.of(name):
        is_whole = mention.start == 0 and mention.end == len(name)
        if (
            is_whole
            and len(mention.entities) == 1
            and STATE in mention.entities[0].kinds
        ):
            return mention.entities[0]
    return None


def likely_class(name: str, text: str = "") -> str:
    """Return the class of what *name* likely names, by its words, or those around it.

    The *text* is where it stands.
    """
    folded = letters(name)
    if folded in by_name():
        return "State"
    if folded in by_capital():
        return "Settlement"
    told = _by_words(name)
    if told:
        return told
    has_article = any(_follows(name, word, text) for word in ("the", "The"))
    if " " in name and not _NO_PERSON.search(name) and not has_article:
        return "Person"
    if name in _ACRONYMS:
        return "IntergovernmentalOrganization"
    if " " not in name and any(_follows(name, word, text) for word in _AT_PLACE):
        return "Settlement"
    return "Organization"


def _follows(name: str, word: str, text: str) -> bool:
    """Tell whether *name* follows *word* somewhere in *text*."""
    place = text.find(f"{word} {name}")
    end = place + len(word) + 1 + len(name)
    before = text[place - 1 : place]
    return place >= 0 and not (before.isalnum() or text[end : end + 1].isalnum())


def _by_words(name: str) -> str:
    """Return the class that a word of *name* tells, the chief word first."""
    return next(
        (
            class_name
            for place in (_HEAD_ENDS, "")
            for class_name, words in _HEADS
            if re.search(rf"\b(?:{words})\b{place}", name, re.IGNORECASE)
        ),
        "",
    )


def _kinds(class_name: str) -> frozenset[NamedNode]:
    if class_name == "State":
        return frozenset({AGENT, STATE})
    if class_name == "Person":
        return frozenset({AGENT, PERSON})
    if class_name in _PLACES:
        return frozenset({PLACE})
    return frozenset() if class_name in _TEXTS else frozenset({AGENT})


def _family(name: str) -> tuple[str, ...]:
    """Return the family name, as articles use it alone after the first time."""
    words = name.split()
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _NAME_PARTICLES:
        start -= 1
    return (" ".join(words[start:]),) if start else ()


def _free(iri: str, is_used: Callable[[NamedNode], bool]) -> str:
    found, number = iri, 1
    while is_used(NamedNode(found)):
        number += 1
        found = f"{iri}-{number}"
    return found
