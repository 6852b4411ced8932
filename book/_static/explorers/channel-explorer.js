/* The channel explorer: an image of channels under 1×1 or 3×3 slices, their sum, and its pooling. */
(function (book) {
  "use strict";

  const { conv1x1, corr2d, corr2d_multi, layer_costs, matrix, pool2d, range, shape } = book.core;
  const { Explorer, Grid, clamp, grayLook, h, panel, signedLook, write } = book;
  const SIDE = 6; // of every channel, in pixels
  const MOST = 3; // channels
  const POOLED = 2; // side of a pooling window
  const POOLINGS = { none: "none", max: "maximum of 2×2", mean: "mean of 2×2" };

  const EDGE = matrix(3, 3, (_, b) => 1 - b);
  const ONES = matrix(3, 3, () => 1);
  const OPPOSED = [EDGE, EDGE.map((row) => row.map((x) => 0 - x)), matrix(3, 3, (a, b) => Number(a === 1 && b === 1))];
  const PRESETS = {
    opposed: ["edges, slices opposed", OPPOSED, [1, -1, 2]],
    alike: ["edges, slices alike", [EDGE, EDGE, EDGE], [1, 1, 1]],
    sum: ["sum of the window", [ONES, ONES, ONES], [1, 1, 1]],
    custom: ["elements of your own", null, null],
  };

  /** Write a number where it follows a sign, a negative one in brackets. */
  const factor = (x) => (x < 0 ? `(${write(x)})` : write(x));
  const sizes = (X) => shape(X).join("×");

  class ChannelExplorer extends Explorer {
    start() {
      const [, [K0, K1, K2], weights] = PRESETS.opposed;
      return { channels: 2, preset: "opposed", size: "3", pool: "none", row: 1, column: 1,
        X0: matrix(SIDE, SIDE, (_, j) => (j < 2 ? 3 : 0)), X1: matrix(SIDE, SIDE, (_, j) => (j < 2 ? 0 : 3)),
        X2: matrix(SIDE, SIDE, (i, j) => (i === 2 && j === 2 ? 9 : 1)),
        K0, K1, K2, W: [weights] };
    }

    tidy(state) {
      const start = this.start();
      for (const key of ["X0", "X1", "X2", "K0", "K1", "K2", "W"]) {
        if (!state[key][0] || sizes(state[key]) !== sizes(start[key])) state[key] = start[key];
      }
      if (!(state.preset in PRESETS)) state.preset = start.preset;
      const [, kernel, weights] = PRESETS[state.preset];
      if (kernel) Object.assign(state, { K0: kernel[0], K1: kernel[1], K2: kernel[2], W: [weights] });
      if (!["1", "3"].includes(state.size)) state.size = start.size;
      if (!(state.pool in POOLINGS)) state.pool = start.pool;
      state.channels = clamp(Math.round(state.channels), 1, MOST);
      this.solve(state);
      const [rows, columns] = shape(this.Y);
      state.row = clamp(Math.round(state.row), 0, rows - 1);
      state.column = clamp(Math.round(state.column), 0, columns - 1);
    }

    /** Compute what each slice makes of its channel, their sum, and its pooling. */
    solve(state) {
      this.image = range(MOST).map((c) => state[`X${c}`]);
      this.kernel = range(MOST).map((c) => (state.size === "3" ? state[`K${c}`] : [[state.W[0][c]]]));
      this.parts = this.image.map((X, c) => corr2d(X, this.kernel[c]));
      const [X, K, W] = [this.image, this.kernel, state.W[0]].map((all) => all.slice(0, state.channels));
      this.Y = state.size === "3" ? corr2d_multi(X, K) : conv1x1(X, [W])[0];
      this.isPooled = state.pool !== "none";
      this.P = pool2d(this.Y, POOLED, null, this.isPooled ? state.pool : "max");
    }

    build(body) {
      this.channels = range(MOST).map((c) => this.channel(c));
      this.output = new Grid({ name: "Y", onPick: (row, column) => this.set({ row, column }) });
      this.pooled = new Grid({ name: "P", onPick: (i, j) => this.set({ row: POOLED * i, column: POOLED * j }) });
      this.pooledPanel = panel("Pooled map P", this.pooled.element);
      const names = Object.fromEntries(Object.entries(PRESETS).map(([key, [name]]) => [key, name]));
      this.costs = h("p", { class: "ex-facts" });
      body.append(h("div", { class: "ex-controls" }, this.number("channels", "channels", { min: 1, max: MOST }),
        this.select("elements of the kernel", "preset", names),
        this.radios("kernel", "size", { 1: "1×1", 3: "3×3" }), this.radios("pooling", "pool", POOLINGS)),
      ...this.channels.map(({ element }) => element),
      h("div", { class: "ex-panels" }, panel("Output map Y: the sum (choose an element)", this.output.element), this.pooledPanel),
      this.readout, this.costs);
    }

    /** Return the grids of one channel: its pixels, its slice, what the two make. */
    channel(c) {
      const pixels = new Grid({ name: `channel ${c}`, onEdit: (i, j, x) => this.edit(`X${c}`, i, j, x) });
      const slice = new Grid({ name: `slice ${c}`, onEdit: (a, b, x) => this.weigh(c, a, b, x) });
      const part = new Grid({ name: `part ${c}` });
      const element = h("div", { class: "ex-panels", role: "group", "aria-label": `Channel ${c} and its slice` },
        panel(`Channel ${c}`, pixels.element), panel(`Slice ${c}`, slice.element), panel(`Channel ${c} under slice ${c}`, part.element));
      return { pixels, slice, part, element };
    }

    edit(key, i, j, value, also = {}) {
      const changed = this.state[key].map((row) => [...row]);
      changed[i][j] = value;
      this.set({ ...also, [key]: changed });
    }

    /** Change an element of a slice: of a 3×3 kernel, or the only one of a 1×1 kernel. */
    weigh(c, a, b, value) {
      const own = { preset: "custom" };
      if (this.state.size === "3") this.edit(`K${c}`, a, b, value, own);
      else this.edit("W", 0, c, value, own);
    }

    /** Return whether the chosen element lies in a window of the given side that begins at (i, j). */
    reads(i, j, side) {
      const { row, column } = this.state;
      return i >= row && i < row + side && j >= column && j < column + side;
    }

    draw() {
      const { row, column, size } = this.state;
      const side = Number(size);
      const chosen = (i, j) => i === row && j === column;
      this.channels.forEach(({ pixels, slice, part, element }, c) => {
        element.hidden = c >= this.state.channels;
        const [shade, tint] = [grayLook(this.image[c]), signedLook(this.parts[c])];
        pixels.show(this.image[c], (i, j) => ({ ...shade(i, j), extra: this.reads(i, j, side) ? "ex-inside" : "",
          corner: this.reads(i, j, side) ? `×${write(this.kernel[c][i - row][j - column], 1)}` : "" }));
        slice.show(this.kernel[c], signedLook(this.kernel[c]));
        part.show(this.parts[c], (i, j) => ({ ...tint(i, j), extra: chosen(i, j) ? "ex-inside" : "" }));
      });
      this.drawOutput(chosen);
      this.drawCosts(side);
      this.say(this.sentence());
    }

    /** Draw the sum, with the window that is pooled around the chosen element, and the pooled map. */
    drawOutput(chosen) {
      const tint = signedLook(this.Y);
      const [m, n] = this.window();
      const together = (i, j) => this.isPooled && Math.floor(i / POOLED) === m && Math.floor(j / POOLED) === n;
      this.output.show(this.Y, (i, j) => ({ ...tint(i, j), on: chosen(i, j),
        extra: `${chosen(i, j) ? "ex-inside" : ""} ${together(i, j) ? "ex-pointed" : ""}` }));
      this.stand(this.output, this.state.row, this.state.column);
      this.pooledPanel.hidden = !this.isPooled;
      const shade = signedLook(this.P);
      this.pooled.show(this.P, (i, j) => ({ ...shade(i, j), on: i === m && j === n, extra: i === m && j === n ? "ex-pointed" : "" }));
      this.stand(this.pooled, m, n);
    }

    /** Have the tab key stop at the element of a grid that is chosen. */
    stand(grid, i, j) {
      if (!grid.element.contains(document.activeElement)) grid.at = [i, j];
      grid.cells.forEach((cells, a) => cells.forEach((cell, b) => { cell.tabIndex = a === grid.at[0] && b === grid.at[1] ? 0 : -1; }));
    }

    /** Return the pooling window that holds the chosen element. */
    window() {
      return [this.state.row, this.state.column].map((at) => Math.floor(at / POOLED));
    }

    drawCosts(side) {
      const { channels } = this.state;
      const [parameters, products] = layer_costs([channels, SIDE, SIDE], [side, side], 1);
      const elements = channels * side * side;
      this.costs.textContent = `Parameters: ${channels}·${side}·${side} elements and a bias of 0, ${parameters}. `
        + `Multiply-adds: ${elements} at each of ${this.Y.length}·${this.Y[0].length} positions, ${products}.`;
    }

    /** Write out the products of each channel, their sum, and what pooling makes of it. */
    sentence() {
      const { row, column } = this.state;
      const parts = this.kernel.slice(0, this.state.channels).map((K, c) => {
        const terms = K.flatMap((weights, a) => weights.map((k, b) => `${factor(this.image[c][row + a][column + b])}·${factor(k)}`));
        return `channel ${c}: ${terms.join(" + ")} = ${write(this.parts[c][row][column])}`;
      });
      const sum = this.parts.slice(0, this.state.channels).map((Y) => factor(Y[row][column])).join(" + ");
      const text = `Y[${row}, ${column}], ${parts.join("; ")}. Sum: ${sum} = ${write(this.Y[row][column])}.`;
      return this.isPooled ? `${text} ${this.pooling()}` : text;
    }

    pooling() {
      const [m, n] = this.window();
      const window = range(POOLED * POOLED).map((q) => this.Y[POOLED * m + Math.floor(q / POOLED)][POOLED * n + (q % POOLED)]);
      const made = this.state.pool === "max" ? `the largest of ${window.map((x) => write(x)).join(", ")}`
        : `(${window.map(factor).join(" + ")}) / ${window.length}`;
      return `P[${m}, ${n}] = ${made} = ${write(this.P[m][n])}.`;
    }
  }

  window.customElements.define("channel-explorer", ChannelExplorer);
})(globalThis.convolutions);
