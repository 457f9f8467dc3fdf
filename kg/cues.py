"""Which words of a sentence call for which pattern of the modelling guide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_CLAIM = (
    "said|says|told|tells|stated|added|stressed|noted|recalled|claimed|announced"
    "|explained|emphasi[sz]ed|confirmed|denied|praised|criticised|criticized"
    "|hailed|welcomed|rejected|congratulated|called|warned|argued|expressed"
    "|highlighted|promised|according|saying|replied|declared|insisted|acknowledged"
    "|admitted|affirmed|reaffirmed|reiterated|underlined|underscored|pledged|vowed"
    "|urged|condemned|accused|alleged|voiced|described|characteri[sz]ed|pointed out"
)

CUES: tuple[tuple[str, str, str], ...] = (
    (
        "a claim",
        _CLAIM,
        """claim:NAME a exq:Claim ;
    rdfs:label "…"@en ;
    exq:claimText "…"@en ;
    exq:claimAbout {other} ;
    exq:hasClaimKind id:claim-kind-{kind} ;
    exq:madeBy {speaker} ;
    exq:madeIn {article} .""",
    ),
    (
        "a meeting",
        "met|meets|meeting|talks|conference|hosted|hosts|summit|audience|received by"
        "|received at",
        """id:NAME a exq:Meeting ;
    rdfs:label "…"@en ;
    exq:hasParticipant {agent} , {other} ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} .""",
    ),
    (
        "a visit",
        "visit|visited|visits|visiting|arrived|arrives|trip to|tour of"
        "|travel(?:s|led|ed|ing) (?:on )?to",
        """id:NAME a exq:OfficialVisit ;
    rdfs:label "…"@en ;
    exq:hasParticipant {agent} ;
    exq:hasTime {time} ;
    exq:visitsState {state} .""",
    ),
    (
        "a signing and what was signed",
        "signed|signs|signing|initialled|initialed|inked",
        """id:NAME-signing a exq:Signing ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:involvesState {state} .
id:NAME a exq:{document} ;
    rdfs:label "…"@en ;
    exq:signedAt id:NAME-signing ;
    exq:hasParty {agent} , {other} .""",
    ),
    (
        "an agreement",
        "memorandum|memorandums|memoranda|treaty|treaties|accord|accords|agreement"
        "|agreements|convention|conventions|protocol|protocols|pact|pacts"
        "|exchanged notes|exchange of notes",
        """id:NAME a exq:{document} ;
    rdfs:label "…"@en ;
    exq:hasParty {agent} , {other} .""",
    ),
    (
        "an entry into force",
        "enters? into force|entered into force|takes effect|took effect",
        """id:NAME a exq:EntryIntoForce ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:concernsAgreement id:AGREEMENT .""",
    ),
    (
        "a ratification",
        "ratif(?:y|ies|ied|ying|ication|ications)",
        """id:NAME a exq:Ratification ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement id:AGREEMENT .""",
    ),
    (
        "an accession",
        "accedes?|acceded|acceding|accession",
        """id:NAME a exq:Accession ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement id:AGREEMENT .""",
    ),
    (
        "a withdrawal",
        "withdraws? from|withdrew from|withdrawal from",
        """id:NAME a exq:Withdrawal ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement id:AGREEMENT .""",
    ),
    (
        "somebody's part in an event",
        "attended|attends|attending|took part|takes part|taking part|participated"
        "|participates|participating",
        """id:EVENT exq:hasParticipation id:participation-NAME .
id:participation-NAME a exq:Participation ;
    rdfs:label "…"@en ;
    exq:inRole id:role-attendee ;
    exq:participatingAgent {agent} .""",
    ),
    (
        "an arrest",
        "arrest|arrested|detained|arrests",
        """id:NAME a exq:Arrest ;
    rdfs:label "…"@en ;
    exq:hasArrestee {agent} ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} .""",
    ),
    (
        "a handover",
        "handover|extradited|extradition|extraditions|hand(?:ed|s|ing)?"
        r"(?:\s+\w+){0,3}\s+over|surrendered",
        """id:NAME a exq:Handover ;
    rdfs:label "…"@en ;
    exq:handedOverPerson {agent} ;
    exq:hasTime {time} ;
    exq:handedOverTo {other} .""",
    ),
    (
        "a person in a post",
        "ministers?|ambassadors?|amb|presidents?|secretary|secretaries|envoys?|consul"
        "|governor|attorney|spokesman|spokeswoman|spokesperson|emir|king|queen"
        "|chancellor|charg[eé]s? d['’]affaires|representative|commissioner|director"
        "|head of|chief of|appointed|nominated|dismissed|sworn in|stepped down"
        "|resigned",
        """id:NAME a exq:Person ;
    rdfs:label "…"@en ;
    exq:hasTenure id:tenure-NAME .
id:tenure-NAME a exq:Tenure ;
    rdfs:label "…"@en ;
    exq:inPost {post} .""",
    ),
    (
        "the post of an envoy",
        "ambassadors?|amb|envoys?|charg[eé]s? d['’]affaires|accredited|accreditation"
        "|high commissioner",
        """id:POST a exq:Post ;
    rdfs:label "…"@en ;
    exq:hasPostKind id:post-kind-ambassador ;
    exq:postOfState {state} ;
    exq:accreditedTo id:RECEIVING-STATE .""",
    ),
    (
        "credentials that are presented",
        "credentials|letters? of credence",
        """id:NAME-presented a exq:Transmission ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:hasParticipant {agent} ;
    exq:transmits id:NAME .
id:NAME a exq:InformationObject ;
    rdfs:label "…"@en ;
    exq:receivedBy {other} .""",
    ),
    (
        "one who follows another in a post",
        "replaced|replaces|succeeded|succeeds|successor|predecessor",
        """id:NEW exq:hasTenure id:tenure-NEW .
id:tenure-NEW a exq:Tenure ;
    rdfs:label "…"@en ;
    exq:inPost id:POST .
id:OLD exq:hasTenure id:tenure-OLD .
id:tenure-OLD a exq:Tenure ;
    rdfs:label "…"@en ;
    exq:inPost id:POST .""",
    ),
    (
        "an inauguration",
        "inaugurated|inaugurates|inauguration",
        """id:NAME a exq:Inauguration ;
    rdfs:label "…"@en ;
    exq:inauguratedBy {agent} ;
    exq:inaugurates id:NAME ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} .""",
    ),
    (
        "a legal act",
        "sanctions?|sanctioned|restrictive measures|asset freezes?|travel bans?"
        "|blacklisted|expelled|expels|personae? non gratae?|ruled|sentenced|convicted"
        "|annulled|revoked",
        """id:NAME a exq:LegalAct ;
    rdfs:label "…"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:hasAffectedPerson id:PERSON ;
    exq:hasLegalBasis id:INSTRUMENT .""",
    ),
    (
        "a legal instrument",
        "(?:decision|regulation|resolution|directive|decree|law|order)"
        r"\s+(?:\([A-Z]+\)\s+)?(?:no\.?\s*)?\d+|decrees?|legal acts?|warrants?",
        """id:INSTRUMENT a exq:LegalInstrument ;
    rdfs:label "…"@en ;
    exq:datedTo {time} ;
    exq:issuedBy {agent} .""",
    ),
    (
        "a statement that is issued",
        "statements?|communiqu[eé]s?|joint declaration",
        """id:NAME a exq:{statement} ;
    rdfs:label "…"@en ;
    exq:datedTo {time} ;
    exq:issuedBy {agent} .""",
    ),
)
"""Name, cue words as a regular expression, pattern.

In a pattern `{speaker}`, `{agent}`, `{other}`, `{place}`, `{state}`, `{post}` and
`{time}` stand for what the sentence names, `{kind}`, `{document}` and `{statement}` for
what KINDS, DOCUMENTS and STATEMENTS tell of its words, and `NAME` for what is to be
chosen. The line with `{time}` is left out where there is no date; it is not the last.
"""

KINDS: tuple[tuple[str, str], ...] = (
    ("commitment", "pledged|pledges|promised|promises|vowed|committed"),
    ("desire", "hope|hopes|hoped|desire|desires|wish|wishes|wished|wants|wanted"),
    ("call", "called on|called for|calls on|calls for|urged|urges"),
    ("criticism", "criticised|criticized|criticises|criticizes|condemned|condemns"),
    ("praise", "praised|praises|hailed|hails|commended|welcomed"),
    ("denial", "denied|denies|rejected|rejects"),
    ("confirmation", "confirmed|confirms"),
    ("announcement", "announced|announces"),
    ("explanation", "explained|explains"),
    (
        "emphasis",
        "emphasi[sz]ed|emphasi[sz]es|stressed|stresses|reaffirmed|reiterated"
        "|underlined|underscored",
    ),
    ("intention", "would|will|plans|intend|intends|intended"),
    ("assessment", ""),
)
"""Kinds of claims with the words that speak for them; the last one for all others."""

DOCUMENTS: tuple[tuple[str, str], ...] = (
    ("MemorandumOfUnderstanding", "memorandum|memorandums|memoranda"),
    ("Treaty", "treaty|treaties|convention|conventions"),
    ("Agreement", ""),
)
"""Classes of agreements likewise."""

STATEMENTS: tuple[tuple[str, str], ...] = (
    ("JointStatement", "joint"),
    ("Statement", ""),
)
"""Classes of statements likewise."""

_WITHIN = {"an agreement": "a signing and what was signed"}
"""A pattern that is part of another one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to state something: what it is called, and its Turtle with gaps."""

    name: str
    turtle: str


def patterns(sentence: str) -> list[Pattern]:
    """Return the patterns that the words of *sentence* call for."""
    found = {
        name: turtle
        for name, words, turtle in CUES
        if _compiled(words).search(sentence)
    }
    return [
        Pattern(name, turtle)
        for name, turtle in found.items()
        if _WITHIN.get(name) not in found
    ]


def speaking(sentence: str) -> list[tuple[int, int]]:
    """Return where the words stand in *sentence* that tell of somebody's claim."""
    return [match.span() for match in _compiled(_CLAIM).finditer(sentence)]


def told_by(table: tuple[tuple[str, str], ...], sentence: str) -> str:
    """Return what KINDS or the like, the *table*, tells of the words of *sentence*."""
    return next(
        name for name, words in table if not words or _compiled(words).search(sentence)
    )


@cache
def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
