"""Who says something, by the words beside the verb."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.cues import CLAIMING, speaking
from kg.mentions import AGENT, PERSON, STATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.drafted import Part
    from kg.mentions import Entity, Mention

_BEFORE_VERB = re.compile("[^,;:A-Z]*|, ")
_AFTER_VERB = re.compile(r"(?:\s+[\w’'-]+){0,5}\s+")
_QUOTED = re.compile(r"[\"”’',]\s*$")
"""What stands before a verb whose subject follows: "…," said the minister."""

OF = re.compile(r" (?:of|from|at|with) (?:the )?")
"""What stands between somebody and the body that he or she is of."""

_SAYS = rf"\s+(?:(?:also|\w+ly)\s+)?(?:{CLAIMING})\b"
_PERSON = re.compile(
    r"\b(?:he|she|the (?:\w+ )?(?:ambassador|diplomat|envoy|governor|leader|minister"
    rf"|official|president|secretary|spokes(?:man|person|woman))){_SAYS}",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\bthe (?:\w+ )?(?:agency|body|bureau|council|embassy|government|ministry|mission"
    rf"|office|organi[sz]ation|statement){_SAYS}",
    re.IGNORECASE,
)


class Speakers:
    """Who spoke in the sentences so far: who is meant by "she", or "the ministry"."""

    def __init__(self) -> None:
        self._person: Entity | None = None
        self._body: Entity | None = None

    def of(self, part: Part) -> Entity | None:
        """Return who makes a claim in *part*, if that is told."""
        found = speaker(part)
        if not found and _PERSON.search(part.text):
            return self._person
        if not found and _BODY.search(part.text):
            return self._body
        return found

    def note(self, part: Part) -> None:
        """Take in who speaks in *part*, for those that follow."""
        found = self.of(part)
        if found and PERSON in found.kinds:
            self._person = found
        elif found:
            self._body = found


def speaker(part: Part) -> Entity | None:
    """Return who makes a claim, where the words beside the verb say so."""
    agents = [
        mention for mention in part.certain
        if AGENT in mention.entities[0].kinds and STATE not in mention.entities[0].kinds
    ]  # fmt: skip
    for start, end in speaking(part.text):
        for mention in reversed(agents):
            between = part.text[mention.end : start]
            follows = part.text[end : mention.start]
            turned = part.text[start:end].lower() == "according" or (
                _QUOTED.search(part.text[:start])
            )
            if (mention.end <= start and _BEFORE_VERB.fullmatch(between)) or (
                turned and mention.start >= end and _AFTER_VERB.fullmatch(follows)
            ):
                return _whose(mention, agents, part.text)
    return None


def _whose(mention: Mention, agents: Sequence[Mention], text: str) -> Entity:
    """Return the person of the body in *mention*, as in "Envoy of the Forum said"."""
    for one in agents:
        between = text[one.end : mention.start]
        if PERSON in one.entities[0].kinds and OF.fullmatch(between):
            return one.entities[0]
    return mention.entities[0]
