"""A client of the Reconciliation Service API that asks in the order of OpenRefine's."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections import Counter


class Reconciler:
    """Matches a column of names with a service, knowing only its address."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.manifest = self._sent(endpoint)

    def guess_types(self, names):
        """Return the types of the first candidates for a sample, most votes first."""
        votes: Counter[str] = Counter()
        for candidates in self._batch({"query": name, "limit": 3} for name in names):
            votes.update(kind["id"] for one in candidates[:1] for kind in one["type"])
        return [kind for kind, _ in votes.most_common()]

    def reconcile(self, names, type_, **properties):
        """Return the best candidate for each of *names*, None where there is none."""
        size = self.manifest.get("batchSize", 10)
        queries = [
            {
                "query": name,
                "type": type_,
                "type_strict": "should",
                "limit": 5,
                "properties": [{"pid": p, "v": v} for p, v in properties.items()],
            }
            for name in names
        ]
        found = []
        for start in range(0, len(queries), size):
            found += self._batch(queries[start : start + size])
        return [candidates[0] if candidates else None for candidates in found]

    def suggest(self, kind, prefix):
        """Return what the service suggests for *prefix*."""
        service = self.manifest["suggest"][kind]
        address = service["service_url"] + service["service_path"]
        return self._sent(f"{address}?{urllib.parse.urlencode({'prefix': prefix})}")[
            "result"
        ]

    def preview(self, id_):
        """Return the page in the frame beside a candidate."""
        address = self._filled(self.manifest["preview"]["url"], id_)
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
            return answer.read().decode()

    def view(self, id_):
        """Return the address that a reader is led to."""
        address = self._filled(self.manifest["view"]["url"], id_)
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
            return answer.url

    def propose(self, type_):
        """Return the properties that entities of a type may be extended by."""
        service = self.manifest["extend"]["propose_properties"]
        address = service["service_url"] + service["service_path"]
        return self._sent(f"{address}?{urllib.parse.urlencode({'type': type_})}")[
            "properties"
        ]

    def extend(self, ids, properties):
        """Return the rows of values."""
        wish = {"ids": ids, "properties": [{"id": id_} for id_ in properties]}
        return self._sent(self.endpoint, extend=json.dumps(wish))["rows"]

    def _batch(self, queries):
        batch = {f"q{number}": query for number, query in enumerate(queries)}
        answer = self._sent(self.endpoint, queries=json.dumps(batch))
        return [answer[key]["result"] for key in batch]

    @staticmethod
    def _filled(template, id_):
        return template.replace("{{id}}", urllib.parse.quote(id_, safe=""))

    @staticmethod
    def _sent(address, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Accept": "application/json", "User-Agent": "OpenRefine-like"}
        request = urllib.request.Request(address, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
