import org.apache.jena.http.sys.RegistryRequestModifier;
import org.apache.jena.query.ResultSet;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.rdfconnection.RDFConnection;
import org.apache.jena.rdfconnection.RDFConnectionRemote;
import org.apache.jena.sparql.exec.http.GSP;

/** Asks and writes through Jena's RDFConnection, and prints what came of it. */
public class Jena {
  public static void main(String[] args) {
    String server = args[0];
    String bearer = "Bearer " + args[1];
    String graph = "http://example.org/by-jena";
    String label = "http://www.w3.org/2000/01/rdf-schema#label";
    RegistryRequestModifier.get()
        .addPrefix(
            server, (parameters, headers) -> headers.put("Authorization", bearer));
    try (RDFConnection connection =
        RDFConnectionRemote.newBuilder()
            .destination(server)
            .queryEndpoint("sparql")
            .updateEndpoint("update")
            .gspEndpoint("graphs")
            .build()) {
      String towns = "SELECT ?l { ?t a <http://example.org/Town> ; <" + label + "> ?l }";
      connection.queryResultSet(
          towns + " ORDER BY ?l",
          (ResultSet rows) -> rows.forEachRemaining(
              row -> System.out.println("row " + row.getLiteral("l").getString())));
      System.out.println("ask " + connection.queryAsk("ASK { ?s ?p ?o }"));
      Model built = connection.queryConstruct("CONSTRUCT WHERE { ?s a ?c }");
      System.out.println("construct " + !built.isEmpty());
      connection.update(
          "INSERT DATA { GRAPH <" + graph + "> { <http://example.org/lock> a"
              + " <http://example.org/Town> ; <" + label + "> \"Lock\"@en ;"
              + " <http://example.org/within> <http://example.org/land> } }");
      System.out.println("fetched " + connection.fetch(graph).size());
      Model more = ModelFactory.createDefaultModel();
      more.createResource("http://example.org/land")
          .addProperty(more.createProperty(label), more.createLiteral("Country", "en"));
      GSP.service(server + "graphs")
          .graphName(graph)
          .httpHeader("Authorization", bearer)
          .POST(more.getGraph());
      System.out.println("loaded " + connection.fetch(graph).size());
      connection.update("DROP GRAPH <" + graph + ">");
      System.out.println(
          "deleted " + !connection.queryAsk("ASK { GRAPH <" + graph + "> { ?s ?p ?o } }"));
    }
  }
}
