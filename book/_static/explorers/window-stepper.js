/* The window stepper: an image, a kernel, and the sum at each position of the window. */
(function (book) {
  "use strict";

  const { conv2d_general, matrix, output_shape, pad, positions_read, range, shape, toeplitz, unread } = book.core;
  const { Explorer, Grid, allow, arrows, clamp, css, grayLook, h, letters, panel, s, signed, write } = book;
  const CELL = 26; // of the Toeplitz matrix, in pixels

  /** Write a factor, a negative one in brackets. */
  const factor = (x) => (x < 0 ? `(${write(x)})` : write(x));

  /** Keep a matrix's elements where the new size has them, fill the rest. */
  const resize = (X, height, width, fill) => matrix(height, width, (i, j) => X[i]?.[j] ?? fill(i, j));

  class WindowStepper extends Explorer {
    start() {
      return { height: 3, width: 3, kernel_height: 2, kernel_width: 2, X: [[0, 1, 2], [3, 4, 5], [6, 7, 8]],
        K: [[0, 1], [2, 3]], bias: 0, padding: 0, stride: 1, dilation: 1, position: 0 };
    }

    tidy(state) {
      const limits = { height: [1, 9], width: [1, 9], kernel_height: [1, 5], kernel_width: [1, 5],
        padding: [0, 2], stride: [1, 4], dilation: [1, 3] };
      for (const [key, [low, high]] of Object.entries(limits)) {
        state[key] = clamp(Math.round(state[key]), low, high);
      }
      if (state.X.length !== state.height || state.X[0]?.length !== state.width) this.pixel = null;
      state.X = resize(state.X, state.height, state.width, (i, j) => (3 * i + 5 * j) % 10);
      state.K = resize(state.K, state.kernel_height, state.kernel_width, () => 1);
      this.solve(state);
      state.position = clamp(Math.round(state.position), 0, Math.max(0, this.count - 1));
    }

    /** Compute the output, or the sentence that says why there is none. */
    solve({ X, K, bias, padding, stride, dilation }) {
      this.error = null;
      try {
        this.size = output_shape(shape(X), shape(K), padding, stride, dilation);
        this.Y = conv2d_general(X, K, padding, stride, dilation).map((row) => row.map((y) => y + bias));
        this.count = this.size[0] * this.size[1];
        this.axes = [0, 1].map((axis) =>
          positions_read(shape(X)[axis], shape(K)[axis], { padding, stride, dilation }));
      } catch (error) {
        Object.assign(this, { error: error.message, size: [0, 0], Y: null, count: 0, axes: [[], []] });
      }
    }

    build(body) {
      this.pixel = null;
      this.image = new Grid({ name: "X", onEdit: (i, j, x) => this.edit("X", i - this.state.padding, j - this.state.padding, x),
        onFocus: (i, j) => this.point(i, j) });
      this.kernel = new Grid({ name: "K", onEdit: (a, b, x) => this.edit("K", a, b, x) });
      this.output = new Grid({ name: "Y", onPick: (i, j) => this.go(i * this.size[1] + j) });
      this.formula = h("div", { class: "ex-formula" });
      this.matrix = this.buildMatrix();
      this.matrixPanel = panel("Toeplitz matrix T: a row for each output, a column for each pixel", this.matrix);
      body.append(this.controls(), this.steps(),
        h("div", { class: "ex-panels" }, panel("Image X", this.image.element),
          panel("Kernel K", this.kernel.element), panel("Output Y", this.output.element)),
        this.readout, panel("Size of the output", this.formula), this.matrixPanel);
    }

    controls() {
      const number = (...args) => this.number(...args);
      return h("div", { class: "ex-controls" },
        number("image height", "height", { min: 1, max: 9 }), number("image width", "width", { min: 1, max: 9 }),
        number("kernel height", "kernel_height", { min: 1, max: 5 }), number("kernel width", "kernel_width", { min: 1, max: 5 }),
        number("padding p", "padding", { min: 0, max: 2 }), number("stride s", "stride", { min: 1, max: 4 }),
        number("dilation d", "dilation", { min: 1, max: 3 }), number("bias u", "bias", { min: -99, max: 99 }));
    }

    steps() {
      const button = (text, label, act) => this.button(text, act, { "aria-label": label });
      this.player = button("▶ Play", "Play", () => this.play());
      this.back = [button("|◀", "First position", () => this.go(0)), button("◀", "Previous position", () => this.go(this.state.position - 1))];
      this.on = [button("▶", "Next position", () => this.go(this.state.position + 1)), button("▶|", "Last position", () => this.go(this.count - 1))];
      return h("div", { class: "ex-steps" }, this.back, this.player, this.on);
    }

    /** Let those buttons work that lead somewhere; the others say why not. */
    drawSteps() {
      const { position } = this.state;
      const none = this.error ? "There is no output" : null;
      const only = this.count === 1 ? "There is one position alone" : null;
      this.back.forEach((button) => allow(button, none ?? only ?? (position === 0 ? "This is the first position" : null)));
      this.on.forEach((button) => allow(button, none ?? only ?? (position === this.count - 1 ? "This is the last position" : null)));
      allow(this.player, none ?? only);
    }

    edit(name, i, j, value) {
      const changed = this.state[name].map((row) => [...row]);
      changed[i][j] = value;
      this.set({ [name]: changed });
    }

    go(position) {
      this.pixel = null;
      this.set({ position });
    }

    /** Step on by itself until the last position, or until told to pause. */
    play() {
      const playing = this.timer !== undefined;
      window.clearInterval(this.timer);
      this.timer = undefined;
      if (!playing && this.count > 1) {
        if (this.state.position === this.count - 1) this.go(0);
        this.timer = window.setInterval(() => {
          this.go(this.state.position + 1);
          if (this.state.position >= this.count - 1) this.play();
        }, 900);
      }
      const text = this.timer === undefined ? "Play" : "Pause";
      this.player.textContent = `${text === "Play" ? "▶" : "❚❚"} ${text}`;
      this.player.setAttribute("aria-label", text);
    }

    /** Start from the beginning, standing still. */
    reset() {
      if (this.timer !== undefined) this.play();
      this.pixel = null;
      super.reset();
    }

    /** Show what pixel (i, j) of the padded image feeds; without a pixel, the window alone. */
    point(i, j) {
      const [row, column] = [i - this.state.padding, j - this.state.padding];
      const inside = row >= 0 && row < this.state.height && column >= 0 && column < this.state.width;
      this.pixel = i !== null && inside ? row * this.state.width + column : null;
      this.draw();
    }

    draw() {
      const { X, K, padding, dilation } = this.state;
      const at = Math.min(this.hovered ?? this.state.position, Math.max(0, this.count - 1));
      this.row = Math.floor(at / this.size[1]);
      this.column = at % this.size[1];
      this.T = this.error ? null : toeplitz(K, shape(X), padding, this.state.stride, dilation);
      this.drawImage(pad(X, padding));
      this.kernel.show(K);
      this.drawSteps();
      this.drawOutput();
      this.drawFormula();
      this.drawMatrix(at);
      this.say(this.error ? `No output: ${this.error}.` : this.sentence());
    }

    drawImage(padded) {
      const { K, padding, height, width } = this.state;
      const look = grayLook(padded);
      const [rows, columns] = this.axes.map((axis) => new Set(axis.flat().map((x) => x + padding)));
      const window_ = this.axes.map((axis, a) => axis[[this.row, this.column][a]] ?? []);
      this.image.show(padded, (i, j) => {
        const [a, b] = [window_[0].indexOf(i - padding), window_[1].indexOf(j - padding)];
        const locked = i < padding || j < padding || i >= padding + height || j >= padding + width;
        const inside = a >= 0 && b >= 0;
        const marks = [locked && "ex-padding", inside && "ex-inside",
          !this.error && !(rows.has(i) && columns.has(j)) && "ex-unread",
          this.pixel === (i - padding) * width + j - padding && !locked && "ex-pointed"];
        const place = locked ? "padding" : `X row ${i - padding}, column ${j - padding}`;
        return { ...(locked ? {} : look(i, j)), extra: marks.filter(Boolean).join(" "), locked,
          corner: inside ? `×${write(K[a][b], 1)}` : "", label: `${place}: ${write(padded[i][j])}` };
      });
    }

    drawOutput() {
      const Y = this.Y ?? [[NaN]];
      this.output.element.hidden = this.error !== null;
      this.output.show(Y, (i, j) => {
        const current = i === this.row && j === this.column;
        const fed = this.pixel !== null && !this.error && this.reads(i * this.size[1] + j, this.pixel);
        return { extra: `${current ? "ex-inside" : ""} ${fed ? "ex-pointed" : ""}`, on: current };
      });
      const [i, j] = this.error ? [0, 0] : [this.row, this.column];
      if (!this.output.element.contains(document.activeElement)) this.output.at = [i, j];
      this.output.cells.forEach((row, a) => row.forEach((cell, b) => { cell.tabIndex = a === i && b === j ? 0 : -1; }));
    }

    /** Write the size formula with the numbers of each axis, and what is left over. */
    drawFormula() {
      const { X, K, padding: p, stride, dilation: d } = this.state;
      const lines = ["height", "width"].map((name, axis) => {
        const [n, k] = [shape(X)[axis], shape(K)[axis]];
        const options = { padding: p, stride, dilation: d };
        const rest = this.error ? 0 : unread(n, k, options);
        return h("div", {}, h("b", {}, name), ` ⌊(${n} + 2·${p} − ${d}·(${k} − 1) − 1) / ${stride}⌋ + 1 = `,
          h("strong", {}, this.error ? "none" : String(this.size[axis])),
          rest ? h("span", { class: "ex-rest" }, ` remainder ${rest}, never read`) : null);
      });
      this.formula.replaceChildren(...lines);
    }

    /** Return the current sum, written out, and what the pointed pixel feeds. */
    sentence() {
      const { X, K, bias } = this.state;
      const [rows, columns] = [this.axes[0][this.row], this.axes[1][this.column]];
      const terms = rows.flatMap((i, a) => columns.map((j, b) =>
        `${factor(X[i]?.[j] ?? 0)}·${factor(K[a][b])}`));
      const sum = terms.join(" + ") + (bias ? ` + ${factor(bias)}` : "");
      const text = `Y[${this.row}, ${this.column}] = ${sum} = ${write(this.Y[this.row][this.column])}`;
      return this.pixel === null ? text : `${text}. ${this.feeds()}`;
    }

    feeds() {
      const fed = range(this.count).filter((p) => this.reads(p, this.pixel));
      const outputs = fed.map((p) => `Y[${Math.floor(p / this.size[1])}, ${p % this.size[1]}]`);
      const [i, j] = [Math.floor(this.pixel / this.state.width), this.pixel % this.state.width];
      return `X[${i}, ${j}] feeds ${outputs.length ? outputs.join(", ") : "no output"}`;
    }

    /** Return whether window `p` covers a pixel, whatever the kernel's element there is. */
    reads(p, pixel) {
      const [i, j] = [Math.floor(pixel / this.state.width), pixel % this.state.width];
      return this.axes[0][Math.floor(p / this.size[1])].includes(i) && this.axes[1][p % this.size[1]].includes(j);
    }

    /* ---- The Toeplitz matrix ---- */

    buildMatrix() {
      this.elements = s("g");
      this.band = s("rect", { class: "ex-band" });
      this.post = s("rect", { class: "ex-post" });
      const svg = s("svg", { class: "ex-matrix", role: "application", tabindex: 0 }, this.elements, this.band, this.post);
      svg.addEventListener("pointermove", (event) => this.hover(event));
      svg.addEventListener("pointerleave", () => { this.hovered = undefined; this.pixel = null; this.draw(); });
      svg.addEventListener("click", (event) => { this.hover(event); this.set({ position: this.hovered }); });
      svg.addEventListener("keydown", arrows((down, right) => {
        const pixels = this.state.height * this.state.width;
        if (right) this.pixel = clamp((this.pixel ?? -1) + right, 0, pixels - 1);
        this.set({ position: this.state.position + down });
      }));
      return svg;
    }

    hover(event) {
      if (this.error) return;
      const box = this.matrix.getBoundingClientRect();
      const [rows, columns] = shape(this.T);
      this.hovered = clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1);
      this.pixel = clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), 0, columns - 1);
      this.draw();
    }

    drawMatrix(at) {
      this.matrixPanel.hidden = this.error !== null;
      if (this.error) return;
      const [rows, columns] = shape(this.T);
      this.drawElements(rows, columns);
      const here = [Math.floor(at / this.size[1]), at % this.size[1]];
      this.matrix.setAttribute("aria-label", `Toeplitz matrix, ${rows} by ${columns}; row ${at} is Y[${here.join(", ")}]. `
        + "Arrow keys up and down choose the output, left and right the pixel.");
      const set = (rect, x, y, width, height) => Object.entries({ x, y, width, height }).forEach(([k, v]) => rect.setAttribute(k, v));
      set(this.band, 0, at * CELL, columns * CELL, CELL);
      set(this.post, (this.pixel ?? 0) * CELL, 0, CELL, rows * CELL);
      this.post.classList.toggle("ex-hidden", this.pixel === null);
    }

    /** Draw the elements anew if the matrix is another one. */
    drawElements(rows, columns) {
      const text = JSON.stringify(this.T);
      if (text === this.drawn) return;
      this.drawn = text;
      this.matrix.setAttribute("viewBox", `-1 -1 ${columns * CELL + 2} ${rows * CELL + 2}`);
      this.matrix.style.maxWidth = `${columns * CELL}px`;
      const limit = 1.6 * Math.max(...this.state.K.flat().map(Math.abs));
      const cells = this.T.flatMap((row, i) => row.flatMap((x, j) => (this.reads(i, j) ? this.element(x, i, j, limit, columns) : [])));
      const lines = range(this.state.height + 1).map((k) => s("line", { class: "ex-block",
        x1: k * this.state.width * CELL, x2: k * this.state.width * CELL, y1: 0, y2: rows * CELL }));
      const rules = range(this.size[0] + 1).map((k) => s("line", { class: "ex-block",
        x1: 0, x2: columns * CELL, y1: k * this.size[1] * CELL, y2: k * this.size[1] * CELL }));
      this.elements.replaceChildren(...cells, ...lines, ...rules);
    }

    element(x, i, j, limit, columns) {
      const color = signed(x, limit);
      const rect = s("rect", { x: j * CELL, y: i * CELL, width: CELL, height: CELL, fill: css(color) });
      if (columns > 16) return [rect];
      return [rect, s("text", { x: (j + 0.5) * CELL, y: (i + 0.68) * CELL, fill: letters(color) }, write(x, 1))];
    }
  }

  window.customElements.define("window-stepper", WindowStepper);
})(globalThis.convolutions);
