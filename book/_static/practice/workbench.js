/* The workbench of a page: one Python for all its tasks, an editor for each, and their replies. */
(function (book) {
  "use strict";

  const { css, letters, signed, write } = book;
  const { kept, load, make } = book.practice;
  book.practice.limit = 10; // seconds that a run may take, and each call of an answer that is checked
  const LOADED = 0.7; // of the bar, when everything is loaded and Python is yet to start
  const HINT = "Tab indents; Escape, then Tab, leaves the editor. Shift+Enter runs, Ctrl+Enter (⌘+Enter) checks.";
  const late = () => `The run was ended: it took more than ${book.practice.limit} seconds. Is there a loop that never ends?`;
  const STARTING = "Starting Python …";
  const STOPPED = "The run was stopped.";
  const BROKEN = "The run was ended: Python broke down in it, and starts anew.";

  /* ---- Python ---- */

  const bytesOf = (base64) => {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  };
  const unpacked = (bytes) =>
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const read = async (bytes) => new TextDecoder().decode(await unpacked(bytes));

  /** Python in a worker. What has to be loaded is loaded once; a worker that is ended is replaced. */
  class Python {
    constructor(topic) {
      Object.assign(this, { topic, waiting: new Map(), ids: 0, turn: 0, tell: () => {} });
    }

    /** Return a promise of a Python that is ready; `end` breaks it. */
    ready() {
      if (!this.started) {
        const started = new Promise((resolve, reject) => {
          this.abort = reject;
          this.start(this.turn).then(resolve, reject);
        });
        started.catch(() => { if (this.started === started) this.started = null; });
        this.started = started;
      }
      return this.started;
    }

    async start(turn) {
      this.parts ??= this.load();
      this.parts.catch(() => { this.parts = null; });
      const parts = await this.parts;
      if (turn !== this.turn) return; // another start has taken the place of this one
      this.tell(LOADED, STARTING);
      await new Promise((resolve, reject) => {
        const source = `(${book.worker})()`;
        this.worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
        this.worker.onmessage = ({ data }) => {
          if (data.stage) this.tell(LOADED + 0.1 * data.stage, STARTING);
          if (data.stage === 3) resolve();
          if (data.beat) this.wind();
          else if (data.id) this.answered(data);
          else if (data.broken) reject(new Error(`Python could not be started: ${data.broken}`));
        };
        this.worker.postMessage({ parts });
      });
    }

    /** Load and unpack all files, telling how many bytes of how many have come. */
    async load() {
      const { files, lock } = book.parts;
      const total = Object.values(files).flat().reduce((sum, [, size]) => sum + size, 0);
      let come = 0;
      const found = {};
      for (const [name, scripts] of Object.entries(files)) {
        const pieces = [];
        for (const [script, size] of scripts) {
          pieces.push(bytesOf(await load(script)));
          come += size;
          this.tell((LOADED * come) / total, `Loading Python: ${(come / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`);
        }
        found[name] = new Blob(pieces);
      }
      const whole = (name) => found[name].arrayBuffer();
      const module = await WebAssembly.compile(await unpacked(await whole("pyodide.asm.wasm")));
      return {
        module, lock, topics: [this.topic], stdlib: await whole("python_stdlib.zip"),
        loader: await unpacked(await whole("pyodide.mjs")), runtime: await unpacked(await whole("pyodide.asm.mjs")),
        sources: await read(bytesOf(await load("python.js"))),
      };
    }

    /** Ask the session for something; throws where the run had to be ended. */
    async ask(kind, request) {
      await this.ready();
      const id = (this.ids += 1);
      return new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        this.wind();
        this.worker.postMessage({ id, kind, text: JSON.stringify(request) });
      });
    }

    /** Give what runs its time from now on. */
    wind() {
      clearTimeout(this.clock);
      this.clock = setTimeout(() => this.end(late()), 1000 * book.practice.limit);
    }

    answered({ id, reply, failed, broken }) {
      const asked = this.waiting.get(id);
      if (!asked) return;
      if (broken) {
        this.end(BROKEN);
        return;
      }
      clearTimeout(this.clock);
      this.waiting.delete(id);
      if (failed) asked.reject(new Error(`The page could not examine this answer: ${failed.trim().split("\n").at(-1)}`));
      else asked.resolve(JSON.parse(reply));
    }

    /** End whatever runs, for a reason, and have a new Python started at once. */
    end(reason) {
      this.worker?.terminate();
      this.turn += 1;
      this.abort?.(new Error(reason));
      clearTimeout(this.clock);
      for (const { reject } of this.waiting.values()) reject(new Error(reason));
      this.waiting.clear();
      this.started = null;
      this.tell = () => {}; // what is said now is the reason
      this.ready().catch(() => {});
    }
  }

  /* ---- Replies ---- */

  /** Return rows of numbers as a table, shaded on the explorers' diverging map; one cell may be marked. */
  function grid(rows, caption, written, marked = null) {
    const limit = rows.flat().map(Number).filter(Number.isFinite).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const cell = (x, i, j) => {
      const fill = Number.isFinite(Number(x)) ? signed(Number(x), limit) : [255, 255, 255];
      const here = marked && marked.row === i && marked.column === j && marked.look;
      return make("td", { style: `background: ${css(fill)}; color: ${letters(fill)}`, class: here }, written(x));
    };
    return make("div", { class: "pr-scroll", tabindex: "0", role: "group", "aria-label": `Table: ${caption}` },
      make("table", { class: "pr-table" }, make("caption", {}, caption),
        make("tbody", {}, ...rows.map((row, i) => make("tr", {}, ...row.map((x, j) => cell(x, i, j)))))));
  }

  /** Return a tensor that is shown as a table. */
  const table = ({ rows, shape, dtype }) =>
    grid(rows, `${shape.join("×")}, ${dtype.replace("torch.", "")}`, (x) => (Number.isFinite(x) ? write(x) : String(x)));

  /** Return what was printed and shown, and what was raised. */
  function output({ shown, error }) {
    const parts = shown.map((one) => (one.table
      ? table(one.table)
      : make("pre", { class: "pr-output", tabindex: "0", role: "group", "aria-label": "Output" }, one.text)));
    return error ? [...parts, problem(error)] : parts;
  }

  /** Return an error with the reader's own lines. */
  function problem({ text, lines = [] }) {
    return make("div", { class: "pr-error" }, make("p", {}, text),
      ...lines.map(({ number, within, source }) => make("p", { class: "pr-line" },
        `line ${number}${within === "<module>" ? "" : `, in ${within}`}: `, make("code", {}, source.trim()))));
  }

  /** Return the criteria with marks, as feedback shows them. */
  function criteria(all) {
    return make("ul", { class: "pr-criteria" }, ...all.map(({ text, points, met }) => make("li", { class: met ? "pr-met" : "pr-lost" },
      make("span", { class: "pr-mark" }, met ? "met" : "not met"), ` ${text} (${points} point${points === 1 ? "" : "s"})`)));
  }

  /** Return text, what stands between backquotes as code. */
  function withCode(text) {
    return text.split(/`([^`]+)`/).map((part, at) => (at % 2 ? make("code", {}, part) : part));
  }

  /** Return a mistake with its hint, and a link to the section that mends it. */
  function mistake(start, found, sections) {
    if (!found) return [];
    const [href, title] = sections[found.section] ?? [];
    return [make("p", { class: "pr-mistake" }, `${start} `, make("strong", {}, ...withCode(found.name)), ". ", ...withCode(found.hint), " ",
      href ? make("a", { href }, `Read: ${title}`) : "")];
  }

  /** Return a part of an example: a table, or a text. */
  function part({ label, text, rows }, title, marked) {
    const name = [title, label].filter(Boolean).join(", ");
    if (rows) return grid(rows, name, (x) => x.replace("-", "\u2212"), marked);
    return make("p", { class: "pr-part" }, name ? `${name}: ` : "", make("code", {}, text));
  }

  /** Return the smallest input found on which an answer is wrong: what is given, what comes back, what is expected. */
  function example(found) {
    if (!found) return [];
    const { first, explorer } = found;
    const parts = (some, title, look) => some.map((one, i) => part(one, title, first?.part === i ? { ...first, look } : null));
    return [make("div", { class: "pr-example", role: "group", "aria-label": "A small input on which it is wrong" },
      make("p", {}, make("strong", {}, "A small input on which it is wrong."), ` ${found.sentence}`),
      make("div", { class: "pr-values" }, ...found.inputs.map((one) => part(one, "")), ...parts(found.yours, "yours", "pr-first"),
        ...parts(found.expected, "expected", "pr-first pr-right")),
      ...(found.call ? [make("p", { class: "pr-note" }, "To try it, put this at the end of your cell and run it:"),
        make("pre", { class: "pr-output pr-call", tabindex: "0", role: "group", "aria-label": "The call" }, found.call)] : []),
      ...(explorer ? [make("p", {}, make("a", { href: `../../book/${explorer.replace("#", ".html#")}` }, "See it in the book's explorer"))] : []))];
  }

  /** Return a check's replies below the sentence that says how it went. */
  function checked(reply, sections) {
    const { outcome, check } = reply;
    if (!outcome) return output(reply);
    const visible = check
      ? make("div", {}, make("p", {}, make("strong", {}, "The check below says:")), problem(check))
      : make("p", {}, "The check below passes.");
    if (outcome.lacking) return [...output(reply), visible, make("p", { class: "pr-error" }, outcome.lacking)];
    if (!outcome.answered) return output(reply);
    return [...output(reply), visible, ...mistake("It looks like:", outcome.mistake, sections),
      ...mistake("And like:", outcome.second, sections), ...example(outcome.counterexample), criteria(outcome.criteria),
      ...(outcome.reasons.length ? [make("ul", { class: "pr-reasons" }, ...outcome.reasons.map((text) => make("li", {}, text)))] : []),
      make("p", { class: "pr-note" }, "These are public inputs. What counts is the graded test of the notebook, on inputs drawn for you.")];
  }

  /** Say in a sentence how a check went. */
  function verdict({ error, outcome }) {
    if (error) return sentence(error);
    if (outcome.lacking) return outcome.lacking;
    if (!outcome.answered) return "Not answered yet: the function raises NotImplementedError.";
    const met = outcome.criteria.filter((one) => one.met).length;
    const looks = outcome.mistake ? ` It looks like: ${outcome.mistake.name.replaceAll("`", "")}.` : "";
    return `${met} of ${outcome.criteria.length} criteria are met on the public inputs.${looks}`;
  }

  const sentence = ({ text, lines = [] }) => (lines.length ? `Line ${lines.at(-1).number}: ${text}` : text);

  /* ---- One task ---- */

  /** A plain text field, where the editor's script is missing. */
  function plainField({ text, label, described, onChange }) {
    const field = make("textarea", { class: "pr-field", rows: 12, spellcheck: "false", autocapitalize: "off", autocomplete: "off",
      "aria-label": label, "aria-describedby": described, input: () => onChange(field.value) });
    field.value = text;
    return {
      element: field,
      get text() { return field.value; },
      set text(value) { field.value = value; onChange(value); },
      focus: () => field.focus(),
      select: () => field.select(),
    };
  }

  /** The editor of a task with its buttons and replies. */
  class Task {
    constructor(bench, place, answer) {
      Object.assign(this, { bench, place, answer, name: answer.name });
      const hint = `hint-of-${answer.name}`;
      const label = answer.code ? `Your answer: ${answer.name}, Python` : "Your answer, text";
      const field = answer.code && book.codeEditor ? book.codeEditor : plainField;
      this.editor = field({
        text: kept.read(bench.topic)[answer.name]?.source ?? answer.source, label, described: hint,
        onChange: (text) => this.keep(text), onRun: () => this.run(), onCheck: () => this.check(),
      });
      const button = (name, act) => make("button", { type: "button", class: "pr-button", click: act }, name);
      this.stop = button("Stop", () => {
        bench.python.end(STOPPED);
        this.editor.focus(); // the button is off now, and would lose it
      });
      const buttons = answer.code ? [button("Run", () => this.run()), button("Check", () => this.check()), this.stop] : [];
      this.bar = make("progress", { max: 1, value: 0, "aria-label": "Loading Python", hidden: true });
      this.status = make("p", { class: "pr-status", role: "status" });
      this.replies = make("div", { class: "pr-replies" });
      const words = answer.code ? HINT : "What you write is kept on this device, and goes into the notebook.";
      place.replaceChildren(make("p", { class: "pr-title" }, "Your answer"), this.editor.element, make("p", { class: "pr-note", id: hint }, words),
        make("div", { class: "pr-row" }, ...buttons, button("Reset", () => this.reset())), this.bar, this.status, this.replies);
      this.busy(false);
    }

    busy(on) {
      this.stop.disabled = !on;
      this.place.setAttribute("aria-busy", String(on));
    }

    say(text, ...replies) {
      this.status.textContent = text;
      this.replies.replaceChildren(...replies);
    }

    keep(source) {
      const before = kept.read(this.bench.topic)[this.name];
      const untouched = source === this.answer.source;
      const entry = { source, text: !this.answer.code, ...(before?.verdict ? { verdict: before.verdict, stale: true } : {}) };
      kept.write(this.bench.topic, this.name, untouched ? null : entry);
    }

    reset() {
      if (this.editor.text === this.answer.source || confirm("Put the cell back as it came? Your answer to this task is lost.")) {
        this.editor.text = this.answer.source;
        this.say("The cell is as it came.");
      }
    }

    /** Show how far Python is, until it is ready. */
    watch() {
      this.bench.python.tell = (share, text) => {
        this.bar.hidden = share >= 0.999;
        this.bar.value = share;
        if (this.status.textContent !== text && !this.bar.hidden) this.status.textContent = text;
      };
    }

    async ask(kind, finish) {
      if (this.place.getAttribute("aria-busy") === "true") return;
      this.busy(true);
      this.watch();
      this.say(STARTING);
      try {
        await this.bench.python.ready();
        this.bar.hidden = true;
        this.say("Running …");
        finish(await this.bench.python.ask(kind, this.bench.request(this)));
      } catch (error) {
        this.bar.hidden = true;
        this.say(error.message);
      }
      this.busy(false);
    }

    run() {
      return this.ask("run", (reply) => {
        const quiet = "It ran, and shows nothing: end the cell with a call, such as one of the task's example, to see a result.";
        const fine = reply.shown.length ? "It ran." : quiet;
        this.say(reply.error ? sentence(reply.error) : fine, ...output(reply));
      });
    }

    check() {
      return this.ask("check", (reply) => {
        this.say(verdict(reply), ...checked(reply, this.bench.sections));
        const { topic } = this.bench;
        const all = reply.outcome?.criteria ?? [];
        const found = all.length && reply.outcome.answered
          ? { met: all.filter((one) => one.met).length, of: all.length, mistake: reply.outcome.mistake?.name ?? null } : null;
        if (found) kept.write(topic, this.name, { source: this.editor.text, verdict: found });
      });
    }
  }

  /* ---- The page ---- */

  /** All tasks of a page. */
  class Workbench {
    constructor(topic, { notebook, sections }, text) {
      Object.assign(this, { topic, sections, notebook: new book.Notebook(notebook), tasks: new Map(), python: new Python(text) });
    }

    /** Open the editor of a task, and begin to load Python for it. */
    open(place) {
      const task = new Task(this, place, this.notebook.answer(place.dataset.task));
      this.tasks.set(task.name, task);
      task.editor.focus();
      if (!task.answer.code) {
        if (task.editor.text === task.answer.source) task.editor.select(); // what is typed takes its place
        return;
      }
      task.watch();
      task.say(kept.works ? "" : "This browser keeps nothing for this page: download your notebook before you leave it.");
      this.python.ready().then(() => { task.bar.hidden = true; task.say("Python is ready."); }, (error) => task.say(error.message));
    }

    /** Return the answer to a task as it stands: in its editor, kept, or as released. */
    source({ name, source }) {
      return this.tasks.get(name)?.editor.text ?? kept.read(this.topic)[name]?.source ?? source;
    }

    /** Return what Python is asked about a task: its answer after the setup and the answers before it. */
    request({ name, answer }) {
      const codes = this.notebook.answers.filter((one) => one.code);
      const earlier = codes.slice(0, codes.findIndex((one) => one.name === name));
      return {
        task: name, setup: this.notebook.setup, source: this.source(answer), check: answer.check,
        before: earlier.map((one) => this.source(one)),
      };
    }

    /** Save the notebook with the answers; return what to say. */
    download() {
      const changed = this.notebook.answers.filter((one) => this.source(one) !== one.source);
      const text = this.notebook.filled(Object.fromEntries(changed.map((one) => [one.name, this.source(one)])));
      const href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
      make("a", { href, download: `${this.topic}.ipynb` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60000);
      const names = changed.map((one) => one.name).join(", ");
      return `${this.topic}.ipynb was saved ${changed.length ? `with your answers: ${names}` : "as it was released: nothing is answered yet"}.`;
    }

    /** Take the answers out of a notebook; return what to say. */
    take(text, name) {
      const found = Object.entries(this.notebook.answersIn(text, name))
        .filter(([task, source]) => source !== this.notebook.answer(task).source);
      if (found.length === 0) return `${name} holds no answers yet: nothing was changed.`;
      if (Object.keys(kept.read(this.topic)).length && !confirm("Replace the answers of this page by those of the notebook?")) return "Nothing was changed.";
      for (const [task, source] of found) {
        const open = this.tasks.get(task);
        if (open) open.editor.text = source;
        else kept.write(this.topic, task, { source, text: !this.notebook.answer(task).code });
      }
      return `The answers of ${name} are here: ${found.map(([task]) => task).join(", ")}.`;
    }

    /** Put all editors back; what is kept is gone already. */
    forgotten() {
      for (const task of this.tasks.values()) {
        task.editor.text = task.answer.source;
        task.say("");
      }
    }
  }

  let opened = null;
  /** Return the page's workbench. */
  book.workbench = (topic) => {
    opened ??= (async () => {
      const text = await read(bytesOf(await load(`topics/${topic}.js`)));
      const bench = new Workbench(topic, JSON.parse(text), text);
      addEventListener("practice-forgotten", () => bench.forgotten());
      return bench;
    })();
    opened.catch(() => { opened = null; });
    return opened;
  };
})((globalThis.convolutions ??= {}));
