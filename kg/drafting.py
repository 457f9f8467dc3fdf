"""The first draft of an article's facts: what can be said without its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.cues import DOCUMENTS, KINDS, STATEMENTS, patterns, speaking, told_by
from kg.errors import DataFileError, ParameterError
from kg.evidence import sha256
from kg.mentions import AGENT, PLACE, STATE
from kg.new_names import Said, new_names
from kg.prefixes import prefixes, shorten
from kg.sentences import sentences
from kg.terms import BASE
from kg.text_dates import dates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.mentions import Mention, Mentions
    from kg.sentences import Stretch
    from kg.terms import NamedNode
    from kg.text_dates import Dated

MOST_BYTES = 2_000_000
"""A text that is larger is no article."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOST_SLUG = 80
_BEFORE_VERB = re.compile("[^,;:A-Z]*")
_AFTER_VERB = re.compile(r"(?:\s+[\w’'-]+){0,5}\s+")
_QUOTED = re.compile(r"[\"”’',]\s*$")
"""What stands before a verb whose subject follows: "…," said the minister."""

_USED = ("claim", "dct", "exq", "id", "oa", "rdfs", "skos", "src", "time", "xsd")


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """A draft in TriG, and what a reader of its making wants to know.

    *unknown* are names, as it seems, that the graph has not; they are not in the draft.
    """

    trig: str
    unknown: tuple[str, ...]
    passages: int
    mentions: int
    ambiguous: int
    dates: int


def check_slug(slug: str) -> None:
    """Raise ParameterError where *slug* is no name for an article."""
    if not _SLUG.fullmatch(slug) or len(slug) > _MOST_SLUG:
        raise ParameterError(
            f"{slug!r} is no short name for an article", where="--slug",
            advice="take lower-case letters, digits and single hyphens, as in"
            f" kenya-morocco-cybercrime, {_MOST_SLUG} characters at most",
        )  # fmt: skip


def read_article(path: Path) -> str:
    """Return the text of an article; raise DataFileError where it is none."""
    where = str(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise DataFileError(
                f"has {size} bytes, more than the {MOST_BYTES} of an article",
                where=where, advice="give one article in a file, as plain text",
            )  # fmt: skip
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DataFileError(
            f"cannot be read ({error.strerror})", where=where
        ) from error
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"is not UTF-8 (byte {error.start})", where=where, advice="save it as UTF-8"
        ) from error
    if "\0" in text:
        raise DataFileError(
            "holds a NUL character", where=where, advice="give it as plain text"
        )
    if not sentences(text):
        raise DataFileError("holds no sentence", where=where)
    return text


def draft_article(
    text: str, slug: str, named: Mentions, *, base: str = BASE
) -> ArticleDraft:
    """Return the draft of the facts of *text*, which is not in it.

    What stands of it there are wordings of dates; entities have the graph's labels.
    """
    check_slug(slug)
    found = sentences(text)
    parts = [
        _Sentence(number, stretch, slug, named, named.of(said), dates(said), said)
        for number, stretch in enumerate(found, start=1)
        for said in (stretch.of(text),)
    ]
    lines = [
        *_head(slug, len(found)),
        *_description(slug, text, parts, base),
        *_to_do(slug, parts),
    ]
    every = [mention for part in parts for mention in part.mentions]
    return ArticleDraft(
        trig="\n".join(lines) + "\n",
        unknown=new_names([Said(part.text, part.known, part.places) for part in parts]),
        passages=len(parts),
        mentions=len(every),
        ambiguous=sum(len(mention.entities) > 1 for mention in every),
        dates=sum(len(part.dates) for part in parts),
    )


@dataclass(frozen=True, slots=True)
class _Sentence:
    number: int
    stretch: Stretch
    slug: str
    named: Mentions
    mentions: list[Mention]
    dates: list[Dated]
    text: str

    @property
    def name(self) -> str:
        return f"src:{self.slug}\\#s{self.number:02}"

    @property
    def known(self) -> list[tuple[int, int]]:
        """Where something is named that the graph has: no word for a kind of things."""
        return [
            (mention.start, mention.end)
            for mention in self.mentions
            if any(not one.label[:1].islower() for one in mention.entities)
        ]

    @property
    def places(self) -> list[tuple[int, int]]:
        """Where a place or a state is named."""
        return [
            (mention.start, mention.end)
            for mention in self.mentions
            if any({PLACE, STATE} & one.kinds for one in mention.entities)
        ]

    @property
    def time(self) -> str:
        return f"id:time-{self.slug}-s{self.number:02}"


def _head(slug: str, count: int) -> list[str]:
    return [
        f"# Draft of the facts of {slug}: {count} passages.",
        "# Still to be filled in: each line that ends with TO FILL IN. Write what is",
        "# asked for in place of the dots and take the first # away; `kg validate`",
        "# tells what is left. Below the passages stand suggestions for each sentence:",
        "# keep what the sentence states, and delete the rest. docs/add-an-article.md.",
    ]


def _description(
    slug: str, text: str, parts: list[_Sentence], base: str
) -> Iterator[str]:
    for prefix in _USED:
        namespace = prefixes()[prefix]
        if namespace.startswith(BASE) and prefix != "exq":
            namespace = base + namespace.removeprefix(BASE)
        yield f"@prefix {prefix}: <{namespace}> ."
    article = f"src:{slug}"
    yield from (
        "",
        "# The article and its passages",
        f"{article} {{",
        f"    {article} a exq:NewsArticle ;",
        '        # rdfs:label "…"@en ;  # TO FILL IN: a label of your own, unique',
        '        # dct:title "…"@en ;  # TO FILL IN: the headline',
        "        # dct:publisher id:… ;  # TO FILL IN, or exq:republishedBy",
        '        dct:language "en" ;',
        f'        exq:textDigest "{sha256(text)}" ;',
        f"        exq:textLength {len(text)} .",
    )
    first: dict[str, _Sentence] = {}
    for part in parts:
        yield ""
        yield from _passage(article, part, first.setdefault(part.text, part))
    yield "}"


def _passage(article: str, part: _Sentence, same: _Sentence) -> Iterator[str]:
    yield f"    {part.name} a exq:Passage ;"
    yield f"        exq:passageOf {article} ;"
    yield f"        exq:ordinal {part.number} ;"
    yield '        # exq:topicLine "…"@en ;  # TO FILL IN: at most ten own words'
    if same is not part:
        yield f"        exq:repeats {same.name} ;"
    yield f'        exq:passageDigest "{sha256(part.text)}" ;'
    yield f"        oa:hasSelector {part.name}-position ."
    yield f"    {part.name}-position a oa:TextPositionSelector ;"
    yield f"        oa:start {part.stretch.start} ; oa:end {part.stretch.end} ."


def _to_do(slug: str, parts: list[_Sentence]) -> Iterator[str]:
    for part in parts:
        place = f"characters {part.stretch.start} to {part.stretch.end}"
        yield ""
        yield f"# --- s{part.number:02}, {place}"
        yield from (f"# names {_told(mention)}" for mention in _each(part.mentions))
        block = [*_suggested(slug, part), *_times(part)]
        if block:
            yield f"# {part.name} {{"
            yield from (f"#     {line}" for line in block)
            yield "# }"


def _each(mentions: list[Mention]) -> list[Mention]:
    return list({mention.entities: mention for mention in mentions}.values())


def _told(mention: Mention) -> str:
    told = [f"{_short(one.iri)} ({_flat(one.label)})" for one in mention.entities]
    return told[0] if len(told) == 1 else "one of these: " + ", or ".join(told)


def _suggested(slug: str, part: _Sentence) -> Iterator[str]:
    agents = _of_kind(part, AGENT)
    states = _of_kind(part, STATE)
    speaker = _speaker(part)
    values = {
        "speaker": speaker or "id:SPEAKER",
        "agent": next(iter(agents), "id:AGENT"),
        "other": next((one for one in agents[1:] if one != speaker), "id:OTHER"),
        "place": next(iter(_of_kind(part, PLACE)), "id:PLACE"),
        "state": next(iter(states), "id:STATE"),
        "post": _post(part) or "id:POST",
        "time": part.time,
        "kind": told_by(KINDS, part.text),
        "document": told_by(DOCUMENTS, part.text),
        "statement": told_by(STATEMENTS, part.text),
        "article": f"src:{slug}",
    }
    for pattern in patterns(part.text):
        yield f"# {pattern.name}?"
        for line in pattern.turtle.splitlines():
            if part.dates or "{time}" not in line:
                yield line.format_map(values)


def _speaker(part: _Sentence) -> str | None:
    """Return who makes a claim, where the words beside the verb say so."""
    agents = [
        mention
        for mention in part.mentions
        if len(mention.entities) == 1
        and AGENT in mention.entities[0].kinds
        and STATE not in mention.entities[0].kinds
    ]
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
                return _short(mention.entities[0].iri)
    return None


def _post(part: _Sentence) -> str | None:
    """Return the post that a state and a kind of post tell, which are both named."""
    named = list(dict.fromkeys(one.iri for m in part.mentions for one in m.entities))
    found = [
        part.named.posts[state, kind]
        for state in named
        for kind in named
        if (state, kind) in part.named.posts
    ]
    return _short(found[0]) if len(found) == 1 else None


def _of_kind(part: _Sentence, kind: NamedNode) -> list[str]:
    """Return what is certainly named in the sentence, and of this kind."""
    found = [
        _short(mention.entities[0].iri)
        for mention in part.mentions
        if len(mention.entities) == 1 and kind in mention.entities[0].kinds
    ]
    return list(dict.fromkeys(found))


def _times(part: _Sentence) -> Iterator[str]:
    for count, dated in enumerate(part.dates):
        yield f"{part.time}{f'-{count + 1}' if count else ''} a exq:TimeSpan ;"
        yield '    rdfs:label "…"@en ;'
        yield from (f"    {line} ;" for line in _said(dated)[:-1])
        yield f"    {_said(dated)[-1]} ."


def _said(dated: Dated) -> list[str]:
    texts = (("edtf", dated.edtf), ("startEdtf", dated.start_edtf),
             ("endEdtf", dated.end_edtf))  # fmt: skip
    days = (("earliest", dated.earliest), ("latest", dated.latest))
    return [
        f'exq:dateWording "{dated.wording}"@en',
        *(f'exq:{name} "{value}"' for name, value in texts if value),
        *(f'exq:{name} "{value}"^^xsd:date' for name, value in days if value),
        *([f"exq:dayOfWeek time:{dated.weekday}"] if dated.weekday else []),
    ]


def _short(iri: NamedNode) -> str:
    return shorten(iri.value)


def _flat(text: str) -> str:
    return " ".join(text.split())
