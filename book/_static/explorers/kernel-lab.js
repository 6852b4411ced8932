/* The kernel lab: an image, a kernel, and the signed response, with rank and cost of the kernel. */
(function (book) {
  "use strict";

  const core = book.core;
  const { corr2d, largest, matrix, matrix_rank, range, separate, shape, stripes } = core;
  const { Explorer, Grid, arrows, assign, clamp, css, fresh, gray, h, paint, panel, photograph, s, signed, signedLook, write } = book;
  const IMAGES = { stripes: "stripes", camera: "camera", brick: "bricks", coffee: "coffee" };
  const OWN = "own";
  const LONGEST = 192; // pixels on the longer side of the reader's own image

  const middle = (K, value) => K.map((row, i) => row.map((x, j) =>
    (2 * i === K.length - 1 && 2 * j === row.length - 1 ? value : x)));
  const radius = (sigma) => Math.min(4, Math.ceil(2.5 * sigma));
  const direction = (angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];

  /** The presets: what the menu calls them, and the kernel they give. */
  const PRESETS = {
    vertical: ["vertical edges [1, −1]", () => core.edge_kernels()[0]],
    horizontal: ["horizontal edges", () => core.edge_kernels()[1]],
    second: ["second derivative [1, −2, 1]", () => core.second_derivative_kernel()],
    identity: ["identity", () => middle(matrix(3, 3, () => 0), 1)],
    box: ["box blur 3×3", () => core.box_blur(3)],
    gaussian: ["Gaussian blur", ({ sigma }) => core.gaussian_blur(sigma, radius(sigma))],
    sharpen: ["sharpen", () => core.sharpen()],
    sobel_down: ["Sobel, down", () => core.sobel()[0]],
    sobel_right: ["Sobel, right", () => core.sobel()[1]],
    prewitt_down: ["Prewitt, down", () => core.prewitt()[0]],
    prewitt_right: ["Prewitt, right", () => core.prewitt()[1]],
    scharr_down: ["Scharr, down", () => core.scharr()[0]],
    scharr_right: ["Scharr, right", () => core.scharr()[1]],
    laplacian4: ["Laplacian, 4 neighbors", () => core.laplacian(4)],
    laplacian8: ["Laplacian, 8 neighbors", () => core.laplacian(8)],
    log: ["Laplacian of Gaussian", ({ sigma }) => core.laplacian_of_gaussian(sigma, radius(sigma))],
    direction: ["a direction of your choice", ({ angle }) => core.directional_kernel(direction(angle))],
    custom: ["elements of your own", null],
  };

  /** Read an image file into a matrix of grays; nothing leaves the page. */
  async function readImage(file) {
    const bitmap = await window.createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const [height, width] = [bitmap.height, bitmap.width].map((n) => Math.max(1, Math.round(n * scale)));
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return matrix(height, width, (i, j) => {
      const p = 4 * (i * width + j);
      return (0.299 * data[p] + 0.587 * data[p + 1] + 0.114 * data[p + 2]) / 255;
    });
  }

  class KernelLab extends Explorer {
    start() {
      return { image: "stripes", preset: "vertical", sigma: 1, angle: 45, K: [[1, -1]], map: "signed", row: 0, column: 1 };
    }

    tidy(state) {
      if (!(state.image in IMAGES) && !(state.image === OWN && this.own)) state.image = "stripes";
      if (!(state.preset in PRESETS)) state.preset = "vertical";
      if (!["signed", "absolute", "clamped"].includes(state.map)) state.map = "signed";
      state.sigma = Number(clamp(state.sigma, 0.5, 1.6).toFixed(1));
      state.angle = (((5 * Math.round(state.angle / 5)) % 360) + 360) % 360;
      const kernel = PRESETS[state.preset][1];
      if (kernel) state.K = kernel(state);
      if (!state.K[0]?.length || state.K.length > 9 || state.K[0].length > 9) state.K = [[1, -1]];
      this.X = this.picture(state.image);
      const fits = state.K.length <= this.X.length && state.K[0].length <= this.X[0].length;
      this.Y = fits ? corr2d(this.X, state.K) : [[0]];
      this.fits = fits;
      state.row = clamp(Math.round(state.row), 0, this.Y.length - 1);
      state.column = clamp(Math.round(state.column), 0, this.Y[0].length - 1);
    }

    picture(name) {
      if (name === OWN) return this.own;
      this.pictures ??= {};
      this.pictures[name] ??= name === "stripes" ? stripes() : photograph(name);
      return this.pictures[name];
    }

    build(body) {
      this.kernel = new Grid({ name: "K", onEdit: (a, b, x) => this.edit(a, b, x) });
      this.facts = h("div", { class: "ex-facts" });
      this.input = h("canvas", { role: "img" });
      this.output = h("canvas", { role: "application", tabindex: 0, keydown: arrows((down, right) =>
        this.set({ row: this.state.row + down, column: this.state.column + right })),
      click: (event) => this.pick(event) });
      this.spot = h("span", { class: "ex-spot" });
      this.windowBox = h("span", { class: "ex-spot" });
      this.legend = h("div", { class: "ex-legend" });
      body.append(this.choices(), this.dials(),
        h("div", { class: "ex-panels" },
          panel("Image X", h("div", { class: "ex-picture" }, this.input, this.windowBox)),
          this.outputPanel = panel("Output Y (choose a pixel)", h("div", { class: "ex-picture" }, this.output, this.spot), this.legend)),
        this.radios("shown as", "map", { signed: "signed", absolute: "absolute", clamped: "clamped to 0…1" }),
        this.readout,
        h("div", { class: "ex-panels" }, panel("Kernel K", this.kernel.element), panel("Rank and cost", this.facts)));
    }

    choices() {
      const names = Object.fromEntries(Object.entries(PRESETS).map(([key, [text]]) => [key, text]));
      this.ownOption = h("option", { value: OWN, hidden: true }, "your own");
      const images = this.select("image", "image", IMAGES);
      images.querySelector("select").append(this.ownOption);
      this.file = h("input", { type: "file", accept: "image/*", hidden: true, change: () => this.upload(this.file.files[0]) });
      const name = fresh("own");
      return h("div", { class: "ex-controls" }, images, this.select("kernel", "preset", names),
        h("div", { class: "ex-select" }, h("span", { id: name }, "an image of your own (it stays on this device)"),
          this.button("Choose a file…", () => this.file.click(), { "aria-describedby": name }), this.file));
    }

    dials() {
      this.sigma = this.slider("σ in pixels", "sigma", { min: 0.5, max: 1.6, step: 0.1, text: (x) => write(x, 1) });
      this.angle = this.slider("direction, from down to right", "angle", { min: 0, max: 355, step: 5, text: (x) => `${x}°` });
      this.needle = s("line", { x1: 0, y1: 0, class: "ex-needle" });
      this.tip = s("circle", { r: 4.5, class: "ex-tip" });
      this.dial = s("svg", { class: "ex-dial", viewBox: "-30 -30 60 60", "aria-hidden": "true" },
        s("circle", { r: 26, class: "ex-rim" }), this.needle, this.tip);
      const turn = (event) => { if (event.buttons) this.turn(event); };
      this.dial.addEventListener("pointerdown", (event) => { this.dial.setPointerCapture(event.pointerId); turn(event); });
      this.dial.addEventListener("pointermove", turn);
      this.compass = h("div", { class: "ex-compass" }, this.dial, this.angle);
      return h("div", { class: "ex-dials" }, this.sigma, this.compass);
    }

    /** Point the dial where the pointer is. */
    turn(event) {
      const box = this.dial.getBoundingClientRect();
      const down = event.clientY - box.top - box.height / 2;
      const right = event.clientX - box.left - box.width / 2;
      this.set({ angle: 5 * Math.round((Math.atan2(right, down) * 36) / Math.PI) });
    }

    /** Show the image of a file under its name; a file that holds none changes nothing. */
    async upload(file) {
      if (!file) return;
      this.asked_for = file;
      this.file.value = ""; // so that the same file can be chosen again
      const image = await readImage(file).catch(() => null);
      if (this.asked_for !== file) return; // another was chosen meanwhile
      if (image === null) {
        this.note.textContent = `${file.name} could not be read as an image; the picture is as before.`;
        return;
      }
      this.own = image;
      assign(this.ownOption, { hidden: false }).textContent = `your own, ${file.name}`;
      this.set({ image: OWN });
    }

    /** Start from the beginning: without the reader's own image, too. */
    reset() {
      assign(this.ownOption, { hidden: true });
      [this.own, this.asked_for] = [null, null];
      super.reset();
    }

    left() {
      return this.state.image === OWN ? "Your own image stays on this device: elsewhere the link shows the stripes in its place." : "";
    }

    unmet({ image }) {
      return image === OWN && this.state.image !== OWN
        ? "This link was made with an image of somebody's own, which it does not hold: here are the stripes in its place." : "";
    }

    imageName(image) {
      return image === OWN ? this.ownOption.textContent : IMAGES[image];
    }

    edit(a, b, value) {
      const K = this.state.K.map((row) => [...row]);
      K[a][b] = value;
      this.set({ preset: "custom", K });
    }

    pick(event) {
      const box = this.output.getBoundingClientRect();
      const [rows, columns] = shape(this.Y);
      this.set({ row: Math.floor(((event.clientY - box.top) / box.height) * rows),
        column: Math.floor(((event.clientX - box.left) / box.width) * columns) });
    }

    draw() {
      const { K, preset, angle, image, row, column } = this.state;
      this.sigma.hidden = !["gaussian", "log"].includes(preset);
      this.compass.hidden = preset !== "direction";
      const [down, right] = direction(angle);
      [this.needle, this.tip].forEach((part) => [["x2", "cx", right], ["y2", "cy", down]].forEach(([x, c, v]) =>
        part.setAttribute(part === this.tip ? c : x, 22 * v)));
      this.kernel.show(K, signedLook(K));
      const [low, high] = [Math.min(...this.X.flat()), Math.max(...this.X.flat())];
      paint(this.input, this.X, (x) => gray(x, Math.min(0, low), Math.max(1, high)));
      this.input.setAttribute("aria-label", `The image: ${this.imageName(image)}, ${shape(this.X).join(" by ")} pixels`);
      [this.outputPanel, this.windowBox].forEach((part) => { part.hidden = !this.fits; });
      this.drawOutput();
      this.mark(this.spot, [row, column, 1, 1], shape(this.Y));
      this.mark(this.windowBox, [row, column, ...shape(K)], shape(this.X));
      this.drawFacts();
      this.say(this.sentence());
    }

    /** Outline a window, in pixels of an image of the given size. */
    mark(box, [top, left, height, width], [rows, columns]) {
      const part = (x, whole) => `${(100 * x) / whole}%`;
      Object.assign(box.style, { top: part(top, rows), height: part(height, rows), left: part(left, columns), width: part(width, columns) });
    }

    drawOutput() {
      const { map } = this.state;
      const limit = largest(this.Y) || 1;
      const colors = { signed: (y) => signed(y, limit), absolute: (y) => gray(Math.abs(y), 0, limit), clamped: (y) => gray(y) };
      paint(this.output, this.Y, colors[map]);
      this.output.parentElement.style.setProperty("--share", this.Y[0].length / this.X[0].length);
      const [from, to] = { signed: [-limit, limit], absolute: [0, limit], clamped: [0, 1] }[map];
      const stops = range(11).map((k) => css(colors[map](from + ((to - from) * k) / 10)));
      const bar = h("span", { class: "ex-bar" });
      bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
      this.legend.replaceChildren(h("span", {}, write(from, 2)), bar, h("span", {}, write(to, 2)));
    }

    drawFacts() {
      const { K } = this.state;
      const [h_, w] = shape(K);
      const rank = largest(K) > 0 ? matrix_rank(K) : 0;
      const [whole, passes] = [h_ * w, rank * (h_ + w)];
      const positions = this.Y.length * this.Y[0].length;
      const total = this.fits ? `, ${(whole * positions).toLocaleString("en")} for this output` : "";
      const lines = [`rank ${rank}, ${h_}×${w} elements, sum ${write(K.flat().reduce((sum, x) => sum + x, 0))}`,
        `${whole} products a pixel${total}`];
      if (rank > 0 && h_ > 1 && w > 1) lines.push(`as ${rank} column${rank > 1 ? "s" : ""} and ${rank} row${rank > 1 ? "s" : ""}: ${passes} products a pixel`);
      if (rank === 1 && h_ > 1 && w > 1 && whole <= 25) {
        const [column, row] = separate(K).map((v) => `[${v.map((x) => write(x, 2)).join(", ")}]`);
        lines.push(`column ${column} times row ${row}`);
      }
      this.facts.replaceChildren(...lines.map((line) => h("div", {}, line)));
    }

    sentence() {
      if (!this.fits) return "No output: the kernel is larger than the image.";
      const { row, column, map } = this.state;
      const y = this.Y[row][column];
      const shown = { signed: y, absolute: Math.abs(y), clamped: clamp(y, 0, 1) }[map];
      const lost = shown === y ? "" : `, shown as ${write(shown)}`;
      const values = this.Y.flat();
      const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
      return `Y[${row}, ${column}] = ${write(y)}${lost}. The output has ${shape(this.Y).join("×")} pixels, from ${write(low)} to ${write(high)}.`;
    }
  }

  window.customElements.define("kernel-lab", KernelLab);
})(globalThis.convolutions);
