(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const wide = matchMedia("(min-width: 74rem)");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  const on = (node, kind, act) => node && node.addEventListener(kind, act);

  const sheets = all(".sheet").map((node) => ({
    node,
    text: node.querySelector(".body"),
    notes: all(".note", node).map((note) => ({
      node: note,
      cards: all(".card", note),
      marks: all("mark[data-mark]", node).filter((mark) => mark.dataset.mark === note.dataset.for),
    })),
  }));
  const cards = [];
  const home = new Map();
  for (const sheet of sheets) {
    for (const note of sheet.notes) {
      for (const card of note.cards) {
        cards.push(card);
        home.set(card, { sheet, note });
      }
    }
  }
  let active = null;
  let openAll = false;
  let byKeyboard = false;

  /* Cards: open or closed */

  const open = (card, yes) => {
    card.classList.toggle("open", yes);
    card.querySelector(".toggle").setAttribute("aria-expanded", String(yes));
  };
  const shown = (card) => !card.classList.contains("off");

  // Beside the text there is room for every card if together they are no longer than the
  // text. Otherwise only the one in hand is open, and if that is still too much the others
  // keep no more than a title and a line.
  const crowded = (sheet) => {
    let total = 0;
    for (const note of sheet.notes) total += note.node.offsetHeight;
    return total > sheet.text.offsetHeight;
  };
  const openCards = (list) => {
    const each = (some, act) => {
      for (const sheet of some) for (const note of sheet.notes) note.cards.forEach(act);
    };
    for (const sheet of list) sheet.node.classList.remove("tight");
    each(list, (card) => open(card, openAll || wide.matches));
    if (openAll) return;
    const busy = wide.matches ? list.filter(crowded) : list;
    each(busy, (card) => open(card, false));
    if (wide.matches) for (const sheet of busy.filter(crowded)) sheet.node.classList.add("tight");
    if (active && list.includes(home.get(active).sheet)) open(active, true);
  };

  /* Cards beside their sentences: none above its mark without need, none over another */

  const place = (sheet) => {
    const base = sheet.node.getBoundingClientRect().top;
    const rows = sheet.notes
      .filter((note) => !note.node.classList.contains("off"))
      .map((note) => ({
        note,
        want: (note.marks[0] || sheet.text).getBoundingClientRect().top - base,
        height: note.node.offsetHeight,
        top: 0,
      }));
    const down = (from) => {
      for (let i = from; i < rows.length; i += 1) {
        const last = rows[i - 1];
        rows[i].top = Math.max(rows[i].want, last ? last.top + last.height : 0);
      }
    };
    down(0);
    const at = active ? rows.findIndex((row) => row.note === home.get(active).note) : -1;
    if (at >= 0 && rows[at].top > rows[at].want) {
      rows[at].top = rows[at].want;
      for (let i = at - 1; i >= 0; i -= 1) {
        rows[i].top = Math.min(rows[i].top, rows[i + 1].top - rows[i].height);
      }
      if (rows[0].top < 0) {
        const lift = -rows[0].top;
        for (let i = 0; i <= at; i += 1) rows[i].top += lift;
      }
      down(at + 1);
    }
    const last = rows[rows.length - 1];
    return { sheet, rows, bottom: last ? last.top + last.height + 48 : 0 };
  };

  const layout = (list) => {
    if (!wide.matches) {
      for (const sheet of list) sheet.node.style.minHeight = "";
      return;
    }
    // All is measured before anything is moved, so that the browser lays out once.
    for (const { sheet, rows, bottom } of list.map(place)) {
      for (const row of rows) row.note.node.style.top = `${row.top}px`;
      sheet.node.style.minHeight = `${bottom}px`;
    }
  };
  const refresh = (list = sheets) => {
    openCards(list);
    layout(list);
  };

  /* The finding in hand */

  const activate = (card, { focus = false, scroll = false } = {}) => {
    const touched = new Set([active, card].filter(Boolean).map((item) => home.get(item).sheet));
    active = card;
    for (const node of all(".on")) node.classList.remove("on");
    if (card) {
      card.classList.add("on");
      for (const mark of home.get(card).note.marks) mark.classList.add("on");
    }
    refresh([...touched]);
    if (!card) return;
    if (focus) card.focus({ preventScroll: true });
    if (scroll) {
      const mark = home.get(card).note.marks[0];
      (wide.matches && mark ? mark : card).scrollIntoView({ block: "center" });
    }
  };

  const step = (by_) => {
    const list = cards.filter(shown);
    if (!list.length) return;
    let at = list.indexOf(active);
    if (at < 0) at = by_ > 0 ? -1 : list.length;
    at = Math.min(list.length - 1, Math.max(0, at + by_));
    activate(list[at], { focus: true, scroll: true });
  };

  /* Filters */

  const boxes = all(".toolbar input");
  const filter = () => {
    const allowed = (name) => new Set(boxes.filter((box) => box.name === name && box.checked).map((box) => box.value));
    const severities = allowed("severity");
    const issues = allowed("issue");
    for (const card of cards) {
      card.classList.toggle("off", !(severities.has(card.dataset.severity) && issues.has(card.dataset.issue)));
    }
    for (const sheet of sheets) {
      for (const note of sheet.notes) {
        const left = note.cards.filter(shown);
        note.node.classList.toggle("off", !left.length);
        const worst = Math.max(0, ...left.map((card) => Number(card.dataset.severity)));
        for (const mark of note.marks) {
          mark.classList.toggle("off", !left.length);
          if (!left.length) continue;
          for (const severity of [1, 2, 3]) mark.classList.toggle(`s${severity}`, severity === worst);
          const ref = mark.querySelector(".ref");
          if (ref) {
            ref.hash = left[0].id;
            ref.firstElementChild.textContent = String(worst);
          }
        }
      }
    }
    const number = cards.filter(shown).length;
    const noun = cards.length === 1 ? "finding" : "findings";
    by("status").textContent = number === cards.length ? `${number} ${noun}` : `${number} of ${cards.length} ${noun} shown`;
    by("reset").hidden = number === cards.length;
    if (active && !shown(active)) activate(null);
    refresh();
  };
  for (const box of boxes) on(box, "change", filter);
  on(by("reset"), "click", () => {
    for (const box of boxes) box.checked = true;
    filter();
    boxes[0].focus();
  });

  /* Copying */

  const copy = async (card) => {
    const wording = card.querySelector(".wording");
    if (!wording) return;
    let done = true;
    try {
      await navigator.clipboard.writeText(wording.textContent);
    } catch {
      getSelection().selectAllChildren(wording);
      done = document.execCommand("copy");
    }
    const said = card.querySelector(".copied");
    said.textContent = done ? "Copied" : "Select the wording and copy it";
    setTimeout(() => { said.textContent = ""; }, 2500);
  };

  /* Pointer and keyboard */

  on(document, "pointerdown", () => { byKeyboard = false; });
  on(document, "click", (event) => {
    const node = event.target;
    const card = node.closest(".card");
    if (node.closest(".copy")) {
      copy(card);
    } else if (node.closest(".toggle")) {
      const yes = !card.classList.contains("open");
      activate(yes ? card : null);
      open(card, yes);
      layout([home.get(card).sheet]);
    } else if (card) {
      if (card !== active && !node.closest("a")) activate(card);
    } else if (node.closest("mark[data-mark]") && (node.closest(".ref") || !node.closest("a"))) {
      const key = node.closest("mark").dataset.mark;
      const target = cards.find((item) => home.get(item).note.node.dataset.for === key && shown(item));
      if (!target) return;
      event.preventDefault();
      activate(target, { focus: Boolean(node.closest(".ref")) });
      if (!wide.matches) target.scrollIntoView({ block: "center" });
    } else if (!node.closest(".toolbar")) {
      const issues = document.querySelector(".issues");
      if (issues && wide.matches) issues.open = false;
    }
  });
  // Moving a card under a pressed pointer would lose the click, so focus alone opens a
  // card only when it came from the keyboard.
  on(document, "focusin", (event) => {
    const card = event.target.closest(".card");
    if (byKeyboard && card && card !== active) activate(card);
  });
  on(by("next"), "click", () => step(1));
  on(by("previous"), "click", () => step(-1));
  on(by("open-all"), "click", (event) => {
    openAll = !openAll;
    event.currentTarget.setAttribute("aria-pressed", String(openAll));
    refresh();
  });

  const help = by("help");
  on(by("keys"), "click", () => help.showModal());
  on(by("close-help"), "click", () => help.close());
  const typing = (node) => node.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  on(document, "keydown", (event) => {
    byKeyboard = true;
    if (event.key === "Escape") {
      const issues = document.querySelector(".issues[open]");
      if (issues) {
        issues.open = false;
        issues.querySelector("summary").focus();
      }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || help.open) return;
    if (!by("single-keys").checked) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "c" && active) copy(active);
    else if (event.key === "?") help.showModal();
    else return;
    event.preventDefault();
  });

  /* Theme */

  const themes = ["auto", "light", "dark"];
  const themeButton = by("theme");
  const setTheme = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    themeButton.textContent = `Theme: ${name}`;
  };
  let theme = "auto";
  try {
    theme = localStorage.getItem("claimcheck-theme") || theme;
  } catch { /* a page without storage starts with the system's theme */ }
  if (!themes.includes(theme)) theme = "auto";
  setTheme(theme);
  on(themeButton, "click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    try {
      localStorage.setItem("claimcheck-theme", theme);
    } catch { /* not kept */ }
  });

  /* Start */

  let waiting = 0;
  const again = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => refresh());
  };
  on(window, "resize", again);
  on(wide, "change", again);
  const wanted = cards.find((card) => `#${card.id}` === location.hash);
  refresh();
  if (wanted) activate(wanted, { scroll: true });
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(again);
  requestAnimationFrame(() => root.classList.add("ready"));
})();
