"""The first draft of an article's facts: what can be said without its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.coining import coin
from kg.drafted import Part, background, headed, quoted, short, topic
from kg.errors import DataFileError, ParameterError
from kg.evidence import sha256
from kg.mentions import PLACE, STATE
from kg.minting import short_form
from kg.new_names import Said, new_names
from kg.prefixes import prefixes
from kg.sentences import sentences
from kg.suggesting import Suggestions
from kg.terms import BASE
from kg.text_dates import dates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kg.coining import Coinage
    from kg.mentions import Mention, Mentions
    from kg.sentences import Stretch

MOST_BYTES = 2_000_000
"""A text that is larger is no article."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOST_SLUG = 80
_DATELINE = re.compile(r"[^.]{2,60}[–—-]")
_POINTER = re.compile(r"(?:read|see) (?:also|more)\b", re.IGNORECASE)
_TAGS = re.compile(r"(?:tags?|topics?):", re.IGNORECASE)
_CREDIT = re.compile(r"\([^()]{1,60}\)$")

_LEAST_WORDS = 4
_USED = (
    "claim",
    "dct",
    "exq",
    "graph",
    "id",
    "oa",
    "rdfs",
    "skos",
    "src",
    "time",
    "xsd",
)


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """A draft in TriG, and what a reader of its making wants to know.

    *unknown* are names, as it seems, that the graph has not; each is declared where it
    comes first. *notes* are what the author should look at.
    """

    trig: str
    unknown: tuple[str, ...]
    passages: int
    mentions: int
    ambiguous: int
    dates: int
    notes: tuple[str, ...] = ()


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
    text: str, slug: str, named: Mentions, *, base: str = BASE, publisher: str = ""
) -> ArticleDraft:
    """Return the draft of the facts of *text*, of which no sentence is in it.

    What stands of it there are names and wordings of dates; entities that are known
    have the graph's labels.
    """
    check_slug(slug)
    found = sentences(text)
    texts = [stretch.of(text) for stretch in found]
    known = [named.of(said) for said in texts]
    unknown = new_names(
        [Said(said, *_spans(mentions))
         for said, mentions in zip(texts, known, strict=True)]
    )  # fmt: skip
    coinage = coin(unknown, texts, base=base, named=named)
    parts = [
        Part(_passage_name(slug, number), number, said, coinage.of(said, mentions),
             dates(said))
        for number, (said, mentions) in enumerate(
            zip(texts, known, strict=True), start=1
        )
    ]  # fmt: skip
    drafted = _Drafted(slug, text, parts, found, named, coinage, base)
    every = [mention for mentions in known for mention in mentions]
    return ArticleDraft(
        trig="\n".join([*drafted.lines(publisher)]) + "\n",
        unknown=unknown,
        passages=len(parts),
        mentions=len(every),
        ambiguous=sum(len(mention.entities) > 1 for mention in every),
        dates=sum(len(part.dates) for part in parts),
        notes=tuple(_notes(parts)),
    )


def _passage_name(slug: str, number: int) -> str:
    return f"src:{slug}\\#s{number:02}"


def _spans(
    mentions: Sequence[Mention],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return where something is named that the graph has, and where a place or state.

    A word for a kind of things names nothing.
    """
    named, places = [], []
    for one in mentions:
        span = one.start, one.end
        if any(not entity.label[:1].islower() for entity in one.entities):
            named.append(span)
        if any({PLACE, STATE} & entity.kinds for entity in one.entities):
            places.append(span)
    return named, places


def _notes(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        for dated in part.dates:
            if dated.real_weekday:
                yield (
                    f"passage {part.number}: the calendar says that {dated.wording!r}"
                    f" was a {dated.real_weekday}; say what the source says"
                )


@dataclass(frozen=True, slots=True)
class _Drafted:
    slug: str
    text: str
    parts: Sequence[Part]
    stretches: Sequence[Stretch]
    named: Mentions
    coinage: Coinage
    base: str

    def lines(self, publisher: str) -> Iterator[str]:
        """Yield the lines of the draft."""
        yield from _head(self.slug, len(self.parts))
        yield from self._prefixes()
        yield from self._description(publisher)
        yield from self._to_do()
        yield from self._background()

    def _prefixes(self) -> Iterator[str]:
        for prefix in _USED:
            namespace = prefixes()[prefix]
            if namespace.startswith(BASE) and prefix != "exq":
                namespace = self.base + namespace.removeprefix(BASE)
            yield f"@prefix {prefix}: <{namespace}> ."

    def _description(self, publisher: str) -> Iterator[str]:
        article = f"src:{self.slug}"
        label = f"article {self.slug}"
        if publisher:
            label = f"{publisher} {label}"
        yield from (
            "",
            "# The article and its passages. The topic lines tell what is named; in",
            "# your own words, at most ten, they tell more.",
            f"{article} {{",
            f"    {article} a exq:NewsArticle ;",
            f'        rdfs:label "{quoted(label)}"@en ;',
            '        # dct:title "…"@en ;  # TO FILL IN: the headline',
            self._publisher(publisher),
            '        dct:language "en" ;',
            f'        exq:textDigest "{sha256(self.text)}" ;',
            f"        exq:textLength {len(self.text)} .",
            *self._new_publisher(publisher),
        )
        first: dict[str, Part] = {}
        for part, stretch in zip(self.parts, self.stretches, strict=True):
            yield ""
            yield from _passage(
                article, part, stretch, first.setdefault(part.text, part)
            )
        yield "}"

    def _publisher(self, name: str) -> str:
        if not name:
            return "        # dct:publisher id:… ;  # TO FILL IN, or exq:republishedBy"
        known = self._known(name)
        return f"        dct:publisher {known or f'id:{short_form(name)}'} ;"

    def _known(self, name: str) -> str:
        """Return what the graph has by that *name* and no other, or nothing."""
        for mention in self.named.of(name):
            is_whole = mention.start == 0 and mention.end >= len(name.rstrip())
            if is_whole and len(mention.entities) == 1:
                return short(mention.entities[0].iri)
        return ""

    def _new_publisher(self, name: str) -> Iterator[str]:
        if name and not self._known(name):
            yield ""
            yield f"    id:{short_form(name)} a exq:MediaOrganization ;"
            yield f'        rdfs:label "{quoted(name)}"@en .'

    def _to_do(self) -> Iterator[str]:
        parts = [part for part in self.parts if _is_said(part)]
        suggestions = Suggestions(self.slug, self.base, self.named, self.coinage, parts)
        texts: set[str] = set()
        new = {one.entity.iri for one in self.coinage.coined}
        for part, stretch in zip(self.parts, self.stretches, strict=True):
            yield ""
            place = f"characters {stretch.start} to {stretch.end}"
            yield f"# --- s{part.number:02}, {place}"
            for mention in _each(part.mentions):
                if mention.entities[0].iri not in new:
                    yield f"# names {_told(mention)}"
            if part.text not in texts:
                texts.add(part.text)
                lines = suggestions.of(part) if _is_said(part) else self._aside(part)
                yield from _commented(part.name, [*lines])

    def _aside(self, part: Part) -> Iterator[str]:
        """Yield what a dateline says, or a pointer to another article."""
        article = f"src:{self.slug}"
        if _DATELINE.fullmatch(part.text):
            for place in part.of_kind(PLACE)[:1]:
                yield f"{article} exq:hasDatelinePlace {short(place.iri)} ."
        title = _POINTER.sub("", part.text).strip(" :")
        known = self.named.article(title)
        if known and _POINTER.match(part.text):
            yield f"{article} exq:refersReadersTo {short(known)} ."

    def _background(self) -> Iterator[str]:
        lines = [*background(self.coinage, self.named, self.base)]
        if lines:
            yield ""
            yield "# --- What no sentence states: for kg/facts/reference.trig, once it"
            yield "# is looked up in a register that stands there."
            yield from _commented("graph:reference", lines)


def _is_said(part: Part) -> bool:
    """Tell whether *part* says something: it is no dateline, pointer or tag."""
    aside = _DATELINE.fullmatch(part.text) or _POINTER.match(part.text)
    return not aside and not _TAGS.match(part.text)


def _commented(graph: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"# {graph} {{"
        yield from (f"#     {line}" for line in lines)
        yield "# }"


def _head(slug: str, count: int) -> list[str]:
    return [
        f"# Draft of the facts of {slug}: {count} passages.",
        "# Below the passages stand suggestions for each sentence, as comments. Take",
        "# the # away from what the sentence states, with the braces around it, and",
        "# delete the rest. Fill in each … and each word in CAPITALS; `kg validate`",
        "# tells what is left. docs/add-an-article.md.",
    ]


def _passage(article: str, part: Part, stretch: Stretch, same: Part) -> Iterator[str]:
    yield f"    {part.name} a exq:Passage ;"
    yield f"        exq:passageOf {article} ;"
    yield f"        exq:ordinal {part.number} ;"
    line = _topic_line(part, same)
    if line:
        yield f'        exq:topicLine "{quoted(line)}"@en ;'
    else:
        yield '        # exq:topicLine "…"@en ;  # TO FILL IN: at most ten own words'
    if same is not part:
        yield f"        exq:repeats {same.name} ;"
    yield f'        exq:passageDigest "{sha256(part.text)}" ;'
    yield f"        oa:hasSelector {part.name}-position ."
    yield f"    {part.name}-position a oa:TextPositionSelector ;"
    yield f"        oa:start {stretch.start} ; oa:end {stretch.end} ."


def _topic_line(part: Part, same: Part) -> str:
    """Return what *part* is about, as far as its form and its names tell."""
    if same is not part:
        return f"The same as passage {same.number}"
    if part.number == 1:
        return headed("Headline", part)
    if _DATELINE.fullmatch(part.text):
        return headed("Dateline", part)
    if _TAGS.match(part.text):
        return headed("Tags", part)
    if _POINTER.match(part.text):
        return "Pointer to another article"
    if _CREDIT.search(part.text):
        return headed("Caption", part)
    if not part.mentions and len(part.text.split()) < _LEAST_WORDS:
        return "Page furniture"
    return topic(part)


def _each(mentions: Sequence[Mention]) -> list[Mention]:
    return list({mention.entities: mention for mention in mentions}.values())


def _told(mention: Mention) -> str:
    told = [f"{short(one.iri)} ({_flat(one.label)})" for one in mention.entities]
    return told[0] if len(told) == 1 else "one of these: " + ", or ".join(told)


def _flat(text: str) -> str:
    return " ".join(text.split())
