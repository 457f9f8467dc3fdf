"""What the sentences of an article may state: suggestions in Turtle, to be judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.cue_kinds import DOCUMENTS, INSTRUMENTS, KINDS, STATEMENTS, measures, told_by
from kg.cues import patterns
from kg.drafted import listed, nearest_dates, noun, quoted, short, time_name, times
from kg.mentions import AGENT, PERSON, PLACE, STATE
from kg.minting import short_form
from kg.offices import new_post, offices
from kg.speakers import OF, Speakers, speaker
from kg.terms import NamedNode
from kg.voices import ballots, voices, voters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from kg.coining import Coinage, Coined
    from kg.cues import Pattern
    from kg.drafted import Part
    from kg.mentions import Entity, Mentions
    from kg.offices import Office

_OF_PERSONS = re.compile(r"\{(?:depicted|person|persons|targets)\}")
_BRACES = re.compile(r"\{(\w+)\}")
_NEEDED = {"agreement", "office", "person", "speaker", "targets"}
"""What a pattern says nothing without, so that it is to be filled in."""

_GAPS = {"office": "post", "targets": "target"}
_WITH_PARTIES = frozenset({"Agreement", "MemorandumOfUnderstanding", "Treaty"})
_LINKS = {"ConsularPost": "sendingState", "Embassy": "sendingState",
          "Ministry": "organOf", "PoliceService": "organOf",
          "ProsecutionService": "organOf"}  # fmt: skip
_SIGNING = "a signing and what was signed"
_ANOTHER = re.compile(
    r"\b(?:an?|another)\s+(?:[\w-]+\s+){0,4}(?:accord|agreement|convention|memorandum"
    r"|pact|protocol|treaty)\b",
    re.IGNORECASE,
)
_DECIDED = ("a vote", "a legal instrument")
_GATHERINGS = ("a summit", "a meeting", "a visit")


class Suggestions:
    """What is suggested for the *parts* of the article *slug*, one after another."""

    def __init__(
        self,
        slug: str,
        base: str,
        named: Mentions,
        coinage: Coinage,
        parts: Sequence[Part],
    ) -> None:
        self._slug, self._base = slug, base
        self._named, self._coinage = named, coinage
        self._seen: set[str] = set()
        self._used: set[str] = set()
        self._posts: set[str] = set()
        self._said: set[tuple[str, str]] = set()
        self._sent: dict[str, str] = {}
        self._parties: set[Entity] = set()
        self._event = ""
        self._speakers = Speakers()
        self._defining: dict[str, int] = {}
        self._going_on: dict[str, tuple[str, str]] = {}
        told: dict[str, list[tuple[Pattern, Part]]] = {}
        for part in parts:
            for pattern in patterns(part.bare):
                if pattern.goes_on:
                    told.setdefault(_key(pattern), []).append((pattern, part))
        for key, every in told.items():
            pattern, part = max(every, key=_telling)
            self._going_on[key] = self._new(pattern, part)
            self._defining[self._going_on[key][0]] = part.number
            if key == _SIGNING:
                self._parties |= {*part.of_kind(STATE)}

    def of(self, part: Part) -> Iterator[str]:
        """Yield the lines that are suggested for *part*."""
        new = [*self._coinage.first(part.mentions, self._seen)]
        held = offices(part.text, part.certain)
        with_post = {office.person.iri for office in held}
        for coined in new:
            if coined.entity.iri not in with_post:
                yield from self._declared(coined, part)
        for office in held:
            yield from self._held(office, [one.entity.iri for one in new])
        for office in held:
            if office.is_envoy:
                self._sent[office.person.iri.value] = short(self._post(office))
        yield from self._by_patterns(part, held)
        yield from times(part, self._slug)

    def _declared(self, coined: Coined, part: Part) -> Iterator[str]:
        """Yield what is said of a new entity where it is first named."""
        entity = coined.entity
        yield f"# new: {entity.label}?"
        yield f"{short(entity.iri)} a exq:{coined.class_name} ;"
        link = _LINKS.get(coined.class_name)
        owners = self._states_in(entity.label)
        if link and (owners or link == "sendingState"):
            yield f"    exq:{link} {listed(owners[:1]) or 'id:STATE'} ;"
        if link == "sendingState":
            hosts = [one for one in part.of_kind(STATE) if one not in owners]
            yield f"    exq:receivingState {listed(hosts[:1]) or 'id:STATE'} ;"
        if coined.class_name in _WITH_PARTIES:
            yield '    exq:partiesNotStated "The article does not name them."@en ;'
        for body in _bodies_of(entity, part):
            yield f"    exq:affiliatedWith {short(body.iri)} ;"
        yield f'    rdfs:label "{quoted(entity.label)}"@en .'

    def _states_in(self, name: str) -> list[Entity]:
        """Return the states that *name* has in it, as "Iraqi Embassy" does."""
        found = (self._coinage.of(word, self._named.of(word)) for word in name.split())
        every = [one for part in found for mention in part for one in mention.entities]
        return [one for one in every if STATE in one.kinds]

    def _held(self, office: Office, new: Sequence[NamedNode]) -> Iterator[str]:
        """Yield that somebody holds a post, and what post that is, if it is new."""
        person, label = short(office.person.iri), quoted(office.person.label)
        post = self._post(office)
        own = office.person.iri.value.rsplit("/", 1)[-1]
        known = self._named.tenure(office.person.iri, post)
        tenure = short(known) if known else f"id:tenure-{own}-{short_form(office.name)}"
        yield f"# {office.person.label} holds a post?"
        if office.person.iri in new:
            yield f"{person} a exq:Person ;"
            yield f'    rdfs:label "{label}"@en ;'
            yield f"    exq:hasTenure {tenure} ."
        else:
            yield f"{person} exq:hasTenure {tenure} ."
        if not known:
            yield f"{tenure} a exq:Tenure ;"
            yield f'    rdfs:label "{label} as {quoted(office.name.lower())}"@en ;'
            if office.is_former:
                yield "    exq:hasStatus id:status-former ;"
            yield f"    exq:inPost {short(post)} ."
        else:
            yield f"{tenure} exq:inPost {short(post)} ."
        if not self._named.knows(post) and post.value not in self._posts:
            self._posts.add(post.value)
            yield from new_post(short(post), office)

    def _post(self, office: Office) -> NamedNode:
        """Return the post, that which the graph has if it has it."""
        kind = NamedNode(f"{self._base}id/post-kind-{office.kind}")
        if office.owner:
            known = self._named.posts.get((office.owner.iri, kind))
            if known:
                return known
        else:
            held = self._named.post(office.person.iri, kind)
            if held:
                return held
        whose = "" if office.owner else f"-{self._slug}"
        return NamedNode(f"{self._base}id/{short_form(office.label)}{whose}")

    def _by_patterns(self, part: Part, held: Sequence[Office]) -> Iterator[str]:
        found = patterns(part.bare)
        values = self._values(part, held)
        dated = nearest_dates(part, found)
        for pattern in found:
            is_empty = held or not (values["person"] or values["office"])
            if pattern.name == "a person in a post" and is_empty:
                continue
            it, label = self._name(pattern, part, values)
            own = values | {"it": it, "label": label}
            if dated.get(pattern.name) is not None:
                own["time"] = time_name(part, self._slug, dated[pattern.name])
            if pattern.goes_on:
                self._leave_out(it, own)
            is_defined = self._defining.get(it, part.number) != part.number
            needed = _NEEDED - {"person", "targets"} if is_defined else _NEEDED
            lines = _filled(pattern.turtle, own, needed)
            if len(lines) > 2 or (it, "") not in self._said:
                yield f"# {pattern.name}?"
                yield from lines
            self._said.add((it, ""))
            if pattern.name in _GATHERINGS:
                self._event = it
            elif pattern.name == _SIGNING:
                self._event = f"{it}-signing"
        yield from self._voted(part, values)
        self._speakers.note(part)

    def _leave_out(self, it: str, own: dict[str, str]) -> None:
        """Leave out of what goes on, in *own*, what an earlier sentence may say."""
        if (it, "") in self._said:
            said_by = own["speaker"]
            agents = own["agents"].split(" , ")
            own["agents"] = " , ".join(one for one in agents if one != said_by)
        if (it, "place") in self._said:
            own["place"] = ""
        elif own["place"]:
            self._said.add((it, "place"))
        if it == self._going_on.get(_SIGNING, ("", ""))[0]:
            parties = {short(one.iri) for one in self._parties}
            if parties and not {*own["parties"].split(" , ")} <= parties:
                own["parties"] = own["states"] = ""

    def _voted(self, part: Part, values: dict[str, str]) -> Iterator[str]:
        """Yield how members voted, where their names stand beside it."""
        vote = self._going_on.get("a vote")
        if not vote or values.keys() & {"for", "against", "abstained"}:
            return
        for state, role in ballots(part):
            own = state.iri.value.rsplit("/", 1)[-1]
            name = f"id:participation-{own}-{vote[0].removeprefix('id:')}"
            yield f"{vote[0]} exq:hasParticipation {name} ."
            yield f"{name} a exq:Participation ;"
            label = f"part of {quoted(state.label)} in the {vote[1]}"
            yield f'    rdfs:label "{label}"@en ;'
            yield f"    exq:inRole id:role-{role} ;"
            yield f"    exq:participatingAgent {short(state.iri)} ."

    def _values(self, part: Part, held: Sequence[Office]) -> dict[str, str]:
        """Return what the words in braces stand for, in any pattern."""
        persons, states, places = map(part.of_kind, (PERSON, STATE, PLACE))
        agents = [one for one in part.of_kind(AGENT) if one not in persons]
        bodies = [one for one in agents if one not in states]
        said_by = self._speakers.of(part)
        others = [one.entities[0] for one in part.certain
                  if one.entities[0] != said_by
                  and not one.entities[0].label[:1].islower()]  # fmt: skip
        envoys = [office for office in held if office.is_envoy]
        sent = [office.person for office in envoys]
        hosts = [one for one in persons if one not in sent] if sent else []
        found = (self._sent.get(one.iri.value, "") for one in [*sent, *persons])
        post = next(filter(None, found), "") or self._known_post(part)
        event = self._event or self._one_of(_GATHERINGS)
        return {
            "speaker": listed([said_by] if said_by else []),
            "agent": listed([*agents, *persons][:1]),
            "agents": listed([*persons, *agents]),
            "parties": listed(states or bodies),
            "person": listed((sent or persons)[:1]),
            "persons": listed(persons),
            "targets": listed(_targets(part, said_by)),
            "host": listed(hosts[-1:]),
            "body": listed(voters(part)[-1:] or bodies[:1]),
            "credit": listed([one for one in bodies if one == part.last]),
            "place": listed(places[:1]),
            "state": listed(states[:1]),
            "states": listed(states),
            "topic": listed(others[:2]) or event,
            "post": post,
            "office": post,
            "issuer": listed(agents[:1]),
            "event": event,
            "depicted": listed(persons) or event,
            "tenure": f"id:tenure-{persons[0].iri.value.rsplit('/', 1)[-1]}"
            if persons else "",
            "adopted": self._one_of(["a legal instrument"])
            if told_by(INSTRUMENTS, part.text) != "legal instrument" else "",
            "agreement": self._one_of([_SIGNING]),
            "kind": told_by(KINDS, part.text),
            "document": told_by(DOCUMENTS, part.text),
            "statement": told_by(STATEMENTS, part.text),
            "measures": " , ".join(f"id:measure-{m}" for m in measures(part.text)),
            "article": f"src:{self._slug}",
            **{side: str(number) for side, number in voices(part.text).items()},
        }  # fmt: skip

    def _one_of(self, names: Sequence[str]) -> str:
        found = (self._going_on[name][0] for name in names if name in self._going_on)
        return next(found, "")

    def _known_post(self, part: Part) -> str:
        """Return the post that a state and a kind of post tell, both named."""
        named = dict.fromkeys(one.iri for m in part.mentions for one in m.entities)
        posts = self._named.posts
        found = [posts[s, k] for s in named for k in named if (s, k) in posts]
        return short(found[0]) if len(found) == 1 else ""

    def _name(
        self, pattern: Pattern, part: Part, values: dict[str, str]
    ) -> tuple[str, str]:
        """Return the name and the label of what *pattern* states in *part*."""
        if "{it} a exq:Claim" in pattern.turtle:
            said_by = self._speakers.of(part)
            who = said_by.label if said_by else "claim"
            iri = f"claim:{short_form(who)}-{self._slug}-s{part.number:02}"
            return iri, quoted(f"{who} in {self._slug}, passage {part.number}")
        if pattern.goes_on:
            if _key(pattern) == _SIGNING and self._is_another(part):
                return self._new(pattern, part)
            return self._going_on[_key(pattern)]
        return self._new(pattern, part) if "{it}" in pattern.turtle else ("", "")

    def _is_another(self, part: Part) -> bool:
        """Tell whether *part* speaks of an agreement that was not spoken of before."""
        states = set(part.of_kind(STATE))
        is_same = bool(states) and states <= self._parties
        is_told = (self._going_on[_SIGNING][0], "") in self._said
        return is_told and not is_same and bool(_ANOTHER.search(part.text))

    def _new(self, pattern: Pattern, part: Part) -> tuple[str, str]:
        """Return the name and the label of what nothing names yet, by *part*."""
        what = noun(pattern, part.text)
        held = offices(part.text, part.certain)
        persons = [office.person for office in held if office.is_envoy]
        persons = persons or part.of_kind(PERSON)
        states, places = part.of_kind(STATE), part.of_kind(PLACE)
        bodies = _bodies(part)
        owners = states or bodies
        if pattern.name in _DECIDED:
            owners = voters(part)[-1:] or states
        if pattern.name in _GATHERINGS and places:
            label = f"{what} in {places[0].label}"
        elif "{targets}" in pattern.turtle and _targets(part, speaker(part)):
            label = f"{what} {_targets(part, speaker(part))[0].label}"
        elif persons and _is_personal(pattern):
            label = f"{_with(what, 'of')} {persons[0].label}"
        elif owners:
            joint = "by" if what.endswith(" on") else "of"
            told = " and ".join(one.label for one in owners[:2])
            label = f"{what.removesuffix(' on')} {joint} {told}"
        else:
            label = f"{what.removesuffix(' on')} ({self._slug} {part.number})"
        iri = NamedNode(f"{self._base}id/{short_form(label)}")
        if label in self._used or self._named.knows(iri):
            label = f"{label} ({self._slug} {part.number})"
        self._used.add(label)
        return f"id:{short_form(label)}", quoted(label)


def _targets(part: Part, said_by: Entity | None) -> list[Entity]:
    """Return against whom an act may be: not who speaks, nor who acts."""
    persons = [one for one in part.of_kind(PERSON) if one != said_by]
    bodies = [one for one in _bodies(part) if one != said_by]
    return [*persons, *(bodies if part.of_kind(STATE) else bodies[1:])]


def _bodies(part: Part) -> list[Entity]:
    return [one for one in part.of_kind(AGENT) if not {PERSON, STATE} & one.kinds]


def _with(what: str, joint: str) -> str:
    return what if what.endswith(" on") else f"{what} {joint}"


def _key(pattern: Pattern) -> str:
    return _SIGNING if pattern.name == "an agreement" else pattern.name


def _is_personal(pattern: Pattern) -> bool:
    return pattern.noun != "{document}" and bool(_OF_PERSONS.search(pattern.turtle))


def _telling(told: tuple[Pattern, Part]) -> tuple[int, int]:
    """Return by how much the names in a part tell an event from others."""
    pattern, part = told
    if pattern.name in _GATHERINGS:
        telling = int(bool(part.of_kind(PLACE)))
    elif pattern.name in _DECIDED:
        telling = int(bool(voters(part)))
    elif _is_personal(pattern):
        held = offices(part.text, part.certain)
        is_sent = any(office.is_envoy for office in held)
        telling = 2 * is_sent + bool(part.of_kind(PERSON))
    else:
        count = len(part.of_kind(STATE))
        telling = 2 if count == 2 else min(count, 1)
    return telling, -part.number


def _bodies_of(entity: Entity, part: Part) -> Iterator[Entity]:
    """Yield the body whose *entity* is, as in "Ada Envoy of the Trade Forum"."""
    if PERSON not in entity.kinds:
        return
    for one, other in zip(part.certain, part.certain[1:], strict=False):
        between = part.text[one.end : other.start]
        body = other.entities[0]
        is_body = AGENT in body.kinds and not {STATE, PERSON} & body.kinds
        if one.entities[0] == entity and is_body and OF.fullmatch(between):
            yield body


def _filled(turtle: str, values: dict[str, str], needed: Set[str]) -> list[str]:
    """Return the lines of *turtle* with the *values* in it.

    A line that has none is left out, but for those that are *needed*; there a word in
    capitals stands for what is to be filled in.
    """
    lines: list[str] = []
    for line in turtle.splitlines():
        missing = [name for name in _BRACES.findall(line) if not values.get(name)]
        if missing and not needed & {*missing}:
            if line.endswith(" .") and lines:
                lines[-1] = f"{lines[-1].removesuffix(' ;')} ."
            continue
        gaps = {name: f"id:{_GAPS.get(name, name).upper()}" for name in missing}
        lines.append(line.format_map(values | gaps))
    return lines
