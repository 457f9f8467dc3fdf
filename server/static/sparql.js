// Puts the editor (YASGUI) in the place of the plain form, with this graph's prefixes,
// terms and saved queries. It asks no host but this one.

(async () => {
  const place = document.getElementById("editor");
  const form = document.querySelector("form.ask");
  if (!place || !form || !window.Yasgui) return;
  const answer = await fetch(place.dataset.words);
  if (!answer.ok) return;
  const words = await answer.json();
  const Yasgui = window.Yasgui.default || window.Yasgui;
  const Yasqe = Yasgui.Yasqe;

  const completers = Yasqe.Autocompleters;
  completers.prefixes.persistenceId = null;
  completers.prefixes.get = () =>
    Object.entries(words.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`);
  offer(completers.class, words.classes);
  offer(completers.property, words.properties);
  Yasqe.defaults.autocompleters = ["prefixes", "class", "property", "variables"];
  Yasqe.defaults.value = words.example;

  place.hidden = false;
  const endpoint = new URL(place.dataset.endpoint, location.href).href;
  const yasgui = new Yasgui(place, {
    autofocus: false,
    copyEndpointOnNewTab: false,
    corsProxy: undefined,
    endpointCatalogueOptions: { getData: () => [] },
    persistenceId: "exequatur",
    populateFromUrl: true,
    requestConfig: {
      endpoint,
      method: "POST",
      acceptHeaderGraph: "text/turtle",
      acceptHeaderSelect: "application/sparql-results+json",
    },
    yasr: { prefixes: words.prefixes },
  });
  const given = place.dataset.query;
  if (given) open("Query", given);
  document.getElementById("questions").append(...questions());
  form.hidden = true;
  // The editor asks again what the address asks, unless that names graphs too.
  const isPlain = [...new URLSearchParams(location.search).keys()].join() === "query";
  const answered = isPlain && document.getElementById("answer");
  if (answered) answered.closest("section").hidden = true;
  document.getElementById("leaving").hidden = false;
  name();
  new MutationObserver(name).observe(place, { childList: true, subtree: true });
  place.dataset.ready = "yes";

  // Says what the editor itself leaves unsaid to those who cannot see it.
  function name() {
    for (const field of place.querySelectorAll(".CodeMirror textarea:not([aria-label])"))
      field.setAttribute("aria-label", "SPARQL query");
    for (const sizer of place.querySelectorAll(".tableSizer:not([aria-label])"))
      sizer.setAttribute("aria-label", "Rows on a page");
    // Its list of tabs has a button in it, which a list of tabs cannot have.
    for (const list of place.querySelectorAll(".tabsList[role]"))
      list.removeAttribute("role");
    for (const tab of place.querySelectorAll(".tabsList [role=tab]"))
      if (tab.parentElement.role !== "tablist") tab.parentElement.role = "tablist";
  }

  // Offers terms by the beginning of their IRI, and shows what they are called.
  function offer(completer, terms) {
    const labels = new Map(terms.map((term) => [term.short, term.label]));
    completer.bulk = false;
    completer.autoShow = true;
    completer.persistenceId = null;
    completer.get = (_, token) => {
      const begun = (token && (token.autocompletionString || token.string)) || "";
      return terms.map((term) => term.iri).filter((iri) => iri.startsWith(begun));
    };
    completer.postprocessHints = (_, hints) =>
      hints.map((hint) => ({
        ...hint,
        displayText: [hint.text, labels.get(hint.text)].filter(Boolean).join("  –  "),
      }));
  }

  function open(name, text) {
    yasgui.addTab(
      true,
      { name, yasqe: { value: text }, requestConfig: { endpoint } },
      { avoidDuplicateTabs: true },
    );
  }

  // A choice of saved queries; each opens in a tab of its own.
  function questions() {
    const label = document.createElement("label");
    label.htmlFor = "question";
    label.textContent = "Begin with a saved question";
    const select = document.createElement("select");
    select.id = "question";
    select.append(new Option("choose one …", ""));
    for (const query of words.queries) select.append(new Option(query.summary, query.name));
    select.addEventListener("change", () => {
      const chosen = words.queries.find((query) => query.name === select.value);
      if (chosen) open(chosen.name, chosen.text);
      select.value = "";
    });
    return [label, select];
  }

  // In the editor Tab indents; after Escape it leads on, so that nobody is caught there.
  let leaving = false;
  place.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Tab" && leaving) event.stopPropagation();
      else if (event.key !== "Shift") leaving = event.key === "Escape";
    },
    true,
  );

  // What the graph names has a document here: lead there, not to the namespace's host.
  place.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a.iri");
      if (!link || !link.href.startsWith(words.base)) return;
      link.href = new URL(link.href.slice(words.base.length), `${location.origin}/`).href;
      link.rel = "noopener";
    },
    true,
  );
})();
