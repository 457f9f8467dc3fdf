// Takes a file that is dropped on the form, and submits with an access token. The token
// goes into the header of that one request; it is in no address, form or storage.
// Without this script files are chosen in the field, and programs submit.

(() => {
  const main = document.getElementById("main");

  prepare();
  for (const name of ["dragover", "drop"]) {
    // A file that misses the form would replace the page.
    addEventListener(name, (event) => hasFile(event) && event.preventDefault());
  }
  addEventListener("dragover", (event) => mark(hasFile(event)));
  addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
  addEventListener("drop", (event) => {
    mark(false);
    if (hasFile(event)) take(event.dataTransfer.files);
  });

  function prepare() {
    const submission = document.getElementById("submission");
    if (!submission) return;
    submission.hidden = false;
    document.getElementById("submit").addEventListener("click", submit);
    document.getElementById("token").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // which would validate
      submit();
    });
  }

  function hasFile(event) {
    return Boolean(event.dataTransfer && event.dataTransfer.types.includes("Files"));
  }

  function mark(isOver) {
    form().classList.toggle("over", isOver);
  }

  function take(files) {
    if (files.length !== 1) return tell("Drop one file at a time.");
    document.getElementById("file").files = files;
    document.getElementById("syntax").value = "guess";
    if (isSmallEnough()) form().requestSubmit();
  }

  async function submit() {
    const token = document.getElementById("token");
    const button = document.getElementById("submit");
    const secret = token.value.trim();
    if (!secret) {
      tell("To submit takes an access token.");
      return token.focus();
    }
    if (!isSmallEnough()) return;
    button.disabled = true;
    tell("Submitting …");
    try {
      const answer = await fetch(form().dataset.submit, {
        method: "POST",
        body: new FormData(form()),
        headers: { Accept: "text/html", Authorization: `Bearer ${secret}` },
        credentials: "omit",
        redirect: "error",
      });
      show(await answer.text(), answer.ok ? "" : secret);
    } catch {
      tell("The server could not be reached, or the token is not one.");
    } finally {
      button.disabled = false;
    }
  }

  function show(text, secret) {
    // A document made so runs no scripts.
    const answer = new DOMParser().parseFromString(text, "text/html");
    if (!answer.getElementById("triples")) {
      const problem = answer.querySelector(".problem") || answer.getElementById("main");
      return tell(problem.textContent.replace(/\s+/g, " ").trim());
    }
    main.replaceChildren(...answer.getElementById("main").childNodes);
    prepare();
    const token = document.getElementById("token");
    if (token) token.value = secret; // for the next try, where it was refused
    const report = document.getElementById("report");
    if (report) report.focus();
  }

  function isSmallEnough() {
    const [file] = document.getElementById("file").files;
    const most = Number(form().dataset.most);
    if (!file || file.size <= most) return true;
    tell(`${file.name} has ${file.size} bytes; this server reads ${most} at most.`);
    return false;
  }

  function form() {
    return document.getElementById("triples");
  }

  function tell(text) {
    form().querySelector(".told").textContent = text;
  }
})();
