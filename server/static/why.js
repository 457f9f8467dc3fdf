// Opens the derivation of an inferred fact below it: a disclosure (WAI-ARIA Authoring
// Practices) for each link that asks why. The link closes it again, and so does Escape.
// Without this script, or when the server has no answer, the link is a link.

(() => {
  const REASONS = "2"; // so many are shown; the page of the derivation has more
  let opened = 0; // panels have ids of their own

  for (const link of document.querySelectorAll(".source a.why")) {
    link.setAttribute("aria-expanded", "false");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".source a.why");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.button || link.closest(".reason")) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") === "true") return;
    const panel = panelOf(link);
    if (panel) show(link, panel, panel.hidden);
    else open(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const inside = document.activeElement.closest(".reason");
    const link = inside
      ? document.querySelector(`a[aria-controls="${inside.id}"]`)
      : document.activeElement.closest("a.why[aria-expanded='true']");
    if (!link) return;
    event.preventDefault();
    show(link, panelOf(link), false);
    link.focus();
  });

  function panelOf(link) {
    return document.getElementById(link.getAttribute("aria-controls") ?? "");
  }

  function show(link, panel, isShown) {
    panel.hidden = !isShown;
    link.setAttribute("aria-expanded", String(isShown));
  }

  async function open(link) {
    link.setAttribute("aria-busy", "true");
    try {
      const address = new URL(link.href);
      address.searchParams.set("limit", REASONS);
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const text = answer.ok ? await answer.text() : "";
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.getElementById("derivation");
      if (!found) return location.assign(link.href);
      const panel = panelWith(document.importNode(found, true), link.href);
      link.setAttribute("aria-controls", panel.id);
      (link.closest("dd, .role") ?? link.parentElement).append(panel);
      show(link, panel, true);
    } catch {
      location.assign(link.href);
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  function panelWith(part, address) {
    const panel = document.createElement("div");
    panel.className = "reason";
    panel.id = `why-${++opened}`;
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", "Why");
    plain(part);
    panel.append(...part.childNodes, end(address));
    return panel;
  }

  // Several such parts stand in one page, below headings of its own.
  function plain(part) {
    for (const one of part.querySelectorAll("[id]")) one.removeAttribute("id");
    for (const one of part.querySelectorAll("section")) {
      one.removeAttribute("aria-labelledby");
    }
    for (const heading of part.querySelectorAll("h2")) {
      const line = document.createElement("p");
      line.className = "how";
      line.append(...heading.childNodes);
      heading.replaceWith(line);
    }
  }

  function end(address) {
    const line = document.createElement("p");
    const link = document.createElement("a");
    line.className = "end";
    link.href = address;
    link.textContent = "On a page of its own, with its data";
    line.append(link);
    return line;
  }
})();
