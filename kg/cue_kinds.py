"""Which words of a sentence tell the kind of what it states."""

from __future__ import annotations

from kg.cues import compiled

KINDS: tuple[tuple[str, str], ...] = (
    ("commitment", "pledged|pledges|promised|promises|vowed|committed"),
    ("desire", "hope|hopes|hoped|desire|desires|wish|wishes|wished|wants|wanted"),
    ("call", "called on|called for|calls on|calls for|urged|urges"),
    ("accusation", "accused|accuses|alleged|alleges|blamed"),
    ("warning", "warned|warns"),
    ("expectation", "expects?|expected"),
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

INSTRUMENTS: tuple[tuple[str, str], ...] = (
    ("resolution", "resolutions?"),
    ("decree", "decrees?"),
    ("warrant", "warrants?"),
    ("regulation", "regulations?"),
    ("decision", "decisions?"),
    ("legal instrument", ""),
)
"""What legal instruments are called."""

STATEMENTS: tuple[tuple[str, str], ...] = (
    ("JointStatement", "joint"),
    ("Statement", ""),
)
"""Classes of statements likewise."""

MEASURES: tuple[tuple[str, str], ...] = (
    ("asset-freeze", r"asset freezes?|assets(?:\s+\w+){0,5}\s+frozen|froze"),
    ("travel-ban", "travel bans?|banned from (?:entering|travel)"),
    ("arms-embargo", "arms embargo"),
    ("trade-embargo", "trade embargo|embargo on (?:imports|exports|trade)|oil embargo"),
)
"""Kinds of restrictive measure with the words for them."""


def told_by(table: tuple[tuple[str, str], ...], sentence: str) -> str:
    """Return what KINDS or the like, the *table*, tells of the words of *sentence*."""
    return next(
        name for name, words in table if not words or compiled(words).search(sentence)
    )


def measures(sentence: str) -> list[str]:
    """Return the kinds of restrictive measure that *sentence* names."""
    return [name for name, words in MEASURES if compiled(words).search(sentence)]
