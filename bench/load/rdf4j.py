"""RDF4J's own server, as its project publishes it, for the benchmarks and the tests.

The last one whose web application is on Maven Central is 4.1.3; Jetty serves it. What
is fetched lies in one folder: `fetching` says what is to be run there, `unpack` is to
be called after it.
"""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

import urllib3

from bench.load import maven

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "4.1.3"
JETTY = "9.4.57.v20241219"  # the last of javax.servlet
SERVER = "/rdf4j-server"
_CONFIGURATION = """\
@prefix rep: <http://www.openrdf.org/config/repository#> .
@prefix sr: <http://www.openrdf.org/config/repository/sail#> .
@prefix sail: <http://www.openrdf.org/config/sail#> .
@prefix ms: <http://www.openrdf.org/config/sail/memory#> .
@prefix ns: <http://www.openrdf.org/config/sail/native#> .
@prefix ssc: <http://rdf4j.org/config/sail/shacl#> .
[] a rep:Repository ; rep:repositoryID "%s" ; rep:repositoryImpl [
  rep:repositoryType "openrdf:SailRepository" ; sr:sailImpl [ %s ] ] .
"""
MEMORY = 'sail:sailType "openrdf:MemoryStore" ; ms:persist true'
NATIVE = 'sail:sailType "openrdf:NativeStore" ; ns:tripleIndexes "spoc,posc,cspo"'
SHACL = (
    'sail:sailType "rdf4j:ShaclSail" ; ssc:validationResultsLimitTotal -1 ;'
    " ssc:validationResultsLimitPerConstraint -1 ;"
    ' sail:delegate [ sail:sailType "openrdf:MemoryStore" ; ms:persist false ]'
)
"""Kinds of repositories: what their storage is, in RDF4J's configuration language."""


def is_there(home: Path) -> bool:
    """Tell whether *home* has all that was to be fetched."""
    return (home / "app").is_dir()


def fetching(home: Path) -> list[str]:
    """Return the command that fetches the server, to be run in *home*."""
    wanted = [
        maven.Artifact("org.eclipse.rdf4j", "rdf4j-http-server", VERSION, "war", ["*"]),
        maven.Artifact("org.eclipse.jetty", "jetty-runner", JETTY, but=["*"]),
    ]
    return maven.copying(home, wanted, "got")


def unpack(home: Path) -> None:
    """Unpack what was fetched into *home*."""
    part = home / "app.part"
    shutil.rmtree(part, ignore_errors=True)
    with zipfile.ZipFile(home / "got" / "rdf4j-http-server.war") as war:
        war.extractall(part)
    part.rename(home / "app")


def runner(home: Path) -> Path:
    """Return what serves web applications by Jetty, fetched into *home*."""
    return home / "got" / "jetty-runner.jar"


def command(home: Path, data: Path, *, memory: str = "1G") -> list[str]:
    """Return the command that serves the repositories in *data*, at `{port}`.

    They are at `SERVER`/repositories; a new *data* has none (see `create`).
    """
    scratch = data / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return [
        "java", f"-Xmx{memory}", f"-Djava.io.tmpdir={scratch}",
        f"-Dorg.eclipse.rdf4j.appdata.basedir={data}",
        "-jar", str(runner(home)),
        "--host", "127.0.0.1", "--port", "{port}", "--path", SERVER, str(home / "app"),
    ]  # fmt: skip


def create(port: int, name: str, kind: str) -> bool:
    """Make the repository *name* of a *kind* if it is not there.

    Return False as long as the server does not answer.
    """
    where = f"http://127.0.0.1:{port}{SERVER}/repositories/{name}"
    headers = {"Content-Type": "text/turtle"}
    body = (_CONFIGURATION % (name, kind)).encode()
    try:
        answer = urllib3.request("GET", f"{where}/size", retries=False, timeout=60)
        if answer.status == 404:
            answer = urllib3.request(
                "PUT", where, body=body, headers=headers, retries=False, timeout=60
            )
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status in {200, 204}
