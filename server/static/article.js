// Shows the sentences of an article to who holds a token. The token goes to this server
// in a header, and is forgotten with the page.

(() => {
  const form = document.querySelector("form.holder");
  if (!form) return;
  const told = form.querySelector("[role=status]");
  let token = "";
  form.hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    token = form.elements.secret.value.trim();
    show(location.href);
  });
  // The other pages take the token, too.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("nav.pages a");
    if (!token || !link) return;
    event.preventDefault();
    show(link.href);
  });

  async function show(address) {
    told.textContent = "Asking…";
    try {
      const headers = { Accept: "text/html", Authorization: `Bearer ${token}` };
      const answer = await fetch(address, { headers, cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) return take(page);
      const refusal = page.querySelector(".refusal") || page.querySelector(".lead");
      told.textContent = refusal?.textContent || "Refused.";
    } catch {
      told.textContent = "That cannot be sent.";
    }
  }

  function take(page) {
    document.title = page.title;
    const main = document.adoptNode(page.querySelector("main"));
    document.querySelector("main").replaceWith(main);
    main.tabIndex = -1;
    main.focus();
    scrollTo(0, 0);
  }
})();
