"""Who holds which office, as the words beside a name tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.drafted import listed, quoted, short
from kg.mentions import AGENT, PERSON, PLACE, STATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.mentions import Entity, Mention

TITLES: tuple[tuple[str, str, str], ...] = (
    ("foreign-minister", "Foreign Minister",
     "foreign (?:minister|secretary)|minister (?:of|for) foreign affairs"
     "|external affairs minister"),
    ("interior-minister", "Interior Minister",
     "interior minister|minister of (?:the )?interior"),
    ("head-of-government", "Prime Minister", "prime minister|premier"),
    ("permanent-representative", "Permanent Representative",
     "permanent representative"),
    ("ambassador", "Ambassador", "ambassador|high commissioner|envoy"),
    ("charge-daffaires", "Chargé d’affaires", "charg[eé] d['’]affaires"),
    ("consul-general", "Consul General", "consul general|consul-general"),
    ("deputy-head-of-mission", "Deputy head of mission", "deputy head of mission"),
    ("attache", "Attaché", r"(?:[a-z]+ )?attach[eé]"),
    ("special-envoy", "Special Envoy",
     "special (?:envoy|representative)|high representative|personal envoy"),
    ("attorney-general", "Attorney General", "attorney general"),
    ("secretary-general", "Secretary General", "secretary[- ]general"),
    ("spokesperson", "Spokesperson",
     "(?:chief |deputy )?spokes(?:man|woman|person)"),
    ("monarch", "King", "king"),
    ("monarch", "Queen", "queen"),
    ("monarch", "Emir", "emir"),
    ("monarch", "Sultan", "sultan"),
    ("head-of-state", "President", "president"),
    ("head-of-government", "Chancellor", "chancellor"),
    ("governor", "Governor", "governor"),
    ("minister", "Minister",
     r"(?:(?:deputy )?[A-Za-z]+ minister|minister (?:of|for) [A-Za-z]+|minister"
     r"|secretary of state|state secretary|(?:principal|prime cabinet) secretary)"),
    ("director", "Director", "director(?:[- ]general)?"),
    ("", "Chair", "chair(?:man|woman|person)?"),
)  # fmt: skip
"""Kind of post, what the office is called, and how texts call it."""

_NAMED_AS_SAID = frozenset({"attache", "director", "minister", "special-envoy"})
_OF_BODIES = frozenset({"", "director", "secretary-general", "spokesperson"})
_OF_STATES = frozenset({"head-of-government", "head-of-state", "monarch"})
_ENVOYS = frozenset(
    {"ambassador", "attache", "charge-daffaires", "consul-general",
     "deputy-head-of-mission", "permanent-representative"}
)  # fmt: skip

_TITLE = "|".join(f"(?P<t{n}>{words})" for n, (_, _, words) in enumerate(TITLES))
_MARK = r"⟦(?P<{}>\d+)⟧"
_SIDES = (
    r"(?:(?:,| of| to| for| in|,? and)? ?(?:the )?(?:[a-z]+ (?:bloc|group) )?⟦\d+⟧)*"
)
_BEFORE = re.compile(
    rf"(?:{_MARK.format('owner')}(?:['’]s?)? )?(?P<its>(?:its|their|his|her) )?"
    rf"(?:the )?(?P<age>(?:new|newly appointed|current|outgoing) )?"
    rf"(?P<was>(?:(?:former|then|late) )?)(?P<title>{_TITLE})(?P<sides>{_SIDES})"
    r"(?:,? | counterpart,? )"
    r"(?:(?:Sheikha?|Prince|Princess|Mr\.?|Ms\.?|Mrs\.?|Dr\.?|General|Sir) )?"
    rf"{_MARK.format('who')}(?: of (?:the )?{_MARK.format('whose')})?",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"{_MARK.format('who')}(?:,| is| was|(?= as ))(?: who)?"
    r"(?P<was>(?: (?:had|has|also|previously|formerly|earlier|once|served|been|was|as"
    r"|former))*)"
    r"(?: (?:serves|is|works|the|an?|new|current|as))*"
    r"(?: (?P<its>its|their))?(?: (?:first|new|next))? "
    rf"(?:{_MARK.format('owner')}(?:['’]s?)? )?(?P<title>{_TITLE})(?P<sides>{_SIDES})",
    re.IGNORECASE,
)
_FORMER = re.compile("previously|formerly|earlier|once|former|then|late|had")
_ALSO = re.compile(r"accredited to (?:the )?⟦\d+⟧(?:(?:, | and |, and )⟦\d+⟧)*")
_SIDE = re.compile(r"(?P<joint>,| of| to| for| in|,? and|) ?(?:the )?[^⟦]*⟦(?P<n>\d+)⟧")


@dataclass(frozen=True, slots=True)
class Office:
    """Somebody's post: its *name*, its *kind*, whose it is, and to whom it is sent.

    *owner* is a state or a body; it and the *receivers* may have to be filled in.
    """

    person: Entity
    kind: str
    name: str
    owner: Entity | None
    receivers: tuple[Entity, ...]
    is_former: bool
    seat: str = ""

    @property
    def is_envoy(self) -> bool:
        """Tell whether the post is one in a receiving state."""
        return self.kind in _ENVOYS

    @property
    def is_of_body(self) -> bool:
        """Tell whether the post is mostly one in a body."""
        return self.kind in _OF_BODIES

    @property
    def label(self) -> str:
        """What the post may be called."""
        whose = f" of {self.owner.label}" if self.owner else ""
        to = " and ".join(one.label for one in self.receivers)
        return f"{self.name}{whose}{f' to {to}' if to else ''}{self.seat}"


def offices(text: str, mentions: Sequence[Mention]) -> list[Office]:
    """Return the offices that *text* tells of people among its *mentions*."""
    named = [one for one in mentions if len(one.entities) == 1
             and one.entities[0].kinds & {AGENT, PLACE}]  # fmt: skip
    marked = _marked(text, named)
    entities = [one.entities[0] for one in named]
    found: dict[tuple[str, str], Office] = {}
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(marked):
            office = _office(match, entities)
            if office:
                found.setdefault((office.person.iri.value, office.kind), office)
    return list(found.values())


def _marked(text: str, named: Sequence[Mention]) -> str:
    parts, place = [], 0
    for number, mention in enumerate(named):
        parts += [text[place : mention.start], f"⟦{number}⟧"]
        place = mention.end
    return " ".join("".join([*parts, text[place:]]).split())


def _office(match: re.Match[str], entities: Sequence[Entity]) -> Office | None:
    person = entities[int(match["who"])]
    if PERSON not in person.kinds:
        return None
    number = next(n for n in range(len(TITLES)) if match[f"t{n}"])
    kind, name, _ = TITLES[number]
    if kind in _NAMED_AS_SAID:
        name = match["title"][:1].upper() + match["title"][1:]
    sides = _sides(match, kind, entities)
    owner = sides.owner
    if owner and not _may_own(owner):
        owner = None
    if owner and STATE not in owner.kinds and kind in _OF_STATES:
        kind = ""
    return Office(
        person, kind, name, owner,
        tuple(dict.fromkeys(sides.receivers)),
        bool(_FORMER.search(match["was"])), sides.seat,
    )  # fmt: skip


@dataclass(slots=True)
class _Sides:
    owner: Entity | None
    receivers: list[Entity] = field(default_factory=list)
    seat: str = ""


def _sides(match: re.Match[str], kind: str, entities: Sequence[Entity]) -> _Sides:
    """Return whose the post is and to whom it is sent, in the words of *match*."""
    after = match.groupdict().get("whose")
    number = match["owner"] or (None if match["sides"] else after)
    found = _Sides(entities[int(number)] if number else None)
    is_its = bool(match.groupdict().get("its"))
    is_sent = kind in _ENVOYS
    for side in _SIDE.finditer(match["sides"] or ""):
        one = entities[int(side["n"])]
        is_owner = not is_its and (side["joint"] in {" of", ","} or not is_sent)
        if found.owner is None and is_owner:
            found.owner = one
        elif is_sent and (STATE in one.kinds or kind == "permanent-representative"):
            found.receivers.append(one)
        elif is_sent and PLACE in one.kinds:
            found.seat = f" in {one.label}"
        elif is_sent and side["joint"] == " to":
            found.seat = f" to the {one.label}"
    if is_sent and not _FORMER.search(match["was"]):
        more = _ALSO.search(match.string, match.end())
        numbers = re.findall(r"⟦(\d+)⟧", more[0]) if more else []
        found.receivers += [entities[int(number)] for number in numbers]
    if is_its and found.owner is None:
        found.owner = _before(match, found.receivers, entities)
    return found


def _before(
    match: re.Match[str], receivers: Sequence[Entity], entities: Sequence[Entity]
) -> Entity | None:
    """Return the state or body that "its" is said of: the first one before it."""
    numbers = re.findall(r"⟦(\d+)⟧", match.string[: match.start()])
    before = (entities[int(number)] for number in numbers)
    return next((one for one in before if _may_own(one) and one not in receivers), None)


def _may_own(entity: Entity) -> bool:
    return AGENT in entity.kinds and PERSON not in entity.kinds


def new_post(post: str, office: Office) -> Iterator[str]:
    """Yield what is said of the *post* that is the *office*, in Turtle."""
    yield f"{post} a exq:Post ;"
    yield f'    rdfs:label "{quoted(office.label)}"@en ;'
    if office.kind:
        yield f"    exq:hasPostKind id:post-kind-{office.kind} ;"
    if office.receivers:
        yield f"    exq:accreditedTo {listed(office.receivers)} ;"
    owner = office.owner
    if owner and STATE not in owner.kinds:
        yield f"    exq:postIn {short(owner.iri)} ."
    elif office.is_of_body and not owner:
        yield "    exq:postIn id:BODY ."
    else:
        yield f"    exq:postOfState {short(owner.iri) if owner else 'id:STATE'} ."
