// Opens the evidence of a row below it: a disclosure (WAI-ARIA Authoring Practices).
// The link closes it again, and so does Escape. Without this script, or when the server
// has no answer, the link leads to a page.

(() => {
  let opened = 0; // rows have ids of their own

  for (const link of document.querySelectorAll("td.evidence a")) {
    link.setAttribute("aria-expanded", "false");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("td.evidence a");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.button) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") === "true") return;
    const row = rowOf(link);
    if (row) show(link, row, row.hidden);
    else open(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const inside = document.activeElement.closest(".evidence-row");
    const link = inside
      ? document.querySelector(`a[aria-controls="${inside.id}"]`)
      : document.activeElement.closest("td.evidence a[aria-expanded='true']");
    if (!link) return;
    event.preventDefault();
    show(link, rowOf(link), false);
    link.focus();
  });

  function rowOf(link) {
    return document.getElementById(link.getAttribute("aria-controls") ?? "");
  }

  function show(link, row, isShown) {
    row.hidden = !isShown;
    link.setAttribute("aria-expanded", String(isShown));
  }

  async function open(link) {
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const text = answer.ok ? await answer.text() : "";
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.querySelector(".reasons");
      if (!found) return location.assign(link.href);
      const row = below(link.closest("tr"), document.importNode(found, true));
      link.setAttribute("aria-controls", row.id);
      show(link, row, true);
    } catch {
      location.assign(link.href);
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  function below(row, content) {
    const made = document.createElement("tr");
    made.className = "evidence-row";
    made.id = `evidence-${++opened}`;
    made.setAttribute("role", "row");
    const cell = made.insertCell();
    cell.setAttribute("role", "cell");
    cell.colSpan = row.cells.length;
    cell.append(content);
    row.after(made);
    return made;
  }
})();
