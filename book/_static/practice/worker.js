/* What runs in the worker: Python, made from parts that the page hands over, and its session. The
   page makes the worker from this function's text, because one opened from a folder may load none. */
(globalThis.convolutions ??= {}).worker = function () {
  "use strict";

  const MEMORY = 512 * 2 ** 20; // bytes that Python may take
  const PAGE = 2 ** 16; // bytes, of WebAssembly
  const NOWHERE = "https://nowhere.invalid/"; // nothing is asked of it: `fetch` answers for its files
  let session;

  /** Have Pyodide find its files in what was handed over, take this worker for a module, and stay small. */
  function prepare({ stdlib, module }) {
    self.importScripts = () => { throw new TypeError("scripts come as modules here"); };
    self.fetch = async (address) => new Response(String(address).endsWith(".zip") ? stdlib : null);
    WebAssembly.instantiateStreaming = async (_, imports) => (
      { module, instance: await WebAssembly.instantiate(module, imports) });
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = function (pages) {
      if (this.buffer.byteLength + pages * PAGE > MEMORY) throw new RangeError("more memory than the page gives");
      return grow.call(this, pages);
    };
  }

  const imported = (source) => import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));

  async function start(parts) {
    prepare(parts);
    const [{ loadPyodide }, { default: createPyodideModule }] =
      await Promise.all([imported(parts.loader), imported(parts.runtime)]);
    postMessage({ stage: 1 });
    const python = await loadPyodide({
      indexURL: NOWHERE, stdLibURL: `${NOWHERE}python_stdlib.zip`, createPyodideModule,
      lockFileContents: parts.lock, convertNullToNone: true,
    });
    postMessage({ stage: 2 });
    const root = "/home/practice";
    for (const [path, text] of Object.entries(JSON.parse(parts.sources))) {
      python.FS.mkdirTree(`${root}/${path}`.replace(/\/[^/]*$/, ""));
      python.FS.writeFile(`${root}/${path}`, text);
    }
    python.runPython(`import sys; sys.path.insert(0, "${root}")`);
    session = python.pyimport("practice.session");
    session.beats(() => postMessage({ beat: true }));
    for (const topic of parts.topics) session.load(topic);
    for (const name of ["XMLHttpRequest", "WebSocket", "EventSource"]) self[name] = undefined; // nothing leaves the device
    postMessage({ stage: 3 });
  }

  onmessage = async ({ data }) => {
    try {
      if (data.parts) await start(data.parts);
      else postMessage({ id: data.id, reply: session[data.kind](data.text) });
    } catch (error) {
      const failed = String(error?.message ?? error);
      // What Python raises leaves it whole; whatever else comes, does not.
      postMessage({ id: data.id, [data.id && error?.name === "PythonError" ? "failed" : "broken"]: failed });
    }
  };
};
