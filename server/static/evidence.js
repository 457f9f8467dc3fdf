// Opens the evidence of a row below it; without this script its link leads to a page.
"use strict";

const OPENED = "evidence-row";

async function told(href) {
  const answer = await fetch(href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector(".reasons, .problem");
  if (!found) throw new Error(`no evidence at ${href}`);
  return document.importNode(found, true);
}

function below(row) {
  const made = document.createElement("tr");
  made.className = OPENED;
  const cell = made.insertCell();
  cell.colSpan = row.cells.length;
  cell.setAttribute("role", "cell");
  const said = document.createElement("p");
  said.className = "note";
  said.setAttribute("role", "status");
  said.textContent = "Looking for the evidence …";
  cell.append(said);
  row.after(made);
  return made;
}

async function open(link, row) {
  const made = below(row);
  link.setAttribute("aria-expanded", "true");
  try {
    const found = await told(link.href);
    made.cells[0].replaceChildren(found);
  } catch {
    made.cells[0].firstChild.textContent = "It could not be had now; try again.";
  }
}

function close(link, made) {
  made.remove();
  link.setAttribute("aria-expanded", "false");
}

for (const link of document.querySelectorAll("td.evidence a")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  const toggle = () => {
    const row = link.closest("tr");
    const next = row.nextElementSibling;
    if (next?.classList.contains(OPENED)) close(link, next);
    else open(link, row);
  };
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    toggle();
  });
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
}
