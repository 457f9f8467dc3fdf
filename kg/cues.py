"""Which words of a sentence call for which pattern of the modelling guide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

CLAIMING = (
    "said|says|told|tells|stated|added|stressed|noted|recalled|claimed|announced"
    "|explained|emphasi[sz]ed|confirmed|denied|praised|criticised|criticized"
    "|hailed|welcomed|rejected|congratulated|called|warned|argued|expressed"
    "|highlighted|promised|according|saying|replied|declared|insisted|acknowledged"
    "|admitted|affirmed|reaffirmed|reiterated|underlined|underscored|pledged|vowed"
    "|urged|condemned|accused|alleged|voiced|described|characteri[sz]ed|pointed out"
)
"""The words that tell of somebody's claim."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to state something: what it is called, its cue *words*, its Turtle.

    The *noun* begins the label of what is stated; of what *goes on*, several sentences
    of an article may speak.
    """

    name: str
    noun: str
    words: str
    turtle: str
    goes_on: bool = False


CUES: tuple[Pattern, ...] = (
    Pattern(
        "a picture",
        "picture",
        r"(?<=\()[A-Z][^()]{0,58}\w(?=\)$)",
        """{it} a exq:Picture ;
    rdfs:label "{label}"@en ;
    exq:depicts {depicted} ;
    exq:creditedTo {credit} ;
    exq:shownIn {article} .""",
    ),
    Pattern(
        "a national",
        "",
        "nationals?|citizens?",
        "{person} exq:nationalOf {state} .",
    ),
    Pattern(
        "a claim",
        "",
        CLAIMING,
        """{it} a exq:Claim ;
    rdfs:label "{label}"@en ;
    exq:claimText "…"@en ;
    exq:claimAbout {topic} ;
    exq:hasClaimKind id:claim-kind-{kind} ;
    exq:madeBy {speaker} ;
    exq:madeIn {article} .""",
    ),
    Pattern(
        "a summit",
        "summit",
        "summits?",
        """{it} a exq:Summit ;
    rdfs:label "{label}"@en ;
    exq:hasParticipant {agents} ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} .""",
        goes_on=True,
    ),
    Pattern(
        "a meeting",
        "meeting",
        "met|meets|meeting|talks|(?<!press )(?<!news )conference|hosted|hosts|audience"
        "|received by|received at",
        """{it} a exq:Meeting ;
    rdfs:label "{label}"@en ;
    exq:hasParticipant {agents} ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} .""",
        goes_on=True,
    ),
    Pattern(
        "a visit",
        "visit",
        "visit|visited|visits|visiting|arrived|arrives|trip to|tour of"
        "|travel(?:s|led|ed|ing) (?:on )?to",
        """{it} a exq:OfficialVisit ;
    rdfs:label "{label}"@en ;
    exq:hasParticipant {agent} ;
    exq:hasTime {time} ;
    exq:visitsState {state} .""",
        goes_on=True,
    ),
    Pattern(
        "a signing and what was signed",
        "{document}",
        "signed|signs|signing|initialled|initialed|inked",
        """{it}-signing a exq:Signing ;
    rdfs:label "signing of the {label}"@en ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} ;
    exq:involvesState {states} .
{it} a exq:{document} ;
    rdfs:label "{label}"@en ;
    exq:signedAt {it}-signing ;
    exq:hasSignatory {persons} ;
    exq:hasParty {parties} .""",
        goes_on=True,
    ),
    Pattern(
        "an agreement",
        "{document}",
        "memorandum|memorandums|memoranda|treaty|treaties|accord|accords|agreement"
        "|agreements|convention|conventions|protocol|protocols|pact|pacts"
        "|exchanged notes|exchange of notes",
        """{it} a exq:{document} ;
    rdfs:label "{label}"@en ;
    exq:hasParty {parties} .""",
        goes_on=True,
    ),
    Pattern(
        "an entry into force",
        "entry into force",
        "enters? into force|entered into force|takes effect|took effect",
        """{it} a exq:EntryIntoForce ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:concernsAgreement {agreement} .""",
    ),
    Pattern(
        "a ratification",
        "ratification",
        "ratif(?:y|ies|ied|ying|ication|ications)",
        """{it} a exq:Ratification ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement {agreement} .""",
    ),
    Pattern(
        "an accession",
        "accession",
        "accedes?|acceded|acceding|accession",
        """{it} a exq:Accession ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement {agreement} .""",
    ),
    Pattern(
        "a withdrawal",
        "withdrawal",
        "withdraws? from|withdrew from|withdrawal from",
        """{it} a exq:Withdrawal ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:concernsAgreement {agreement} .""",
    ),
    Pattern(
        "somebody's part in an event",
        "",
        "attended|attends|attending|took part|takes part|taking part|participated"
        "|participates|participating",
        """{event} exq:hasParticipant {agents} .""",
    ),
    Pattern(
        "an arrest",
        "arrest",
        "arrest|arrested|detained|arrests",
        """{it} a exq:Arrest ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} ;
    exq:hasArrestee {person} .""",
        goes_on=True,
    ),
    Pattern(
        "a handover",
        "handover",
        "handover|extradited|extradition|extraditions|hand(?:ed|s|ing)?"
        r"(?:\s+\w+){0,3}\s+over|surrendered",
        """{it} a exq:Handover ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} ;
    exq:handedOverTo {state} ;
    exq:handedOverPerson {person} .""",
        goes_on=True,
    ),
    Pattern(
        "a person in a post",
        "",
        "ministers?|ambassadors?|amb|presidents?|secretary|secretaries|envoys?|consul"
        "|governor|attorney|spokesman|spokeswoman|spokesperson|emir|king|queen"
        "|chancellor|charg[eé]s? d['’]affaires|representative|commissioner|director"
        "|head of|chief of|appointed|nominated|dismissed|sworn in|stepped down"
        "|resigned",
        """{person} exq:hasTenure {tenure} .
{tenure} a exq:Tenure ;
    rdfs:label "…"@en ;
    exq:inPost {office} .""",
    ),
    Pattern(
        "the accreditation of an envoy",
        "accreditation",
        "credentials|letters? of credence|agr[eé]ment",
        """{it} a exq:Accreditation ;
    rdfs:label "{label}"@en ;
    exq:concernsPost {post} ;
    exq:hasHost {host} ;
    exq:hasTime {time} ;
    exq:concernsEnvoy {person} .""",
    ),
    Pattern(
        "the recall of an envoy",
        "recall",
        r"recall(?:s|ed|ing)?(?:\s+(?!that\b)[\w’']+){1,5}\s+(?:ambassadors?|envoys?|consul"
        r"|charg[eé]|attach[eé])|recall of|(?:ambassador|envoy)s?(?:\s+\w+){0,8}"
        r"\s+(?:was|were|been) recalled|called (?:back|home)(?:\s+\w+){1,4}"
        r"\s+(?:ambassador|envoy)",
        """{it} a exq:Recall ;
    rdfs:label "{label}"@en ;
    exq:concernsPost {post} ;
    exq:hasTime {time} ;
    exq:performedBy {state} ;
    exq:concernsEnvoy {person} .""",
    ),
    Pattern(
        "a diplomat who is no longer accepted",
        "expulsion",
        "expel(?:s|led|ling)?|expulsion|personae? non gratae?"
        r"|(?:given|gave)(?:\s+\w+){0,3}\s+\d+ (?:hours|days) to leave",
        """{it} a exq:PersonaNonGrataDeclaration ;
    rdfs:label "{label}"@en ;
    exq:concernsPost {post} ;
    exq:hasTime {time} ;
    exq:performedBy {state} ;
    exq:concernsEnvoy {person} .""",
        goes_on=True,
    ),
    Pattern(
        "one who follows another in a post",
        "",
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
    Pattern(
        "an inauguration",
        "inauguration",
        "inaugurated|inaugurates|inauguration",
        """{it} a exq:Inauguration ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:takesPlaceAt {place} ;
    exq:inauguratedBy {agent} ;
    exq:inaugurates id:OPENED .""",
    ),
    Pattern(
        "sanctions that end",
        "lifting of sanctions on",
        r"(?:lift(?:s|ed|ing)?|eas(?:es|ed|ing)|delist(?:s|ed|ing)?)(?:\s+\w+){0,4}"
        r"\s+(?:sanctions|embargo|measures)|delisted|lifting of (?:the )?sanctions",
        """{it} a exq:SanctionsLifting ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:hasMeasure {measures} ;
    exq:hasTarget {targets} .""",
    ),
    Pattern(
        "sanctions that are imposed",
        "sanctions on",
        "sanctions?|sanctioned|restrictive measures|asset freezes?|assets?(?:\\s+\\w+)"
        "{0,5}\\s+frozen|travel bans?|blacklisted|embargo(?:es)?",
        """{it} a exq:SanctionsImposition ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:hasMeasure {measures} ;
    exq:hasTarget {targets} .""",
        goes_on=True,
    ),
    Pattern(
        "a vote",
        "vote",
        r"vot(?:e|es|ed|ing)|abstained|abstentions?|by \d+ votes",
        """{it} a exq:Vote ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:votesInFavour {for} ;
    exq:votesAgainst {against} ;
    exq:abstentions {abstained} ;
    exq:performedBy {body} ;
    exq:hasOutcome {adopted} ;
    exq:hasTopic {topic} .""",
        goes_on=True,
    ),
    Pattern(
        "a legal act",
        "legal act",
        "ruled|sentenced|convicted|annulled|revoked",
        """{it} a exq:LegalAct ;
    rdfs:label "{label}"@en ;
    exq:hasTime {time} ;
    exq:performedBy {agent} ;
    exq:hasTarget {targets} .""",
    ),
    Pattern(
        "a legal instrument",
        "{instrument}",
        "(?:decision|regulation|resolution|directive|decree|law|order)"
        r"\s+(?:\([A-Z]+\)\s+)?(?:no\.?\s*)?\d+|decrees?|legal acts?|warrants?"
        "|resolutions?",
        """{it} a exq:LegalInstrument ;
    rdfs:label "{label}"@en ;
    exq:datedTo {time} ;
    exq:issuedBy {agent} .""",
        goes_on=True,
    ),
    Pattern(
        "a statement that is issued",
        "statement",
        "statements?|communiqu[eé]s?|joint declaration",
        """{it} a exq:{statement} ;
    rdfs:label "{label}"@en ;
    exq:datedTo {time} ;
    exq:issuedBy {issuer} .""",
        goes_on=True,
    ),
)
"""What a sentence may state, by the words that speak for it.

In a pattern `{it}` and `{label}` stand for the thing itself, `{document}`, `{kind}`,
`{measures}` and `{statement}` for what the words tell of their kinds, and other words
in braces for what the sentence names. A line is left out where it names nothing, but
for what cannot be left out: there a word in capitals tells what is to be filled in.
"""

_WITHIN = {
    "an agreement": "a signing and what was signed",
    "a meeting": "a summit",
    "sanctions that are imposed": "sanctions that end",
}
"""A pattern that is part of another one."""


def patterns(sentence: str) -> list[Pattern]:
    """Return the patterns that the words of *sentence* call for."""
    found = [one for one in CUES if compiled(one.words).search(sentence)]
    names = {one.name for one in found}
    return [one for one in found if _WITHIN.get(one.name) not in names]


def speaking(sentence: str) -> list[tuple[int, int]]:
    """Return where the words stand in *sentence* that tell of somebody's claim."""
    return [match.span() for match in compiled(CLAIMING).finditer(sentence)]


@cache
def compiled(words: str) -> re.Pattern[str]:
    """Return the expression that finds whole *words*, in any case."""
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
