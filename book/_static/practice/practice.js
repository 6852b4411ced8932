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
    return `${met} of ${of} criteria met${mistake ? `, looks like “${mistake.replaceAll("`", "")}”` : ""}${when}`;
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

  /** Add a line that a screen reader is told of whenever it changes; return a function that does. */
  function status(place) {
    const line = make("p", { class: "pr-status", role: "status" });
    place.append(line);
    return (text) => { line.textContent = text; };
  }

  /** Have a button of an element do something. */
  const does = (place, name, act) => place.querySelector(`[data-does=${name}]`).addEventListener("click", act);

  /** One task: a button that opens the editor, and what is kept of the task. */
  class PracticeTask extends HTMLElement {
    connectedCallback() {
      const { topic, task } = this.dataset;
      const [button, says] = [this.querySelector("button"), this.querySelector(".pr-state")];
      const words = [button.textContent, says.textContent];
      const show = () => {
        const entry = kept.read(topic)[task];
        const now = entry ? ["Go on with your answer", `On this device: ${state(entry)}.`] : words;
        [button.textContent, says.textContent] = now;
      };
      this.tell = status(this);
      show();
      addEventListener("practice-kept", show);
      does(this, "open", () => this.open(button));
    }

    async open(button) {
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      this.tell("Loading the editor …");
      try {
        (await workbench(this.dataset.topic)).open(this);
      } catch (error) {
        this.tell(error.message);
        button.removeAttribute("aria-disabled");
      }
    }
  }

  /** The notebook as a whole: download with the answers, load one again, forget everything. */
  class PracticeNotebook extends HTMLElement {
    connectedCallback() {
      const file = make("input", { type: "file", accept: ".ipynb", hidden: true, change: () => this.take(file) });
      this.append(file);
      this.tell = status(this);
      does(this, "download", () => this.ask((bench) => bench.download()));
      does(this, "load", () => file.click());
      does(this, "forget", () => forget(this));
    }

    /** Ask the workbench for something, and say what it answers. */
    async ask(act) {
      try {
        this.tell(await act(await workbench(this.dataset.topic)));
      } catch (error) {
        this.tell(error.message);
      }
    }

    take(input) {
      const [chosen] = input.files;
      if (chosen) this.ask(async (bench) => bench.take(await chosen.text(), chosen.name));
      input.value = "";
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
      const show = () => this.querySelectorAll("td[data-task]").forEach((cell) => {
        cell.textContent = state(kept.read(cell.dataset.topic)[cell.dataset.task]);
      });
      this.tell = status(this);
      show();
      does(this, "forget", () => forget(this));
      addEventListener("practice-kept", show);
      addEventListener("storage", show);
    }
  }

  Object.assign(book, { practice: { kept, load, make, state } });
  customElements.define("practice-task", PracticeTask);
  customElements.define("practice-notebook", PracticeNotebook);
  customElements.define("practice-progress", PracticeProgress);
})((globalThis.convolutions ??= {}));
