/* Three kernels: one photograph, three kernels of nine elements, and the sum under a window that is dragged. */
(function (book) {
  "use strict";

  const { box_blur, corr2d, largest, matrix, shape, sharpen, sobel } = book.core;
  const { Explorer, Grid, arrows, clamp, gray, h, paint, panel, photograph, signed, signedLook, write } = book;
  const IMAGES = { camera: "camera", coffee: "coffee", brick: "bricks" };
  const SIDE = 3; // of all three kernels

  /** Return the colors of an output of signs, which saturate at 0.7 times the largest magnitude. */
  function signs(Y) {
    const limit = 0.7 * largest(Y);
    return (y) => signed(y, limit);
  }

  /** What the page calls each kernel, its elements, and the colors of its output. */
  const KERNELS = {
    blur: ["blur", box_blur(SIDE), () => (y) => gray(y)],
    sharpen: ["sharpen", sharpen(), () => (y) => gray(y)],
    edges: ["vertical edges", sobel()[1], signs],
  };
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  const factor = (k) => (k < 0 ? `(${write(k)})` : write(k));

  class ThreeKernels extends Explorer {
    start() {
      return { image: "camera", kernel: "edges", row: 29, column: 67 };
    }

    /** Keep the window, named by its middle pixel, on the photograph. */
    tidy(state) {
      if (!(state.image in IMAGES)) state.image = "camera";
      if (!(state.kernel in KERNELS)) state.kernel = "edges";
      if (this.shown !== state.image) this.load(state.image);
      const [rows, columns] = shape(this.X);
      state.row = clamp(Math.round(state.row), 1, rows - 2);
      state.column = clamp(Math.round(state.column), 1, columns - 2);
    }

    load(image) {
      this.shown = image;
      this.painted = false;
      this.X = photograph(image);
      this.outputs = Object.fromEntries(Object.entries(KERNELS).map(([key, [, K]]) => [key, corr2d(this.X, K)]));
    }

    build(body) {
      this.photograph = h("canvas", { role: "application", tabindex: 0,
        keydown: arrows((down, right) => this.set({ row: this.state.row + down, column: this.state.column + right })) });
      this.handle = h("span", { class: "ex-handle" });
      this.pictures = Object.fromEntries(Object.entries(KERNELS).map(([key, [name]]) => [key, this.picture(key, name)]));
      this.pixels = new Grid({ name: "pixels under the window" });
      this.elements = new Grid({ name: "kernel" });
      const names = Object.fromEntries(Object.entries(KERNELS).map(([key, [name]]) => [key, name]));
      body.append(
        h("div", { class: "ex-gallery" },
          panel("Photograph", this.draggable(h("div", { class: "ex-picture" }, this.photograph, this.handle), 0)),
          Object.values(this.pictures).map((each) => each.panel)),
        h("div", { class: "ex-controls" }, this.radios("worked out below", "kernel", names), this.select("photograph", "image", IMAGES)),
        h("div", { class: "ex-panels ex-sum" }, panel("Pixels under the window", this.pixels.element),
          panel("Kernel", this.elements.element), this.readout));
    }

    /** Return the panel of an output; a press there chooses its kernel and a place. */
    picture(key, name) {
      const [canvas, spot] = [h("canvas", { role: "img" }), h("span", { class: "ex-spot" })];
      const frame = this.draggable(h("div", { class: "ex-picture" }, canvas, spot), 1, { kernel: key });
      return { canvas, spot, panel: panel(capital(name), frame) };
    }

    /** Let a pointer that is pressed on a picture carry the window; `border` pixels are missing at its edge. */
    draggable(frame, border, also = {}) {
      const move = (event) => {
        if (!event.buttons) return;
        const box = frame.querySelector("canvas").getBoundingClientRect();
        const [rows, columns] = shape(this.X).map((n) => n - 2 * border);
        this.set({ ...also, row: border + Math.floor(((event.clientY - box.top) / box.height) * rows),
          column: border + Math.floor(((event.clientX - box.left) / box.width) * columns) });
      };
      frame.addEventListener("pointerdown", (event) => { frame.setPointerCapture(event.pointerId); move(event); });
      frame.addEventListener("pointermove", move);
      return frame;
    }

    draw() {
      const { image, kernel, row, column } = this.state;
      if (!this.painted) this.paintAll(image);
      const [rows, columns] = shape(this.X);
      Object.assign(this.handle.style, { top: `${(100 * (row + 0.5)) / rows}%`, left: `${(100 * (column + 0.5)) / columns}%` });
      this.photograph.setAttribute("aria-label",
        `The photograph ${IMAGES[image]}, ${rows} by ${columns} pixels; the window is at row ${row}, column ${column}; arrow keys move it`);
      for (const [key, { spot, panel: part }] of Object.entries(this.pictures)) {
        Object.assign(spot.style, { top: `${(100 * (row - 1)) / (rows - 2)}%`, left: `${(100 * (column - 1)) / (columns - 2)}%` });
        part.classList.toggle("ex-chosen", key === kernel);
      }
      const pixels = matrix(SIDE, SIDE, (a, b) => this.X[row - 1 + a][column - 1 + b]);
      const K = KERNELS[kernel][1];
      this.pixels.show(pixels, (a, b) => ({ fill: gray(pixels[a][b]) }));
      this.elements.show(K, signedLook(K));
      this.say(this.sentence(pixels.flat(), K.flat()));
    }

    paintAll(image) {
      this.painted = true;
      paint(this.photograph, this.X, (x) => gray(x));
      for (const [key, [name, , colors]] of Object.entries(KERNELS)) {
        const Y = this.outputs[key];
        paint(this.pictures[key].canvas, Y, colors(Y));
        this.pictures[key].canvas.setAttribute("aria-label", `The photograph ${IMAGES[image]} under the kernel: ${name}`);
      }
    }

    /** Write out the sum at the window, and what of it the picture cannot show. */
    sentence(x, k) {
      const { kernel, row, column } = this.state;
      const y = this.outputs[kernel][row - 1][column - 1];
      const sum = kernel === "blur" ? `(${x.map((each) => write(each)).join(" + ")}) / ${x.length}`
        : x.flatMap((each, i) => (k[i] === 0 ? [] : [`${factor(k[i])}·${write(each)}`])).join(" + ");
      const shown = kernel === "edges" || y === clamp(y, 0, 1) ? "" : ` Shown as ${clamp(y, 0, 1) ? "white" : "black"}.`;
      const side = y > 0 ? "brighter on the right, so red" : "brighter on the left, so blue";
      const edge = kernel !== "edges" ? "" : Math.abs(y) < 5e-3 ? " As bright on both sides." : ` It is ${side}.`;
      return `${capital(KERNELS[kernel][0])}, row ${row}, column ${column}: ${sum} ≈ ${write(y, 2, 5e-3)}.${shown}${edge}`;
    }
  }

  window.customElements.define("three-kernels", ThreeKernels);
})(globalThis.convolutions);
