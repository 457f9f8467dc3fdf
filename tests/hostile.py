"""A store whose every text and many names try to run as script, or to look otherwise.

It is made of the shipped facts, so that all pages have something to show.
"""

from __future__ import annotations

from itertools import cycle

from kg.answers import write_rdf
from kg.build import Sources, build_store
from kg.change import parse_rdf
from kg.files import data_folder
from kg.formats import by_name, by_suffix
from kg.terms import BASE, XSD, Literal, NamedNode, Quad

TEXTS = (
    "<script>hostile()</script>",
    '"><img src=x onerror=hostile()>',
    "'><svg/onload=hostile()>",
    "</title><script>hostile()</script>",
    "</textarea><script>hostile()</script>",
    "</script><script>hostile()</script>",
    "--><script>hostile()</script><!--",
    "]]><script>hostile()</script><![CDATA[",
    '" onmouseover="hostile()" autofocus onfocus="hostile()',
    "' onmouseover='hostile()' style='display:none",
    "` onmouseover=hostile() `",
    "&lt;script&gt;hostile()&lt;/script&gt;",
    "&#60;script&#62;hostile()&#60;/script&#62;",
    "\\u003cscript\\u003ehostile()\\u003c/script\\u003e",
    "%3Cscript%3Ehostile()%3C/script%3E",
    "javascript:hostile()",
    "{{ 7 * 7 }}{% hostile() %}{# x #}",
    "<iframe srcdoc='<script>hostile()</script>'></iframe>",
    "<math><mi xlink:href='javascript:hostile()'>x</mi></math>",
    "<base href=//evil.example/><form action=//evil.example/><button>b</button></form>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css><style>*{display:none}</style>",
    "\u202egnp.tpircs\u202c",
    "\u2066\u202eevil\u2069",
    "a\u200b\ufeff\u00adb",
    "\U0001f600\U000e0041",
)
IRIS = (
    "javascript:hostile()",
    "JaVaScRiPt:hostile()",
    "vbscript:hostile()",
    "data:text/html,%3Cscript%3Ehostile()%3C/script%3E",
    "blob:http://127.0.0.1/x",
    "file:///etc/passwd",
    "http:hostile()",
    "https://evil.example/'onmouseover='hostile()",
    "https://evil.example/?a&quot;onmouseover=hostile()",
    "https://evil.example/%22%3E%3Cscript%3Ehostile()%3C/script%3E",
    "https://127.0.0.1@evil.example/",
    f"{BASE}id//evil.example/",
    f"{BASE}id/../../evil",
    f"{BASE}id/javascript:hostile()",
    f"{BASE}id/'onmouseover='hostile()",
    f"{BASE}id/%22%3E%3Cscript%3Ehostile()%3C/script%3E",
    f"{BASE}id/a,b;rel=stylesheet",
    f"{BASE}id/日本",
    f"{BASE}claim/'onmouseover='hostile()",
    f"{BASE}source/x#'onmouseover='hostile()",
    f"{BASE}graph/{{{{7*7}}}}".replace("{", "%7B").replace("}", "%7D"),
)
"""Things of these names are linked to; some lie where things of ours do."""

MARK = "hostile"
_SEE = NamedNode("http://schema.org/sameAs")
_SEE_ALSO = NamedNode("http://www.w3.org/2000/01/rdf-schema#seeAlso")
_LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_SUFFIX = "'onmouseover='hostile()"
_OURS = f"{BASE}id/"
_SHAPE = "<urn:x> a <http://www.w3.org/ns/shacl#NodeShape> ."
"""Asks for nothing: no hostile fact is turned away."""


def poisoned(quads):
    """Yield *quads* with a hostile text in every text, and names that are hostile."""
    texts = cycle(TEXTS)
    names: dict[str, NamedNode] = {}

    def of(term):
        if isinstance(term, Literal) and (
            term.language or term.datatype.value == f"{XSD}string"
        ):
            text = f"{term.value} {next(texts)}"
            return Literal(text, language=term.language)
        if isinstance(term, NamedNode) and term.value.startswith(_OURS):
            odd = len(names) % 2 and "kenya" not in term.value
            new = NamedNode(term.value + _SUFFIX) if odd else term
            return names.setdefault(term.value, new)
        return term

    for quad in quads:
        where = quad.graph_name
        yield Quad(of(quad.subject), quad.predicate, of(quad.object), where)


def linked():
    """Yield what links Kenya, and a thing of each hostile name, to one another."""
    graph = NamedNode(f"{BASE}graph/reference")
    kenya = NamedNode(f"{BASE}id/kenya")
    state = NamedNode(f"{BASE}ontology#State")
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for text, iri in zip(cycle(TEXTS), IRIS, strict=False):
        node = NamedNode(iri)
        yield Quad(kenya, _SEE_ALSO, node, graph)
        yield Quad(kenya, _SEE, node, graph)
        yield Quad(node, _LABEL, Literal(f"{text} {iri}", language="en"), graph)
        yield Quad(node, kind, state, graph)


def build_hostile(folder):
    """Build the store at *folder*`/store`, and return its path."""
    shipped = Sources.shipped()
    facts, shapes = folder / "facts", folder / "shapes"
    facts.mkdir(), shapes.mkdir()
    trig = by_name("trig")
    read = [
        quad
        for path in sorted(data_folder("facts").glob("*.trig"))
        for quad in parse_rdf(path.read_bytes(), by_suffix(path), source=path.name)
    ]
    made = [*poisoned(read), *linked()]
    (facts / "facts.trig").write_bytes(write_rdf(made, trig))
    (shapes / "none.ttl").write_text(_SHAPE, encoding="utf-8")
    sources = Sources(shipped.ontology, shapes, facts, shipped.queries)
    built = build_store(folder / "store", sources)
    assert built.store is not None, [f.message for f in built.findings]
    return folder / "store"
