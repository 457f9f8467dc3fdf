// Makes the picture of a network larger and smaller, shows who is tied to whom, and
// writes more names where there is more room. Without this script the picture has the
// names of those with the most ties, and every mark tells its own when pointed at.

(() => {
  const FARTHEST = 8; // times as large as the room it has
  const STEP = 1.4;
  const SIZE = 12; // of a name on the screen, in pixels
  const ROOM = 9000; // square pixels for each name, so that one sees the marks
  const NARROW = 500; // a view of fewer pixels begins larger than it is
  const SVG = "http://www.w3.org/2000/svg";

  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();

  for (const figure of document.querySelectorAll("[data-network]")) enliven(figure);

  function enliven(figure) {
    const picture = figure.querySelector("svg");
    const box = picture.viewBox.baseVal;
    const members = new Map();
    for (const mark of picture.querySelectorAll("[data-member]")) {
      members.set(mark.dataset.member, read(mark));
    }
    const ties = [...picture.querySelectorAll("[data-one]")];
    for (const tie of ties) {
      const ends = [tie.dataset.one, tie.dataset.other];
      ends.forEach((end, place) => members.get(end).near.set(ends[1 - place], tie));
    }
    const names = picture.querySelector(".names");
    for (const one of names.querySelectorAll(".strong")) members.get(one.dataset.of).strong = true;
    const ranked = [...members.values()].sort((a, b) => b.near.size - a.near.size);
    const view = frame(figure, picture);
    let zoom = view.clientWidth < NARROW ? 2 : 1;

    tools(figure, view);
    // The names that the picture came with grow with it; those written here do not.
    new ResizeObserver(() => resize(zoom)).observe(view);

    // What lies at (x, y) of the view stays where it is.
    function resize(to, x = view.clientWidth / 2, y = view.clientHeight / 2) {
      const before = picture.clientWidth || 1;
      const place = [(view.scrollLeft + x) / before, (view.scrollTop + y) / before];
      zoom = Math.min(Math.max(to, 1), FARTHEST);
      const wide = view.clientWidth * zoom;
      picture.style.width = `${wide}px`;
      picture.style.height = `${(wide * box.height) / box.width}px`;
      view.scrollTo(place[0] * wide - x, place[1] * wide - y);
      write(box.width / wide, (wide * wide * box.height) / box.width / ROOM);
    }

    // *unit* is how much of the picture a pixel of the screen is.
    function write(unit, most) {
      const taken = [];
      const letters = document.createDocumentFragment();
      for (const member of ranked) {
        if (taken.length >= Math.max(most, 10)) break;
        const place = free(member, unit, taken, box);
        if (!place) continue;
        taken.push(place);
        letters.append(name(member, place, unit));
      }
      names.replaceChildren(letters);
    }

    function point(mark) {
      const found = mark && members.get(mark.dataset.member);
      picture.classList.toggle("pointed", Boolean(found));
      for (const one of picture.querySelectorAll(".near")) one.classList.remove("near");
      for (const one of picture.querySelectorAll(".names .told")) one.remove();
      if (!found) return;
      const unit = box.width / picture.clientWidth;
      const close = [found, ...[...found.near.keys()].map((key) => members.get(key))];
      for (const tie of found.near.values()) tie.classList.add("near");
      for (const one of close) one.mark.classList.add("near");
      const shown = new Map([...names.children].map((n) => [n.dataset.of, n]));
      const taken = [];
      for (const one of close) {
        const known = shown.get(one.key);
        if (known) known.classList.add("near");
        if (known) taken.push(extent(known, one, unit));
      }
      for (const one of close.filter((one) => !shown.has(one.key))) {
        const place = free(one, unit, taken, box, one === found);
        if (!place) continue;
        taken.push(place);
        const written = name(one, place, unit);
        written.classList.add("near", "told");
        names.append(written);
      }
    }

    picture.addEventListener("pointerover", (event) => {
      if (!view.classList.contains("dragged")) point(event.target.closest("[data-member]"));
    });
    picture.addEventListener("pointerleave", () => point(null));
    picture.addEventListener("focusin", (event) => {
      point(event.target.closest("[data-member]"));
    });
    picture.addEventListener("focusout", () => point(null));
    picture.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const from = event.target.closest("[data-member]");
      if (!way || !from || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const next = beside(members.get(from.dataset.member), way, ranked);
      if (next) next.mark.focus();
    });
    view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls as pages do
      event.preventDefault();
      const seen = view.getBoundingClientRect();
      const larger = Math.exp(-event.deltaY / 300);
      resize(zoom * larger, event.clientX - seen.left, event.clientY - seen.top);
    }, { passive: false });
    view.addEventListener("resize-picture", (event) => {
      resize(event.detail ? zoom * event.detail : 1);
    });
    draggable(view);
  }

  function read(mark) {
    const shape = mark.querySelector(".node").getBBox();
    const title = mark.querySelector("title").textContent;
    return {
      mark,
      key: mark.dataset.member,
      name: mark.dataset.name || title,
      x: shape.x + shape.width / 2,
      y: shape.y + shape.height / 2,
      size: shape.width / 2,
      strong: false,
      near: new Map(),
    };
  }

  // The room for what is larger than its place: it scrolls, by keys, too.
  function frame(figure, picture) {
    const view = document.createElement("div");
    view.className = "view";
    view.tabIndex = 0;
    view.setAttribute("role", "region");
    view.setAttribute("aria-label", "Picture of the network");
    figure.classList.add("lively");
    picture.replaceWith(view);
    view.append(picture);
    return view;
  }

  function tools(figure, view) {
    const bar = document.createElement("p");
    bar.className = "tools";
    for (const [sign, words, factor] of [["+", "Larger", STEP], ["−", "Smaller", 1 / STEP], ["Whole", "", 0]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      if (words) button.setAttribute("aria-label", words);
      button.addEventListener("click", () => {
        view.dispatchEvent(new CustomEvent("resize-picture", { detail: factor }));
      });
      bar.append(button);
    }
    const help = document.createElement("span");
    help.className = "note";
    help.textContent = "Or Ctrl and the wheel; drag to move. Arrow keys go from mark to mark.";
    bar.append(help);
    figure.prepend(bar);
  }

  function draggable(view) {
    let start = null;
    view.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button) return; // fingers scroll it anyhow
      start = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
    });
    view.addEventListener("pointermove", (event) => {
      if (!start) return;
      const [x, y] = [start[0] - event.clientX, start[1] - event.clientY];
      const far = Math.hypot(x - view.scrollLeft, y - view.scrollTop);
      if (far < 4 && !view.classList.contains("dragged")) return;
      view.classList.add("dragged");
      view.scrollTo(x, y);
    });
    const end = () => {
      start = null;
      setTimeout(() => view.classList.remove("dragged"));
    };
    view.addEventListener("pointerup", end);
    view.addEventListener("pointerleave", end);
    view.addEventListener("dragstart", (event) => event.preventDefault());
    view.addEventListener("click", (event) => {
      if (view.classList.contains("dragged")) event.preventDefault();
    }, true);
  }

  // The nearest member in a direction, rather straight ahead than aside.
  function beside(from, [right, down], members) {
    let best = null;
    let least = Infinity;
    for (const one of members) {
      const [x, y] = [one.x - from.x, one.y - from.y];
      const ahead = x * right + y * down;
      const aside = Math.abs(x * down) + Math.abs(y * right);
      const far = ahead + 2 * aside;
      if (ahead > 0 && aside <= 2 * ahead && far < least) [best, least] = [one, far];
    }
    return best;
  }

  function wide({ name, strong }) {
    const key = `${strong ? "600 " : ""}${SIZE}px`;
    if (!widths.has(key + name)) {
      pen.font = `${key} ${getComputedStyle(document.querySelector(".picture")).fontFamily}`;
      widths.set(key + name, pen.measureText(name).width);
    }
    return widths.get(key + name);
  }

  // A place for a name where no other stands, or none.
  function free(member, unit, taken, box, always = false) {
    const [long, high] = [wide(member) * unit, SIZE * unit];
    const gap = member.size + 3 * unit;
    const { x, y } = member;
    const places = [
      [x + gap, y - high / 2],
      [x - gap - long, y - high / 2],
      [x - long / 2, y + gap],
      [x - long / 2, y - gap - high],
    ].map(([left, top]) => ({ left, top, right: left + long, bottom: top + high }));
    return places.find((one) => inside(one, box) && !taken.some((other) => over(one, other)))
      || (always ? places[0] : null);
  }

  function inside(one, box) {
    return one.left >= 0 && one.top >= 0 && one.right <= box.width && one.bottom <= box.height;
  }

  function over(one, other) {
    return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  }

  function name(member, place, unit) {
    const text = document.createElementNS(SVG, "text");
    text.textContent = member.name;
    text.setAttribute("class", member.strong ? "name halo strong" : "name halo");
    text.setAttribute("x", place.left);
    text.setAttribute("y", place.top + SIZE * unit * 0.82);
    text.setAttribute("font-size", SIZE * unit);
    text.style.strokeWidth = `${3 * unit}px`;
    text.dataset.of = member.key;
    return text;
  }

  function extent(text, member, unit) {
    const [left, base] = [Number(text.getAttribute("x")), Number(text.getAttribute("y"))];
    const top = base - SIZE * unit * 0.82;
    return { left, top, right: left + wide(member) * unit, bottom: top + SIZE * unit };
  }
})();
