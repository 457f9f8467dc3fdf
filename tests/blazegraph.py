"""Blazegraph from Maven Central: its library, as a web application made here."""

from __future__ import annotations

from bench.load import maven, rdf4j

VERSION = "2.1.4"
PATH = "/blazegraph/sparql"
"""Its endpoint for queries and updates."""

_CORE = maven.Artifact(
    "com.blazegraph",
    "bigdata-core",
    VERSION,
    but=["org.eclipse.jetty", "javax.servlet"],
)
_WEB = """\
<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="3.1">
  {}
  <listener><listener-class>
    com.bigdata.rdf.sail.webapp.BigdataRDFServletContextListener
  </listener-class></listener>
  <servlet>
    <servlet-name>store</servlet-name>
    <servlet-class>com.bigdata.rdf.sail.webapp.RESTServlet</servlet-class>
    <load-on-startup>0</load-on-startup>
    <async-supported>true</async-supported>
  </servlet>
  <servlet-mapping>
    <servlet-name>store</servlet-name><url-pattern>/sparql/*</url-pattern>
  </servlet-mapping>
</web-app>
"""
_PARAMETER = (
    "<context-param><param-name>{}</param-name><param-value>{}</param-value>"
    "</context-param>"
)
_QUADS = """\
com.bigdata.journal.AbstractJournal.bufferMode=DiskRW
com.bigdata.journal.AbstractJournal.file={}
com.bigdata.rdf.store.AbstractTripleStore.quads=true
com.bigdata.rdf.store.AbstractTripleStore.statementIdentifiers=false
com.bigdata.rdf.store.AbstractTripleStore.textIndex=false
com.bigdata.rdf.store.AbstractTripleStore.justify=false
com.bigdata.rdf.store.AbstractTripleStore.axiomsClass=com.bigdata.rdf.axioms.NoAxioms
com.bigdata.rdf.sail.truthMaintenance=false
"""
_OPENED = ["lang", "util", "nio"]


def is_there(home):
    """Tell whether *home* has all that was to be fetched."""
    return (home / "got" / "bigdata-core.jar").is_file()


def fetching(home):
    """Return the command that fetches the library, to be run in *home*."""
    return maven.copying(home, [_CORE], "got")


def command(home, runner, data):
    """Return the command that serves a store of quads in *data*, at `{port}`.

    *runner* has what runs RDF4J: see `bench.load.rdf4j`.
    """
    settings = data / "quads.properties"
    settings.write_text(_QUADS.format(data / "store.jnl"), encoding="utf-8")
    given = {"namespace": "kb", "propertyFile": settings, "create": "true"}
    parameters = "".join(_PARAMETER.format(*one) for one in given.items())
    inside = data / "app" / "WEB-INF"
    inside.mkdir(parents=True)
    (inside / "lib").symlink_to(home / "got")
    (inside / "web.xml").write_text(_WEB.format(parameters), encoding="utf-8")
    opened = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in _OPENED]
    return [
        "java", "-Xmx1G", *opened, "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", f"-Djava.io.tmpdir={data}",
        "-jar", str(rdf4j.runner(runner)), "--host", "127.0.0.1", "--port", "{port}",
        "--path", PATH.rpartition("/")[0], str(data / "app"),
    ]  # fmt: skip
