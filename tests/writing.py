"""What the tests of writing over HTTP share: a small store, an application, tokens."""

from __future__ import annotations

from dataclasses import replace

from kg.config import Settings
from kg.tokens import TokenFile
from server.app import create_app
from tests.small_store import EX, PREFIXES, open_small

UPDATE = "application/sparql-update"
TURTLE = "text/turtle"
ATLAS = f"/graphs?graph={EX}atlas"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
SPARQL = PREFIXES.replace("@prefix", "PREFIX").replace(" .\n", "\n")
TOWN = "ex:weir a ex:Town ; rdfs:label 'Weir'@en ; ex:within ex:land ."
NAMELESS = "\nex:mill a ex:Town ; ex:within ex:land ."


class Site:
    """An application on the small store at *path*, and what its clients send."""

    def __init__(self, path, **settings):
        given = {"tokens": path.parent / Settings().tokens} | settings
        self.settings = replace(Settings(), store=path, **given)
        self.graph = open_small(path)
        self.tokens = TokenFile(self.settings.token_file)
        self.client = create_app(self.graph, self.settings).test_client()

    def token(self, *scopes, name="Ada"):
        """The header that shows a new token with *scopes*."""
        return bearer(self.tokens.add(name, scopes))

    def update(self, text, headers, address="/update", **options):
        options = {"content_type": UPDATE, **options}
        return self.client.post(address, data=SPARQL + text, headers=headers, **options)

    def send(self, verb, address, turtle, headers, **options):
        options = {"content_type": TURTLE, **options}
        data = turtle if isinstance(turtle, bytes) else (PREFIXES + turtle).encode()
        return self.client.open(
            address, method=verb, data=data, headers=headers, **options
        )

    def tag(self, address):
        return self.client.get(address).headers["ETag"]

    @property
    def version(self):
        return self.graph.store.version


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}
