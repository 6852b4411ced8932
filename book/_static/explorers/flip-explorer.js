/* The flip explorer: correlation, convolution, a one-axis flip and a transpose of the same kernel. */
(function (book) {
  "use strict";

  const { corr2d, flip, flip_columns, largest, matrix, noise, shape, sobel, solve_kernel, transpose } = book.core;
  const { Explorer, Grid, clamp, gray, h, paint, panel, photograph, signed, signedLook, write } = book;
  const LESSON = noise(9, 9, 5); // a random image: it tells all kernels apart

  /** What each operation lays on the image where it is given K; each is its own inverse. */
  const OPERATIONS = {
    correlation: ["correlation", "K as it is", (K) => K],
    convolution: ["convolution", "flipped on both axes", flip],
    mirror: ["one-axis flip", "columns reversed", flip_columns],
    transpose: ["transpose", "rows made columns", transpose],
  };
  const KERNELS = {
    L: ["the chapter's L", [[1, 0], [2, 0], [3, 4]]],
    numbers: ["0 to 3", [[0, 1], [2, 3]]],
    edge: ["[1, −1]", [[1, -1]]],
    sobel: ["Sobel, right", sobel()[1]],
    cross: ["a symmetric cross", [[0, 1, 0], [1, 2, 1], [0, 1, 0]]],
    custom: ["elements of your own", null],
  };
  const IMAGES = { camera: "camera", brick: "bricks", coffee: "coffee" };

  const text = (K) => `[${K.map((row) => `[${row.map((x) => write(x, 2)).join(", ")}]`).join(", ")}]`;
  const equal = (A, B) => A.length === B.length && A[0].length === B[0].length
    && A.every((row, i) => row.every((x, j) => Math.abs(x - B[i][j]) < 1e-9));

  /** Return a fitted kernel without what is rounding beside its largest element. */
  const exact = (K) => K.map((row) => row.map((x) => (Math.abs(x) > 1e-9 * largest(K) ? x : 0)));

  class FlipExplorer extends Explorer {
    start() {
      return { kernel: "L", K: KERNELS.L[1], image: "camera", row: 2, column: 3 };
    }

    tidy(state) {
      if (!(state.kernel in KERNELS)) state.kernel = "L";
      if (!(state.image in IMAGES)) state.image = "camera";
      if (KERNELS[state.kernel][1]) state.K = KERNELS[state.kernel][1];
      if (!state.K[0]?.length || state.K.length > 3 || state.K[0].length > 3) state.K = KERNELS.L[1];
      state.row = clamp(Math.round(state.row), 0, 4);
      state.column = clamp(Math.round(state.column), 0, 5);
    }

    build(body) {
      const names = Object.fromEntries(Object.entries(KERNELS).map(([key, [name]]) => [key, name]));
      this.kernel = new Grid({ name: "K", onEdit: (a, b, x) => this.edit(a, b, x) });
      this.impulse = new Grid({ name: "impulse", onPick: (row, column) => this.set({ row, column }) });
      this.cards = Object.entries(OPERATIONS).map(([key, [name, how, move]]) => this.card(key, name, how, move));
      body.append(h("div", { class: "ex-controls" }, this.select("kernel", "kernel", names), this.select("image", "image", IMAGES)),
        h("div", { class: "ex-panels" }, panel("Kernel K, which all four are given", this.kernel.element),
          panel("Impulse (choose where it is)", this.impulse.element)),
        this.readout, h("div", { class: "ex-cards" }, this.cards.map((card) => card.element)));
    }

    card(key, name, how, move) {
      const [laid, answer, learned] = ["laid on the image", "answer to the impulse", "learned kernel"].map((part) =>
        new Grid({ name: `${name}, ${part}` }));
      const canvas = h("canvas", { role: "img" });
      const element = h("div", { class: "ex-card", "data-operation": key, role: "group", "aria-label": name },
        h("p", { class: "ex-heading" }, name), panel(`laid on the image: ${how}`, laid.element),
        panel("answer to the impulse", answer.element), panel("answer to the image", h("div", { class: "ex-picture" }, canvas)),
        panel("the kernel it learns where correlation learns K", learned.element));
      return { key, name, move, laid, answer, learned, canvas, element };
    }

    edit(a, b, value) {
      const K = this.state.K.map((row) => [...row]);
      K[a][b] = value;
      this.set({ kernel: "custom", K });
    }

    draw() {
      const { K, row, column, image } = this.state;
      const impulse = matrix(5, 6, (i, j) => Number(i === row && j === column));
      const picture = photograph(image);
      this.kernel.show(K, signedLook(K));
      this.impulse.show(impulse, (i, j) => ({ on: impulse[i][j] === 1, extra: impulse[i][j] ? "ex-inside" : "",
        label: `row ${i}, column ${j}` }));
      this.fitted = exact(solve_kernel(LESSON, corr2d(LESSON, K), shape(K)));
      this.cards.forEach((card) => this.drawCard(card, impulse, picture));
      this.say(this.sentence());
    }

    drawCard({ name, move, laid, answer, learned, canvas }, impulse, picture) {
      const kernel = move(this.state.K);
      const response = corr2d(impulse, kernel);
      const output = corr2d(picture, kernel);
      const kernelLearned = move(this.fitted);
      const [low, most] = [Math.min(...output.flat()), largest(output)];
      laid.show(kernel, signedLook(kernel));
      answer.show(response, signedLook(response));
      learned.show(kernelLearned, signedLook(kernelLearned));
      paint(canvas, output, low < 0 ? (y) => signed(y, 0.7 * most) : (y) => gray(y, low, most));
      canvas.setAttribute("aria-label", `The image ${this.state.image} under ${name}, ${low < 0 ? "red positive, blue negative" : "in grays"}`);
    }

    /** Say which operations agree on this kernel, and what a convolutional layer learns. */
    sentence() {
      const { K } = this.state;
      const same = this.cards.slice(1).filter(({ move }) => equal(move(K), K)).map(({ name }) => name);
      const agree = same.length ? `For this kernel correlation gives the same as: ${same.join(", ")}.`
        : "For this kernel none of the other three gives what correlation gives.";
      return `${agree} Where correlation learns ${text(K)}, convolution learns ${text(flip(this.fitted))}; the outputs are equal.`;
    }
  }

  window.customElements.define("flip-explorer", FlipExplorer);
})(globalThis.convolutions);
