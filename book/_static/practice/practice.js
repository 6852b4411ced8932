/* What a page of exercises has of the practice before anyone asks for it: a button below each task,
   the state of what is kept, and how scripts are loaded. All else comes when a button is pressed. */
(function (book) {
  "use strict";

  const HERE = new URL(".", document.currentScript.src);
  const KEY = "convolutions.practice.";
  const BENCH = ["../explorers/core.js", "../explorers/explorer.js", "parts.js", "editor.js", "worker.js", "python.js", "notebook.js", "workbench.js"];

  /* ---- What is kept ---- */

  const memory = {}; // where the browser keeps nothing

  /** Keeps answers by topic and task: {source, verdict: {met, of, mistake}, stale}. */
  const kept = {
    works: true,
    read(topic) {
      try {
        return JSON.parse(localStorage.getItem(KEY + topic)) ?? memory[topic] ?? {};
      } catch {
        return memory[topic] ?? {};
      }
    },
    write(topic, task, entry) {
      const all = { ...this.read(topic), [task]: entry };
      if (entry === null) delete all[task];
      memory[topic] = all;
      try {
        localStorage.setItem(KEY + topic, JSON.stringify(all));
      } catch {
        this.works = false;
      }
      dispatchEvent(new Event("practice-kept"));
    },
    forget() {
      for (const topic of Object.keys(memory)) delete memory[topic];
      try {
        Object.keys(localStorage).filter((key) => key.startsWith(KEY)).forEach((key) => localStorage.removeItem(key));
      } catch {
        this.works = false;
      }
      dispatchEvent(new Event("practice-kept"));
      dispatchEvent(new Event("practice-forgotten"));
    },
  };

  /** Say in a few words what is kept of a task. */
  function state(entry) {
    if (!entry) return "not answered";
    if (!entry.verdict) return entry.text ? "answered" : "answered, not checked";
    const { met, of, mistake } = entry.verdict;
    const when = entry.stale ? "; changed since" : "";
    return `${met} of ${of} criteria met${mistake ? `, looks like “${mistake}”` : ""}${when}`;
  }

  /* ---- Loading ---- */

  const loading = {};

  /** Load a script once; what it carries is in the property `file` of its element. */
  function load(name) {
    loading[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.onload = () => resolve(script.file);
      script.onerror = () => {
        delete loading[name];
        reject(new Error(`${name} could not be loaded: is the book's folder complete?`));
      };
      script.src = new URL(name, HERE);
      document.head.append(script);
    });
    return loading[name];
  }

  /** Load the editor and all that answers need, but for Python itself. */
  async function workbench(topic) {
    for (const name of BENCH) {
      await load(name).catch((error) => {
        if (name !== "editor.js") throw error; // there is a plain field in its place
      });
    }
    return book.workbench(topic);
  }

  /* ---- Elements ---- */

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  /** One task: a button that opens the editor, and what is kept of the task. */
  class PracticeTask extends HTMLElement {
    connectedCallback() {
      const { topic, task } = this.dataset;
      this.button = make("button", { type: "button", class: "pr-button pr-open", click: () => this.open() });
      this.state = make("span", { class: "pr-state" });
      this.status = make("p", { class: "pr-status", role: "status" });
      this.replaceChildren(make("p", { class: "pr-start" }, this.button, " ", this.state), this.status);
      const show = () => {
        const entry = kept.read(topic)[task];
        this.button.textContent = entry ? "Go on with your answer" : "Answer here";
        this.state.textContent = entry ? `On this device: ${state(entry)}.` : this.dataset.says;
      };
      show();
      addEventListener("practice-kept", show);
    }

    async open() {
      this.button.setAttribute("aria-disabled", "true");
      this.status.textContent = "Loading the editor …";
      try {
        const bench = await workbench(this.dataset.topic);
        this.status.textContent = "";
        bench.open(this);
      } catch (error) {
        this.status.textContent = error.message;
        this.button.removeAttribute("aria-disabled");
      }
    }
  }

  /** The notebook as a whole: download with the answers, load one again, forget everything. */
  class PracticeNotebook extends HTMLElement {
    connectedCallback() {
      const { topic } = this.dataset;
      const file = make("input", { type: "file", accept: ".ipynb", hidden: true, change: () => this.take(file) });
      this.status = make("p", { class: "pr-status", role: "status" });
      const button = (name, act) => make("button", { type: "button", class: "pr-button", click: act }, name);
      const row = make("div", { class: "pr-row" },
        button("Download my notebook", () => this.withBench((bench) => this.tell(bench.download()))),
        button("Load a notebook", () => file.click()), button("Forget everything", () => forget(this)), file);
      this.append(row, this.status);
      this.topic = topic;
    }

    tell(text) { this.status.textContent = text; }

    async withBench(act) {
      try {
        await act(await workbench(this.topic));
      } catch (error) {
        this.tell(error.message);
      }
    }

    take(input) {
      const [chosen] = input.files;
      input.value = "";
      if (chosen) this.withBench(async (bench) => this.tell(bench.take(await chosen.text(), chosen.name)));
    }
  }

  /** Forget all answers on this device, after a question. */
  function forget(place) {
    if (!confirm("Forget all your answers, of every assignment, on this device?")) return;
    kept.forget();
    place.tell("All answers on this device are forgotten.");
  }

  /** What is kept of each task of each assignment, in the overview. */
  class PracticeProgress extends HTMLElement {
    connectedCallback() {
      this.status = make("p", { class: "pr-status", role: "status" });
      this.append(make("div", { class: "pr-row" },
        make("button", { type: "button", class: "pr-button", click: () => forget(this) }, "Forget everything")), this.status);
      const show = () => this.querySelectorAll("td[data-task]").forEach((cell) => {
        cell.textContent = state(kept.read(cell.dataset.topic)[cell.dataset.task]);
      });
      show();
      this.hidden = false;
      addEventListener("practice-kept", show);
      addEventListener("storage", show);
    }

    tell(text) { this.status.textContent = text; }
  }

  Object.assign(book, { practice: { kept, load, make, state } });
  customElements.define("practice-task", PracticeTask);
  customElements.define("practice-notebook", PracticeNotebook);
  customElements.define("practice-progress", PracticeProgress);
})((globalThis.convolutions ??= {}));
