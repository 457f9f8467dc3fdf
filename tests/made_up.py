"""An article that was made up for tests: its text, its facts, a store that has them."""

from __future__ import annotations

from dataclasses import replace

from kg.change import read_change
from kg.config import Settings
from kg.evidence import sha256
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.tokens import TokenFile
from server.app import create_app
from tests.store_kinds import copied
from tests.writing import bearer

SLUG = "made-up-talks"
SENTENCES = (
    "Quokkas Applaud Talks <b>of</b> Envoys",
    "Envoy Ada Zephyr met quokkas in Nairobi, which is quixotically warm.",
    "Zephyr hummed “zigzag” to Kenya & whistled.",
)
WORDS = ("Quokkas Applaud", "quixotically", "zigzag")
"""What stands in the text, one in each sentence, and must stand nowhere else."""

TEXT = "\n\n".join(SENTENCES) + "\n"
PATH = f"/articles/{SLUG}/text"
DOCUMENT = f"/doc/source/{SLUG}"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TOPICS = ("Headline", "Who met whom", "What the envoy did")
FACTS = """
src:{slug}\\#s01 {{ id:zephyr-meeting a exq:Meeting ;
    rdfs:label "Zephyr's meeting"@en ; exq:involvesState id:kenya . }}
src:{slug}\\#s02 {{ id:ada-zephyr a exq:Person ; rdfs:label "Ada Zephyr"@en .
    id:zephyr-meeting exq:hasParticipant id:ada-zephyr ;
        exq:takesPlaceAt id:nairobi ; exq:involvesState id:kenya . }}
"""
_HEAD = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix id: <https://w3id.org/exequatur/id/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix src: <https://w3id.org/exequatur/source/> .
"""


def trig(slug=SLUG, sentences=SENTENCES, text=TEXT, facts=FACTS):
    """Return the facts of the article, with its passages located in the text."""
    passages = "".join(
        f"""
    src:{slug}\\#s{n:02} a exq:Passage ; exq:passageOf src:{slug} ; exq:ordinal {n} ;
        exq:topicLine "{TOPICS[(n - 1) % 3]}"@en ;
        exq:passageDigest "{sha256(one)}" ;
        oa:hasSelector src:{slug}\\#s{n:02}-position .
    src:{slug}\\#s{n:02}-position a oa:TextPositionSelector ;
        oa:start {text.index(one)} ; oa:end {text.index(one) + len(one)} ."""
        for n, one in enumerate(sentences, start=1)
    )
    return f"""{_HEAD}
src:{slug} {{
    src:{slug} a exq:NewsArticle ; rdfs:label "made-up article {slug}"@en ;
        dct:title "A headline of our own"@en ; dct:language "en" ;
        dct:publisher id:asharq-al-awsat ;
        exq:textDigest "{sha256(text)}" ; exq:textLength {len(text)} .
{passages}
}}
{facts.format(slug=slug)}"""


def build(shipped, path, **more):
    """Make a store at *path* of the *shipped* one and this article."""
    path = copied(shipped, path)
    graph = KnowledgeGraph.open(replace(Settings(), store=path))
    given = read_change(trig(**more).encode(), by_name("trig"), source="made-up")
    verdict, _ = graph.add(given, agent="test", message="made up")
    assert verdict.accepted, [f.message for f in verdict.findings]
    return path


class Desk:
    """An application with the article, its text in a folder; *settings* as given."""

    def __init__(self, store, folder, **settings):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.text = folder / f"{SLUG}.txt"
        self.text.write_bytes(TEXT.encode())
        given = {"articles": str(folder), "tokens": folder.parent / "tokens.json"}
        self.settings = replace(Settings(), store=store, **given | settings)
        self.graph = KnowledgeGraph.open(self.settings)
        self.app = create_app(self.graph, self.settings)
        self.client = self.app.test_client()

    def token(self, scope="validate"):
        """Return the header that shows a new token."""
        name = scope.partition(":")[0]
        return bearer(TokenFile(self.settings.token_file).add(name, [scope]))

    def get(self, path=PATH, *, peer="127.0.0.1", version="HTTP/1.1", **headers):
        """Ask as a browser on the machine does, but for what is told."""
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(
            path,
            headers={**BROWSER, **given},
            environ_overrides={"REMOTE_ADDR": peer, "SERVER_PROTOCOL": version},
        )


def has_text(answer):
    """Tell whether any of the article's words are in an answer, body or headers."""
    said = answer.get_data(as_text=True) + str(answer.headers)
    return any(word in said for word in WORDS)
