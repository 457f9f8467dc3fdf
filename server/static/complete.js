// Completes names in fields that take an entity, as a combobox with a list (WAI-ARIA
// Authoring Practices): arrows move, Enter takes, Escape closes. What is taken fills the
// field, or where that has data-go opens the page about it. Without this script the
// fields are plain, with the list of choices that the page itself has.

(() => {
  const WAIT = 120; // milliseconds without a key before the server is asked

  for (const field of document.querySelectorAll("input[data-names]")) complete(field);

  function complete(field) {
    const list = document.createElement("ul");
    list.id = `${field.id}-names`;
    list.className = "names";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Names");
    const told = document.createElement("span");
    told.className = "hidden";
    told.setAttribute("role", "status");
    field.after(list, told);
    field.removeAttribute("list");
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");

    let asked = null; // the request under way
    let timer = 0;
    let active = -1;

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list.hidden) ask();
      else if (event.key === "ArrowDown") move(1);
      else if (event.key === "ArrowUp") move(-1);
      else if (event.key === "Enter" && active >= 0) take(list.children[active]);
      else if (event.key === "Escape" && !list.hidden) close();
      else return;
      event.preventDefault();
    });
    // A press would take the focus from the field, and close the list before the click.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("li");
      if (option) take(option);
    });

    async function ask() {
      if (asked) asked.abort();
      const text = field.value.trim();
      if (!text) return close();
      const request = new AbortController();
      asked = request;
      const address = new URL(field.dataset.names, location.href);
      address.searchParams.set("prefix", text);
      try {
        const answer = await fetch(address, { signal: request.signal });
        if (!answer.ok) return close();
        const { results } = await answer.json();
        if (asked === request && document.activeElement === field) show(results);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    function show(results) {
      list.replaceChildren(...results.map(option));
      active = -1;
      list.hidden = results.length === 0;
      field.setAttribute("aria-expanded", String(!list.hidden));
      field.removeAttribute("aria-activedescendant");
      told.textContent = results.length === 1 ? "1 name" : `${results.length} names`;
    }

    function option(result, number) {
      const item = document.createElement("li");
      item.id = `${list.id}-${number}`;
      item.dataset.value = result.value;
      if (result.href) item.dataset.href = result.href;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(part("b", "label", result.label));
      if (result.alias) item.append(" ", part("i", "alias", `also ${result.alias}`));
      item.append(" ", part("span", "note", result.kind));
      return item;
    }

    function part(tag, name, text) {
      const made = document.createElement(tag);
      made.className = name;
      made.textContent = text;
      return made;
    }

    function move(step) {
      const options = list.children;
      if (list.hidden || !options.length) return;
      if (active >= 0) options[active].setAttribute("aria-selected", "false");
      active = (active + step + options.length) % options.length;
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", options[active].id);
    }

    function take(item) {
      const { value, href } = item.dataset;
      close();
      if ("go" in field.dataset && href) location.assign(href);
      else field.value = value;
    }

    function close() {
      clearTimeout(timer);
      if (asked) asked.abort();
      asked = null;
      active = -1;
      list.hidden = true;
      told.textContent = "";
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
  }
})();
