/* What all explorers share: elements, controls, grids of numbers, colors, the link that restores a
   state, the readout. An explorer is a custom element over a still picture, which prints instead. */
(function (book) {
  "use strict";

  const { largest, matrix, range, shape } = book.core;
  const SVG = "http://www.w3.org/2000/svg";
  const MINUS = "\u2212";
  const LARGEST = 999; // that an element may be, typed or in a link
  const QUIET = 1000; // milliseconds without a change before a screen reader is told

  /* ---- Elements ---- */

  /** Set attributes of an element: functions listen, null and false leave out. */
  function assign(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value === null || value === undefined || value === false) element.removeAttribute(name);
      else element.setAttribute(name, value === true ? "" : value);
    }
    return element;
  }

  /** Make an HTML element. */
  function h(tag, attributes = {}, ...children) {
    const element = assign(document.createElement(tag), attributes);
    element.append(...children.flat().filter((child) => child !== null));
    return element;
  }

  /** Make an SVG element. */
  function s(tag, attributes = {}, ...children) {
    const element = assign(document.createElementNS(SVG, tag), attributes);
    element.append(...children.flat().filter((child) => child !== null));
    return element;
  }

  let ids = 0;
  /** Return an id that is new on this page. */
  const fresh = (stem) => `${stem}-${(ids += 1)}`;

  /* ---- Numbers ---- */

  /** Write a number with at most `digits` after the point; large and small ones as powers of ten,
      but those below `zero`, which are rounding, as 0. */
  function write(x, digits = 3, zero = 1e-12) {
    const size = Math.abs(x);
    let text = String(Number(x.toFixed(digits)) + 0);
    if (!Number.isFinite(x)) text = x > 0 ? "∞" : `${MINUS}∞`;
    else if (size >= 1e5 || (size > zero && size < 0.5 * 10 ** -digits)) text = x.toExponential(1);
    return text.replace(/-/g, MINUS);
  }

  /** Read a number that a person typed; NaN if it is none. */
  const read = (text) => (text.trim() === "" ? NaN : Number(text.replace(MINUS, "-").replace(",", ".")));

  const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

  /* ---- Colors ---- */

  // The eleven colors of ColorBrewer's RdBu, blue first, as matplotlib has them.
  const DIVERGING = [[5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240],
    [247, 247, 247], [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31]];

  /** Return the color of `x` on the diverging map whose ends are ±limit and whose middle is 0. */
  function signed(x, limit) {
    const at = clamp(5 + (5 * x) / (limit || 1), 0, 10);
    const low = Math.min(9, Math.floor(at));
    return DIVERGING[low].map((c, i) => Math.round(c + (at - low) * (DIVERGING[low + 1][i] - c)));
  }

  /** Return the gray of `x` where `low` is black and `high` white. */
  function gray(x, low = 0, high = 1) {
    const level = Math.round(255 * clamp(high > low ? (x - low) / (high - low) : 0.5, 0, 1));
    return [level, level, level];
  }

  /** Return black or white, whichever stands out more from a color (WCAG's relative luminance). */
  function letters([red, green, blue]) {
    const [r, g, b] = [red, green, blue].map((c) => (c / 255 <= 0.04045
      ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  const css = (color) => `rgb(${color.join(" ")})`;

  /** Paint a matrix on a canvas, one pixel an element, in the colors that `color(value)` gives. */
  function paint(canvas, X, color) {
    const [H, W] = shape(X);
    Object.assign(canvas, { width: W, height: H });
    canvas.style.aspectRatio = `${W} / ${H}`;
    const pixels = new ImageData(W, H);
    X.flat().forEach((x, p) => pixels.data.set([...color(x), 255], 4 * p));
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  /** Return a bundled photograph as a matrix, 0 to 1. */
  function photograph(name) {
    const { height, width, gray: bytes } = book.photographs[name];
    const text = window.atob(bytes);
    return matrix(height, width, (i, j) => text.charCodeAt(i * width + j) / 255);
  }

  /* ---- A grid of numbers ---- */

  /** Write a number in the six letters that a cell has room for; its label and the readout say more. */
  function short(x) {
    const powers = [1, 0].map((digits) => x.toExponential(digits).replace("e+", "e").replace(/-/g, MINUS));
    return [...[2, 1, 0].map((digits) => write(x, digits)), ...powers].find((text) => text.length <= 6) ?? powers[1];
  }

  /** A matrix on screen: inputs, buttons or plain cells, one tab stop, arrow keys in between. */
  class Grid {
    /** `onEdit(i, j, value)` makes cells inputs, `onPick(i, j)` buttons; `onFocus` hears both. */
    constructor({ name, onEdit = null, onPick = null, onFocus = null }) {
      Object.assign(this, { name, onEdit, onPick, onFocus, cells: [], at: [0, 0], values: [[]] });
      this.element = h("div", { class: "ex-grid", role: "group", keydown: (e) => this.key(e), focusout: () => this.onFocus?.(null) });
    }

    /** Show `values`; `look(i, j)` returns what else a cell has: fill, class, corner, label, locked. */
    show(values, look = () => ({})) {
      this.values = values;
      if (values.length !== this.cells.length || values[0].length !== this.cells[0]?.length) this.build();
      const [rows, columns] = shape(values);
      this.element.setAttribute("aria-label", `${this.name}, ${rows} by ${columns}`);
      this.cells.forEach((row, i) => row.forEach((cell, j) => this.dress(cell, i, j, look(i, j))));
    }

    build() {
      const [rows, columns] = shape(this.values);
      this.at = [Math.min(this.at[0], rows - 1), Math.min(this.at[1], columns - 1)];
      this.cells = range(rows).map((i) => range(columns).map((j) => this.cell(i, j)));
      this.element.style.setProperty("--columns", columns);
      this.element.classList.toggle("ex-many", columns > 8);
      this.element.replaceChildren(...this.cells.flat().map((cell) => cell.parentElement));
    }

    cell(i, j) {
      const cell = this.onEdit ? this.input(i, j) : h(this.onPick ? "button" : "span", {
        type: this.onPick ? "button" : null,
        click: () => this.onPick?.(i, j),
      });
      cell.addEventListener("focus", () => { this.enter(i, j); });
      h("div", { class: "ex-cell", pointerenter: () => this.onFocus?.(i, j),
        pointerleave: () => this.onFocus?.(null) }, cell);
      return cell;
    }

    input(i, j) {
      const commit = () => {
        const value = read(cell.value);
        if (Number.isFinite(value) && !cell.readOnly) this.onEdit(i, j, clamp(value, -LARGEST, LARGEST));
        cell.value = short(this.values[i][j]);
      };
      const cell = h("input", { type: "text", inputmode: "text", autocomplete: "off", change: commit,
        focus: () => cell.select() });
      return cell;
    }

    dress(cell, i, j, { fill = null, extra = "", corner = "", label = null, locked = false, on = null }) {
      const text = short(this.values[i][j]);
      const box = cell.parentElement;
      if (!this.onEdit) cell.textContent = text;
      else if (cell !== document.activeElement || read(cell.value) !== this.values[i][j]) cell.value = text;
      box.className = `ex-cell ${extra}`;
      box.dataset.corner = corner;
      box.classList.toggle("ex-corner", corner !== "");
      box.style.background = fill ? css(fill) : "";
      box.style.color = fill ? letters(fill) : "";
      if (text.length > 3) box.classList.add(text.length > 4 ? "ex-tiny" : "ex-small");
      if (this.onEdit) assign(cell, { readonly: locked });
      if (this.onEdit || this.onPick) {
        assign(cell, { "aria-label": label ?? `${this.name} row ${i}, column ${j}: ${write(this.values[i][j])}`,
          "aria-pressed": on === null ? null : String(on) });
        cell.tabIndex = i === this.at[0] && j === this.at[1] ? 0 : -1;
      }
    }

    enter(i, j) {
      const old = this.cells[this.at[0]]?.[this.at[1]];
      if (old) old.tabIndex = -1;
      this.at = [i, j];
      this.cells[i][j].tabIndex = 0;
      this.onFocus?.(i, j);
    }

    /** Move the focus with the arrow keys; in a grid of buttons the focus picks. */
    key(event) {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step || !(this.onEdit || this.onPick)) return;
      event.preventDefault();
      const [rows, columns] = shape(this.values);
      const i = clamp(this.at[0] + step[0], 0, rows - 1);
      const j = clamp(this.at[1] + step[1], 0, columns - 1);
      this.cells[i][j].focus();
      this.onPick?.(i, j);
    }
  }

  /** Return a grid's look for values on the diverging map. */
  const signedLook = (values) => {
    const limit = largest(values);
    return (i, j) => ({ fill: signed(values[i][j], limit) });
  };

  /** Return a grid's look for an image in grays, least to greatest. */
  const grayLook = (values) => {
    const [low, high] = [Math.min(...values.flat()), Math.max(...values.flat())];
    return (i, j) => ({ fill: gray(values[i][j], low, high) });
  };

  /* ---- The state in a link ---- */

  const encode = (value) => (Array.isArray(value)
    ? value.map((row) => row.map(String).join(",")).join("_") : String(value));

  /** Read a value of the same type as `model`; undefined if the text is not one. */
  function decode(text, model) {
    if (typeof model === "string") return text;
    if (typeof model === "number") return Number.isFinite(Number(text)) && text.trim() ? Number(text) : undefined;
    const rows = text === "" ? [] : text.split("_").map((row) => row.split(",").map(Number));
    const sound = rows.every((row) => row.length === rows[0].length && row.every(Number.isFinite));
    return sound && rows.length <= 40 && (rows[0]?.length ?? 0) <= 40
      ? rows.map((row) => row.map((x) => clamp(x, -LARGEST, LARGEST))) : undefined;
  }

  /* ---- The element ---- */

  /** Let a button work, or say why it does not: to eyes, to screen readers, and when it is pressed. */
  const allow = (button, reason) => assign(button, { "aria-disabled": reason ? "true" : null, title: reason });

  /** The base of all explorers. A subclass gives `start()`, `build(body)`, `tidy(state)`, `draw()`. */
  class Explorer extends HTMLElement {
    /** Wait until a reader comes near, or asks for a state: until then the still picture stands. */
    connectedCallback() {
      if (this.near) return;
      this.near = new IntersectionObserver(
        (seen) => seen.some((each) => each.isIntersecting) && this.begin(),
        { rootMargin: "100% 0%" },
      );
      this.near.observe(this);
      window.addEventListener("hashchange", () => this.asked() && this.begin() && this.restore(true));
      if (this.asked()) this.begin();
    }

    asked() {
      return window.location.hash.startsWith(`#${this.id}?`);
    }

    /** Build the explorer, once. */
    begin() {
      this.near.disconnect();
      if (this.body) return true;
      this.state = this.start();
      this.fields = [];
      this.body = h("div", { class: "ex-body" });
      this.readout = h("p", { class: "ex-readout" });
      this.spoken = h("p", { class: "ex-spoken", role: "status" });
      this.note = h("span", { class: "ex-note", role: "status" });
      this.build(this.body);
      if (!this.readout.parentElement) this.body.append(this.readout);
      this.append(h("div", { class: "ex-live" }, this.body, this.foot()), this.spoken);
      this.classList.add("ex-ready");
      if (!this.restore(false)) this.show({});
      return true;
    }

    foot() {
      return h("div", { class: "ex-foot" }, this.button("Start again", () => this.reset()),
        this.button("Copy link to this state", () => this.copy(), { class: "ex-button ex-copy" }), this.note);
    }

    reset() {
      this.set(this.start());
    }

    /** Change the state as the reader asks; a link in the address bar that told another is no longer true. */
    set(changes) {
      this.show(changes);
      if (this.asked()) window.history.replaceState(null, "", window.location.href.split("#")[0]);
    }

    /** Change the state, make it sound, bring controls and pictures up to date. */
    show(changes) {
      Object.assign(this.state, changes);
      this.tidy(this.state);
      this.fields.forEach((field) => field(this.state));
      this.note.textContent = "";
      this.draw();
    }

    tidy() {}

    /** Write what is on screen; the live region follows once nothing has changed for a while. */
    say(text) {
      if (this.readout.textContent === text) return;
      this.readout.textContent = text;
      window.clearTimeout(this.voice);
      this.voice = window.setTimeout(() => { this.spoken.textContent = text; }, QUIET);
    }

    /** Return the fragment that restores the state: what differs from the start. */
    fragment() {
      const start = this.start();
      const parts = Object.keys(start)
        .filter((key) => encode(this.state[key]) !== encode(start[key]))
        .map((key) => `${key}=${encodeURIComponent(encode(this.state[key])).replace(/%2C/g, ",")}`);
      return `#${this.id}?${parts.join("&")}`;
    }

    /** Take the state from the address, if it names this explorer; return whether it did. */
    restore(move) {
      const [id, query] = window.location.hash.slice(1).split("?");
      if (id !== this.id || query === undefined) return false;
      const [start, given] = [this.start(), new URLSearchParams(query)];
      const found = {};
      for (const [key, model] of Object.entries(start)) {
        const value = given.has(key) ? decode(given.get(key), model) : undefined;
        found[key] = value === undefined ? model : value;
      }
      this.show(found);
      this.note.textContent = this.unmet(found);
      if (move || document.readyState !== "complete") this.scrollIntoView();
      return true;
    }

    /** Return a sentence on what a link cannot hold of the state; an empty one if it holds all. */
    left() {
      return "";
    }

    /** Return a sentence on what a link asked for and is not shown; an empty one if all is. */
    unmet() {
      return "";
    }

    /** Put the link into the address bar and, where the browser lets us, on the clipboard. */
    async copy() {
      const link = window.location.href.split("#")[0] + this.fragment();
      window.history.replaceState(null, "", this.fragment());
      try {
        await navigator.clipboard.writeText(link);
        this.note.textContent = `Copied. ${this.left()}`.trim();
      } catch {
        this.note.textContent = `The link is in the address bar. ${this.left()}`.trim();
      }
    }

    /** Return whether the reader wants things to stand still. */
    get still() {
      return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    }

    /* ---- Controls, each bound to one key of the state ---- */

    number(label, key, { min, max, step = 1, also = {} }) {
      const input = h("input", { type: "number", min, max, step, inputmode: "decimal", change: () => {
        const value = read(input.value);
        const sound = Number.isFinite(value) ? clamp(value, min, max) : this.state[key];
        this.set({ ...also, [key]: sound });
        if (sound !== value) this.note.textContent = `The ${label} is a number from ${write(min)} to ${write(max)}.`;
      } });
      const nudges = [-1, 1].map((sign) => this.nudge(input, sign));
      this.fields.push((state) => {
        input.value = state[key];
        input.style.setProperty("--letters", input.value.length);
        allow(nudges[0], state[key] <= min ? `${write(min)} is the least` : null);
        allow(nudges[1], state[key] >= max ? `${write(max)} is the most` : null);
      });
      return h("label", { class: "ex-number" }, h("span", {}, label),
        h("span", { class: "ex-nudges" }, nudges[0], input, nudges[1]));
    }

    /** A large − or + beside a number, for fingers; keys work in the number itself. */
    nudge(input, sign) {
      return this.button(sign > 0 ? "+" : MINUS, () => {
        input[sign > 0 ? "stepUp" : "stepDown"]();
        input.dispatchEvent(new Event("change"));
      }, { tabindex: -1, "aria-hidden": "true", class: "ex-nudge" });
    }

    /** Return a button that, where `allow` gave it a reason not to work, tells the reason when pressed. */
    button(text, act, attributes = {}) {
      const button = h("button", { type: "button", class: "ex-button", ...attributes, click: () => {
        if (button.getAttribute("aria-disabled") === "true") this.note.textContent = `${button.title}.`;
        else act();
      } }, text);
      return button;
    }

    select(label, key, choices) {
      const options = Object.entries(choices).map(([value, text]) => h("option", { value }, text));
      const box = h("select", { change: () => this.set({ [key]: box.value }) }, options);
      this.fields.push((state) => { box.value = state[key]; });
      return h("label", { class: "ex-select" }, h("span", {}, label), box);
    }

    slider(label, key, { min, max, step, text = write, marks = null }) {
      const value = h("output", {});
      const input = h("input", { type: "range", min, max, step, input: () => this.set({ [key]: Number(input.value) }) });
      this.fields.push((state) => {
        input.value = state[key];
        value.textContent = text(state[key]);
        input.setAttribute("aria-valuetext", text(state[key]));
      });
      return h("label", { class: "ex-slider" }, h("span", {}, label, " ", value), h("span", { class: "ex-track" }, input, marks));
    }

    radios(label, key, choices) {
      const name = fresh(key);
      const inputs = Object.entries(choices).map(([value, text]) => {
        const input = h("input", { type: "radio", name, value, change: () => this.set({ [key]: value }) });
        return h("label", {}, input, h("span", {}, text));
      });
      this.fields.push((state) => inputs.forEach((box) => {
        box.firstChild.checked = box.firstChild.value === state[key];
      }));
      return h("fieldset", { class: "ex-radios" }, h("legend", {}, label), inputs);
    }
  }

  /** Return a titled part of an explorer. */
  const panel = (title, ...children) =>
    h("div", { class: "ex-panel" }, h("p", { class: "ex-name" }, title), children);

  /** Move a point on a picture with the arrow keys: call `move(down, right)`. */
  const arrows = (move) => (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    move(...step);
  };

  Object.assign(book, { Explorer, Grid, allow, arrows, assign, clamp, css, fresh, gray, grayLook, h, letters, paint,
    panel, photograph, s, signed, signedLook, write });
})(globalThis.convolutions);
