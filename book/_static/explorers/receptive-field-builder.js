/* The receptive-field builder: a stack of layers, the table of its fields, and what a unit sees. */
(function (book) {
  "use strict";

  const { VGG_16, input_region, largest, matrix, outer, output_size, path_shares, pixel_shares, range, receptive_field_mask, spread, touched, trace } = book.core;
  const { Explorer, allow, arrows, clamp, fresh, gray, h, paint, panel, s, signed, write } = book;
  const FIELDS = [["kernel", 1, 9], ["stride", 1, 4], ["dilation", 1, 4], ["padding", 0, 4]];
  const RESULTS = ["map", "size", "jump", "start"];
  const MOST = 24; // layers
  const WIDEST = 512; // positions of a field that is drawn
  const [MOST_ACROSS, MOST_DEEP] = [48, 8]; // positions and layers of a tree that can be read
  const PRESETS = {
    two: ["two 2×2", 3, [[2, 1, 1, 0], [2, 1, 1, 0]]],
    same: ["dilations 2, 2, 2", 15, [[3, 1, 2, 0], [3, 1, 2, 0], [3, 1, 2, 0]]],
    growing: ["dilations 1, 2, 3", 15, [[3, 1, 1, 0], [3, 1, 2, 0], [3, 1, 3, 0]]],
    padded: ["strided and padded", 9, [[3, 2, 1, 1], [3, 1, 1, 1]]],
    deep: ["ten 3×3", 25, range(10).map(() => [3, 1, 1, 0])],
    vgg: ["VGG-16, through pool5", 224, VGG_16],
    custom: ["layers of your own", null, null],
  };
  const whole = (x) => String(x).replace("-", "−"); // an integer, all its digits
  const BACKGROUND = { image: [222, 226, 232], padding: [150, 156, 166] };

  class ReceptiveFieldBuilder extends Explorer {
    start() {
      return { preset: "two", n: 3, layers: PRESETS.two[2], row: 0, column: 0, field: "theoretical" };
    }

    tidy(state) {
      if (!(state.preset in PRESETS)) state.preset = "custom";
      if (!["theoretical", "effective"].includes(state.field)) state.field = "theoretical";
      const [, n, layers] = PRESETS[state.preset];
      if (layers) Object.assign(state, { n, layers });
      state.n = clamp(Math.round(state.n), 1, 256);
      const sound = state.layers.length && state.layers[0].length === 4 ? state.layers : PRESETS.two[2];
      state.layers = sound.slice(0, MOST).map((layer) => FIELDS.map(([, low, high], k) => clamp(Math.round(layer[k]), low, high)));
      this.measure(state);
      state.row = clamp(Math.round(state.row), 0, Math.max(0, this.units - 1));
      state.column = clamp(Math.round(state.column), 0, Math.max(0, this.units - 1));
    }

    /** Compute sizes, geometry and shares; `units` is 0 where a kernel does not fit. */
    measure({ n, layers }) {
      this.steps = trace(layers);
      this.sizes = [n];
      try {
        for (const [kernel, stride, dilation, padding] of layers) {
          this.sizes.push(output_size(this.sizes.at(-1), kernel, { padding, stride, dilation }));
        }
        [this.units, this.error] = [this.sizes.at(-1), null];
      } catch (error) {
        [this.units, this.error] = [0, `layer ${this.sizes.length}: ${error.message}`];
      }
      this.small = this.steps.at(-1)[0] <= WIDEST;
      this.shares = this.small ? path_shares(layers) : null;
    }

    build(body) {
      this.rows = [];
      this.table = h("tbody");
      const heads = ["layer", ...FIELDS.map(([name]) => name), ...RESULTS, "move"];
      const table = h("table", { class: "ex-layers", role: "table" },
        h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))), this.table);
      const names = Object.fromEntries(Object.entries(PRESETS).map(([key, [name]]) => [key, name]));
      this.full = h("span", { class: "ex-note", id: fresh("full") });
      this.add = this.button("Add a layer", () => this.change([...this.state.layers, [3, 1, 1, 0]]), { "aria-describedby": this.full.id });
      body.append(
        h("div", { class: "ex-controls" }, this.select("layers", "preset", names), this.number("length n of the input", "n", { min: 1, max: 256, also: { preset: "custom" } }), this.add, this.full),
        h("div", { class: "ex-scroll", role: "region", "aria-label": "Layers, first layer first", tabindex: 0 }, table),
        this.fieldChoice = this.radios("field shown", "field", { theoretical: "theoretical: what can affect the unit", effective: "effective: share of the paths" }),
        h("div", { class: "ex-panels" }, this.buildOutput(), this.buildInput()),
        this.readout, this.treePanel = panel("Along the columns' axis: the unit above, the image below; dashed is padding",
          this.tree = s("svg", { class: "ex-tree", role: "img" })),
        this.profilePanel = panel("Share of the paths along one axis", this.profile = s("svg", { class: "ex-profile", viewBox: "0 0 400 130", role: "img" })));
    }

    buildOutput() {
      this.output = h("canvas", { role: "application", tabindex: 0,
        keydown: arrows((down, right) => this.set({ row: this.state.row + down, column: this.state.column + right })),
        click: (event) => this.pick(event) });
      this.spot = h("span", { class: "ex-spot" });
      this.outputPanel = panel("Output (choose a unit)", h("div", { class: "ex-picture ex-map" }, this.output, this.spot));
      return this.outputPanel;
    }

    buildInput() {
      this.input = h("canvas", { role: "img" });
      this.imageBox = h("span", { class: "ex-spot ex-image-box" });
      this.fieldBox = h("span", { class: "ex-spot" });
      this.inputPanel = panel("Input: image (outlined thin), field (orange), padding (dark)",
        h("div", { class: "ex-picture" }, this.input, this.imageBox, this.fieldBox));
      return this.inputPanel;
    }

    change(layers) {
      this.set({ preset: "custom", layers });
    }

    pick(event) {
      const box = this.output.getBoundingClientRect();
      this.set({ row: Math.floor(((event.clientY - box.top) / box.height) * this.units),
        column: Math.floor(((event.clientX - box.left) / box.width) * this.units) });
    }

    /* ---- The table of layers ---- */

    /** Make one row: four inputs, four results, three buttons. */
    layerRow(i) {
      const inputs = FIELDS.map(([name, min, max], k) => {
        const input = h("input", { type: "number", min, max, "aria-label": `${name} of layer ${i + 1}`, change: () => {
          const value = Number(input.value);
          const sound = clamp(Math.round(value) || min, min, max);
          this.change(this.state.layers.map((layer, l) => (l === i ? layer.with(k, sound) : layer)));
          if (value !== sound) this.note.textContent = `The ${name} of a layer is a whole number from ${min} to ${max}.`;
        } });
        return input;
      });
      const results = RESULTS.map((name) => h("td", { role: "cell", "data-name": name }));
      const button = (text, label, act) => this.button(text, act, { "aria-label": `${label} layer ${i + 1}` });
      const moves = [button("↑", "Move up", () => this.swap(i, i - 1)), button("↓", "Move down", () => this.swap(i, i + 1)),
        button("×", "Remove", () => this.remove(i))];
      const row = h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, String(i + 1)),
        inputs.map((input, k) => h("td", { role: "cell", "data-name": FIELDS[k][0] }, input)), results,
        h("td", { class: "ex-moves", role: "cell" }, moves));
      return { row, inputs, results, moves };
    }

    /** Exchange two layers; the focus stays with the layer that was moved. */
    swap(i, j) {
      const layers = [...this.state.layers];
      [layers[i], layers[j]] = [layers[j], layers[i]];
      this.change(layers);
      this.rows[j].moves[j < i ? 0 : 1].focus();
    }

    remove(i) {
      this.change(this.state.layers.filter((_, l) => l !== i));
      this.rows[Math.min(i, this.rows.length - 1)].moves[2].focus();
    }

    drawTable() {
      const { layers } = this.state;
      if (this.rows.length !== layers.length) {
        this.rows = layers.map((_, i) => this.layerRow(i));
        this.table.replaceChildren(...this.rows.map(({ row }) => row));
      }
      this.full.textContent = layers.length >= MOST ? `${MOST} layers are the most` : "";
      allow(this.add, this.full.textContent);
      this.rows.forEach(({ inputs, results, moves }, i) => {
        layers[i].forEach((value, k) => { inputs[k].value = value; });
        [this.sizes[i + 1] ?? "–", ...this.steps[i + 1]].forEach((value, k) => { results[k].textContent = whole(value); });
        allow(moves[0], i === 0 ? "This is the first layer" : null);
        allow(moves[1], i === layers.length - 1 ? "This is the last layer" : null);
        allow(moves[2], layers.length === 1 ? "There is always one layer" : null);
      });
    }

    /* ---- Pictures ---- */

    draw() {
      const fits = this.error === null;
      this.outputPanel.hidden = !fits;
      this.inputPanel.hidden = this.treePanel.hidden = this.fieldChoice.hidden = !(fits && this.small);
      this.profilePanel.hidden = !this.small;
      this.drawTable();
      if (this.small) this.drawProfile();
      if (fits) this.drawOutput();
      if (fits && this.small) this.drawInput();
      if (fits && this.small) this.drawTree();
      this.say(fits ? this.sentence() : `No output: ${this.error}.`);
    }

    drawOutput() {
      const { row, column } = this.state;
      paint(this.output, matrix(this.units, this.units, (i, j) => (i + j) % 2), (x) => gray(0.82 + 0.1 * x));
      this.mark(this.spot, [row, column, 1, 1], this.units);
      this.lines(this.output, this.units);
      this.output.setAttribute("aria-label", `Output map, ${this.units} by ${this.units} units; unit (${row}, ${column}) is chosen. Arrow keys choose another.`);
    }

    /** Outline a part of a square picture. */
    mark(box, [top, left, height, width], whole) {
      const part = (x) => `${(100 * x) / whole}%`;
      Object.assign(box.style, { top: part(top), height: part(height), left: part(left), width: part(width) });
    }

    /** Lay lines between the pixels of a small picture. */
    lines(canvas, side) {
      canvas.parentElement.classList.toggle("ex-lines", side <= 40);
      canvas.parentElement.style.setProperty("--side", side);
    }

    drawInput() {
      const { layers, n, row, column, field } = this.state;
      const low = Math.min(0, input_region(layers, 0)[0]);
      const high = Math.max(n - 1, input_region(layers, this.units - 1)[1]);
      const side = high - low + 1;
      const weights = [row, column].map((index) => this.weights(index, low, side));
      const limit = largest([weights[0]]) * largest([weights[1]]) * (field === "effective" ? 1 : 2);
      const inside = (p) => p + low >= 0 && p + low < n;
      const shades = outer(...weights).map((line, i) => line.map((w, j) => {
        if (w > 0) return signed(w, limit);
        return inside(i) && inside(j) ? BACKGROUND.image : BACKGROUND.padding;
      }));
      paint(this.input, shades, (color) => color);
      const [[top, bottom], [left, right]] = [row, column].map((index) => input_region(layers, index));
      this.mark(this.fieldBox, [top - low, left - low, bottom - top + 1, right - left + 1], side);
      this.mark(this.imageBox, [-low, -low, n, n], side);
      this.lines(this.input, side);
      this.input.setAttribute("aria-label", `Input of ${n} by ${n} pixels; the field covers rows ${whole(top)} to ${whole(bottom)} and columns ${whole(left)} to ${whole(right)}`);
    }

    /** Return the weight of each drawn position for unit `index`: a mask, or shares of paths. */
    weights(index, low, side) {
      const { layers, n, field } = this.state;
      const shares = pixel_shares(layers, n, index);
      return range(side).map((p) => (field === "effective" ? shares[p + low] ?? 0 : Number(shares[p + low] > 0)));
    }

    /** Return, from the input up, the units of each map that the chosen unit reads. */
    readers() {
      const levels = [[this.state.column]];
      for (const [kernel, stride, dilation, padding] of [...this.state.layers].reverse()) {
        levels.push([...new Set(levels.at(-1).flatMap((i) => range(kernel).map((a) => i * stride - padding + a * dilation)))]);
      }
      return levels.reverse();
    }

    /** Draw which units read which, if there is room: each unit over the middle of its field. */
    drawTree() {
      const { layers, n, column } = this.state;
      const [first, last] = input_region(layers, column);
      const [low, high] = [Math.min(0, first), Math.max(n - 1, last)];
      this.treePanel.hidden = high - low > MOST_ACROSS || layers.length > MOST_DEEP;
      if (this.treePanel.hidden) return;
      const [gap, unit] = [46, 600 / (high - low + 1)];
      const x = (level, i) => (this.steps[level][2] + i * this.steps[level][1] + this.steps[level][0] / 2 - low) * unit;
      const y = (level) => 14 + (layers.length - level) * gap;
      const seen = this.readers();
      const links = layers.flatMap(([kernel, stride, dilation, padding], level) => seen[level + 1].flatMap((i) =>
        range(kernel).map((a) => s("line", { x1: x(level + 1, i), y1: y(level + 1), x2: x(level, i * stride - padding + a * dilation), y2: y(level) }))));
      const dots = this.sizes.flatMap((length, level) => [...new Set([...range(length), ...seen[level]])].map((i) => {
        const kind = i < 0 || i >= length ? "ex-outside" : "ex-seen";
        return s("circle", { cx: x(level, i), cy: y(level), r: clamp(0.32 * unit, 2, 9), class: seen[level].includes(i) ? kind : null });
      }));
      this.tree.setAttribute("viewBox", `0 0 600 ${y(0) + 14}`);
      this.tree.setAttribute("aria-label", `Unit ${column} reads ${seen.slice(0, -1).reverse().map((units) => units.length).join(", then ")} units, layer by layer down to the image`);
      this.tree.replaceChildren(...links, ...dots);
    }

    /** Draw the shares as bars, and over them the Gaussian of the same width. */
    drawProfile() {
      const [size, sigma] = [this.shares.length, spread(this.shares)];
      const peak = sigma > 0 ? 1 / (sigma * Math.sqrt(2 * Math.PI)) : 0;
      const most = Math.max(peak, ...this.shares);
      const width = 400 / size;
      const bars = this.shares.map((share, i) => s("rect", { class: "ex-share", x: i * width, width: Math.max(0.5, width * 0.86),
        y: 108 - (100 * share) / most, height: (100 * share) / most }));
      const bell = range(101).map((k) => [4 * k, (((k / 100) * size - size / 2) / sigma)])
        .map(([x, z]) => `${x},${108 - (100 * peak * Math.exp((-z * z) / 2)) / most}`).join(" ");
      const two = Math.min(200, (2 * sigma * 400) / size);
      this.profile.replaceChildren(...bars, sigma > 0 ? s("polyline", { class: "ex-bell", points: bell }) : s("g"),
        s("line", { class: "ex-sigma", x1: 200 - two, x2: 200 + two, y1: 112, y2: 112 }),
        s("text", { x: 200, y: 127, "text-anchor": "middle" }, `4σ = ${write(4 * sigma, 1)} of ${size} positions`));
      this.profile.setAttribute("aria-label", `Bars: share of the paths from each of ${size} positions, highest in the middle, standard deviation ${write(sigma, 2)}`);
    }

    sentence() {
      const { layers, n, row, column } = this.state;
      const [size, jump, start] = this.steps.at(-1);
      const text = ([first, last]) => `${whole(first)} to ${whole(last)}`;
      const regions = [row, column].map((index) => input_region(layers, index));
      const padding = regions.some(([first, last]) => first < 0 || last >= n) ? ", padding included" : "";
      const geometry = `Size ${size}, jump ${jump}, start ${whole(start)}. Unit (${row}, ${column}) sees rows ${text(regions[0])} and columns ${text(regions[1])}${padding}. `;
      if (!this.small) return `${geometry}A field of more than ${WIDEST} positions is not drawn.`;
      const sigma = spread(this.shares);
      const pixels = [row, column].map((index) => receptive_field_mask(layers, n, index).filter(Boolean).length);
      return `${geometry}`
        + `${touched(layers).length} of ${size} positions along an axis are touched; ${pixels[0] * pixels[1]} pixels can affect the unit. `
        + `Effective: σ ${write(sigma, 2)}, so 4σ is ${Math.round((400 * sigma) / size)} % of the field.`;
    }
  }

  window.customElements.define("receptive-field-builder", ReceptiveFieldBuilder);
})(globalThis.convolutions);
