(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  const on = (node, kind, act) => node.addEventListener(kind, act);
  const number = (value) => value.toLocaleString("en-GB");

  const PAGE = 100;
  const FILTERS = ["q", "state", "flags", "issue", "site", "reason"];
  const STATES = ["done", "failed", "skipped"];
  const STATE_WORDS = ["read", "unread", "skipped"];
  const SEVERITIES = [["serious", 3], ["moderate", 2], ["minor", 1]];
  // What breaks ties: an article is worse if it has more of the next severity.
  const CHAINS = {
    serious: ["serious", "moderate", "minor"],
    moderate: ["moderate", "serious", "minor"],
    minor: ["minor", "serious", "moderate"],
    state: ["state", "reason"],
  };
  const RISING = ["seq", "title", "site", "state"];
  const START = "-serious";

  const table = by("table");
  const body = table.tBodies[0];
  const total = Number(table.dataset.total);
  const names = JSON.parse(by("names").textContent);

  /* Data: a column each, numbers in typed arrays, -1 where there is none */

  const ints = () => new Int32Array(total).fill(-1);
  const data = {
    seq: ints(), stateOf: new Uint8Array(total), reasonOf: ints(), siteOf: ints(), page: ints(),
    words: ints(), claims: ints(), serious: ints(), moderate: ints(), minor: ints(), score: ints(),
    title: new Array(total), uri: new Array(total), href: new Array(total),
    issues: new Array(total), message: new Array(total), haystack: new Array(total),
  };
  let loaded = 0;
  const load = (rows) => {
    for (const row of rows) {
      const i = loaded;
      loaded += 1;
      data.seq[i] = row[0];
      data.stateOf[i] = row[1];
      data.reasonOf[i] = row[2];
      data.title[i] = row[3];
      data.uri[i] = row[4];
      data.href[i] = row[5] === 1 ? row[4] : row[5];
      data.siteOf[i] = row[6];
      data.page[i] = row[7];
      data.issues[i] = row[14];
      data.message[i] = row[15];
      data.haystack[i] = `${row[3]}\n${row[4]}`.toLowerCase();
      if (row[1] !== 0) continue;
      data.words[i] = row[8];
      data.claims[i] = row[9];
      data.serious[i] = row[10];
      data.moderate[i] = row[11];
      data.minor[i] = row[12];
      data.score[i] = row[13];
    }
  };

  /* Order */

  // Words are compared once and replaced by their rank, so that sorting compares numbers.
  const ranks = (keys) => {
    const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
    const result = new Int32Array(keys.length);
    let rank = 0;
    order.forEach((i, place) => {
      if (place && keys[i] !== keys[order[place - 1]]) rank += 1;
      result[i] = rank;
    });
    return result;
  };
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const derived = new Map();
  const column = (name) => {
    if (name in data && name !== "title") return data[name];
    if (!derived.has(name)) {
      const within = (list, of) => {
        const rank = ranks(list.map(plain));
        return Int32Array.from(of, (i) => (i < 0 ? -1 : rank[i]));
      };
      derived.set(name, {
        title: () => ranks(data.title.map((title, i) => plain(title || data.uri[i]))),
        site: () => within(names.sites, data.siteOf),
        reason: () => within(names.reasons, data.reasonOf),
        state: () => Int32Array.from(data.stateOf),
      }[name]());
    }
    return derived.get(name);
  };
  let ordered = { sort: "", rows: null };
  const inOrder = (sort) => {
    if (ordered.sort === sort) return ordered.rows;
    const sign = sort.startsWith("-") ? -1 : 1;
    const name = sort.replace("-", "");
    const columns = (CHAINS[name] || [name]).map(column);
    const tie = data.seq;
    const rows = Uint32Array.from(tie, (_, i) => i).sort((a, b) => {
      for (const values of columns) {
        const x = values[a];
        const y = values[b];
        if (x === y) continue;
        // What has no value stands last, whichever way the table is sorted.
        if (x < 0) return 1;
        if (y < 0) return -1;
        return sign * (x - y);
      }
      return tie[a] - tie[b];
    });
    ordered = { sort, rows };
    return rows;
  };

  /* Filters */

  const tests = (state) => {
    const list = [];
    const add = (wanted, test) => { if (wanted) list.push(test); };
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const which = STATES.indexOf(state.state);
    const issue = names.issues.indexOf(state.issue);
    const site = names.sites.indexOf(state.site);
    const reason = names.reasons.indexOf(state.reason);
    add(state.state, (i) => data.stateOf[i] === which);
    add(state.site, (i) => data.siteOf[i] === site);
    add(state.reason, (i) => data.reasonOf[i] === reason);
    add(state.issue, (i) => data.issues[i].includes(issue));
    add(state.flags === "3", (i) => data.serious[i] > 0);
    add(state.flags === "2", (i) => data.serious[i] > 0 || data.moderate[i] > 0);
    add(state.flags === "1", (i) => data.serious[i] > 0 || data.moderate[i] > 0 || data.minor[i] > 0);
    add(state.flags === "0", (i) => data.stateOf[i] === 0 && data.serious[i] + data.moderate[i] + data.minor[i] === 0);
    add(words.length, (i) => words.every((word) => data.haystack[i].includes(word)));
    return list;
  };
  const found = (state) => {
    const order = inOrder(state.sort);
    const list = tests(state);
    return list.length ? order.filter((i) => list.every((test) => test(i))) : order;
  };

  /* What is shown: the state, which is also the fragment of the address */

  const sortable = new Set(all("[data-sort]", table).map((head) => head.dataset.sort));
  const fromHash = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = { sort: START, page: 1 };
    for (const name of FILTERS) state[name] = given.get(name) || "";
    const sort = given.get("sort") || "";
    if (sortable.has(sort.replace("-", ""))) state.sort = sort;
    const page = Number.parseInt(given.get("page"), 10);
    if (page > 1) state.page = page;
    return state;
  };
  const toHash = () => {
    const parts = new URLSearchParams();
    for (const name of FILTERS) if (shown[name]) parts.set(name, shown[name]);
    if (shown.sort !== START) parts.set("sort", shown.sort);
    if (shown.page > 1) parts.set("page", shown.page);
    return `#${parts}`;
  };
  // "#main" and the like are places on the page, not a state of the table.
  const isState = () => location.hash.length < 2 || location.hash.includes("=");
  let shown = isState() ? fromHash() : { ...Object.fromEntries(FILTERS.map((name) => [name, ""])), sort: START, page: 1 };
  const keep = (how) => {
    const hash = toHash();
    if (hash === (location.hash || "#")) return;
    try {
      history[how](null, "", hash);
    } catch { /* a browser that refuses this to a page from disk still shows the table */ }
  };

  /* Rows */

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const linked = (text, href) => {
    const words = make("bdi", "", text);
    if (!href) return words;
    const link = make("a");
    link.href = href;
    link.append(words);
    return link;
  };
  const part = (className, child) => {
    const node = make("span", className);
    node.append(child);
    return node;
  };
  const fill = (i, place) => {
    const row = make("tr");
    row.setAttribute("aria-rowindex", place + 2);
    const what = make("th", "what");
    what.scope = "row";
    const page = data.page[i];
    const title = data.title[i] || (page < 0 ? "" : `Same as number ${page}`);
    if (title) what.append(part("name", linked(title, page < 0 ? null : `articles/${page}.html`)));
    if (data.uri[i] !== data.title[i]) {
      const where = linked(data.uri[i], data.href[i]);
      if (data.href[i]) where.rel = "noopener noreferrer";
      what.append(part("where", where));
    }
    if (data.message[i]) what.append(part("message", make("bdi", "", data.message[i])));
    const which = data.stateOf[i];
    const reason = data.reasonOf[i];
    const words = STATE_WORDS[which] + (reason < 0 ? "" : `: ${names.reasons[reason]}`);
    row.append(
      make("td", "number", data.seq[i]), what, make("td", "site", names.sites[data.siteOf[i]]),
      make("td", `state ${STATES[which]}`, words),
    );
    for (const [name, severity] of SEVERITIES) {
      const many = data[name][i];
      if (many > 0) {
        const cell = make("td", "number");
        cell.append(part(`badge s${severity}`, make("span", "digit", many)));
        row.append(cell);
      } else row.append(many < 0 ? make("td", "number", "") : make("td", "number none", 0));
    }
    const score = data.score[i];
    row.append(make("td", "number", score < 0 ? "" : (score / 100).toFixed(2)));
    for (const name of ["claims", "words"]) row.append(make("td", "number", data[name][i] < 0 ? "" : number(data[name][i])));
    return row;
  };

  /* Headings, pages, the count */

  const heads = all("[data-sort]", table);
  for (const head of heads) {
    const button = make("button", "", head.textContent);
    button.type = "button";
    const arrow = make("span", "arrow");
    arrow.setAttribute("aria-hidden", "true");
    button.append(arrow);
    head.replaceChildren(button);
    on(button, "click", () => {
      const name = head.dataset.sort;
      const current = shown.sort.replace("-", "") === name;
      const falls = current ? !shown.sort.startsWith("-") : !RISING.includes(name);
      change({ sort: falls ? `-${name}` : name });
    });
  }
  const sortBox = by("sort");
  for (const head of heads) {
    const name = head.dataset.sort;
    const option = make("option", "", `${head.textContent}${RISING.includes(name) ? "" : ", most first"}`);
    option.value = RISING.includes(name) ? name : `-${name}`;
    sortBox.append(option);
  }
  const steps = [["First", "«", () => 1], ["Previous", "‹", () => shown.page - 1], ["Next", "›", () => shown.page + 1], ["Last", "»", () => pages()]];
  const pagers = all(".pager").map((nav, which) => {
    const where = make("span");
    const buttons = steps.map(([name, sign, target]) => {
      const button = make("button");
      button.type = "button";
      button.setAttribute("aria-label", `${name} page`);
      const mark = make("span", "", sign);
      mark.setAttribute("aria-hidden", "true");
      button.append(mark);
      on(button, "click", () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        change({ page: target() }, { move: which === 1 });
      });
      return button;
    });
    nav.append(buttons[0], buttons[1], where, buttons[2], buttons[3]);
    return { nav, where, buttons };
  });
  let rows = new Uint32Array(0);
  const pages = () => Math.max(1, Math.ceil(rows.length / PAGE));

  const tell = (first, last) => {
    const all_ = total === 1 ? "1 input" : `${number(total)} inputs`;
    const what = rows.length === total ? all_ : `${number(rows.length)} of ${all_}`;
    by("count").textContent = pages() > 1 ? `${what}; ${number(first + 1)} to ${number(last)} shown` : what;
  };
  const draw = () => {
    rows = found(shown);
    shown.page = Math.min(shown.page, pages());
    const first = (shown.page - 1) * PAGE;
    const last = Math.min(rows.length, first + PAGE);
    const held = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const made = [];
    for (let place = first; place < last; place += 1) made.push(fill(rows[place], place));
    if (!made.length) {
      const row = make("tr", "empty");
      const cell = make("td", "", "Nothing matches.");
      cell.colSpan = heads.length;
      row.append(cell);
      made.push(row);
    }
    body.replaceChildren(...made);
    if (held !== null) (all("a", body).find((link) => link.getAttribute("href") === held) || by("results-title")).focus({ preventScroll: true });
    table.setAttribute("aria-rowcount", rows.length + 1);
    for (const head of heads) {
      const current = shown.sort.replace("-", "") === head.dataset.sort;
      const falls = shown.sort.startsWith("-");
      if (current) head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      head.querySelector(".arrow").textContent = current ? (falls ? "↓" : "↑") : "";
    }
    for (const { nav, where, buttons } of pagers) {
      nav.hidden = pages() === 1;
      where.textContent = `Page ${number(shown.page)} of ${number(pages())}`;
      buttons.forEach((button, at) => button.setAttribute("aria-disabled", String(at < 2 ? shown.page === 1 : shown.page === pages())));
    }
    tell(first, last);
  };

  const inputs = FILTERS.map(by);
  const control = () => {
    for (const input of inputs) {
      const value = shown[input.name];
      if (input.value !== value) input.value = value;
      if (input.value === value) continue;
      // A site that the list has no room for, or a word from an older address.
      const option = make("option", "", value);
      option.value = value;
      input.append(option);
      input.value = value;
    }
    sortBox.value = shown.sort;
    by("reset").hidden = !FILTERS.some((name) => shown[name]);
  };
  const ready = () => loaded === total;
  const change = (some, { how = "replaceState", move = false } = {}) => {
    shown = { ...shown, page: 1, ...some };
    control();
    if (!ready()) return;
    draw();
    keep(how);
    if (!move) return;
    by("results-title").focus({ preventScroll: true });
    by("results-title").scrollIntoView();
  };

  let typed = 0;
  for (const input of inputs) {
    on(input, "input", () => {
      cancelAnimationFrame(typed);
      typed = requestAnimationFrame(() => change({ [input.name]: input.value }));
    });
  }
  on(sortBox, "change", () => change({ sort: sortBox.value }));
  on(by("reset"), "click", () => {
    change(Object.fromEntries(FILTERS.map((name) => [name, ""])));
    by("q").focus();
  });
  on(document, "click", (event) => {
    const link = event.target.closest("a.filter");
    if (link) {
      event.preventDefault();
      const given = new URLSearchParams(link.hash.slice(1));
      change(Object.fromEntries(FILTERS.map((name) => [name, given.get(name) || ""])), { how: "pushState", move: true });
    }
    if (event.target.closest(".skip")) {
      event.preventDefault();
      by("results-title").focus();
    }
  });
  on(window, "hashchange", () => {
    if (!isState() || location.hash === toHash()) return;
    shown = fromHash();
    control();
    if (ready()) draw();
  });

  /* Theme, kept together with that of the article pages */

  const themes = ["auto", "light", "dark"];
  const setTheme = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    by("theme").textContent = `Theme: ${name}`;
  };
  let theme = "auto";
  try {
    theme = localStorage.getItem("claimcheck-theme") || theme;
  } catch { /* a page without storage starts with the system's theme */ }
  if (!themes.includes(theme)) theme = "auto";
  setTheme(theme);
  on(by("theme"), "click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    try {
      localStorage.setItem("claimcheck-theme", theme);
    } catch { /* not kept */ }
  });

  /* Start: one block of rows a task, so that the page answers while it reads them */

  const blocks = all("script.rows");
  const read = () => {
    const block = blocks.shift();
    if (block) {
      load(JSON.parse(block.textContent));
      block.remove();
      setTimeout(read);
      return;
    }
    draw();
    root.dataset.ready = "true";
  };
  control();
  by("count").textContent = "Reading the rows…";
  read();
})();
