/* The learning lab: gradient descent on the two elements of a kernel, over the surface of the loss. */
(function (book) {
  "use strict";

  const { corr2d, descend, im2col, largest_stable_lr, noise, normal_matrix, range, solve_kernel, squared_error, stripes, svd } = book.core;
  const { Explorer, arrows, clamp, fresh, h, panel, s, write } = book;
  const TRUE_KERNEL = [[1, -1]];
  const VIEW = { left: -1.4, right: 2.2, bottom: -2.2, top: 1.2, unit: 100 }; // elements, and px of each
  const CURVE = { left: 46, right: 350, top: 12, bottom: 178 };
  const LR = { min: 0, max: 0.06, step: 0.0005 };

  const px = (a) => (a - VIEW.left) * VIEW.unit;
  const py = (b) => (VIEW.top - b) * VIEW.unit;
  const kernelText = ([[a, b]]) => `[${write(a)}, ${write(b)}]`;

  class LearningLab extends Explorer {
    start() {
      return { image: "stripes", seed: 1, lr: 0.03, steps: 10, a: 1.3, b: 0.7 };
    }

    tidy(state) {
      if (!["stripes", "noise"].includes(state.image)) state.image = "stripes";
      state.seed = clamp(Math.round(state.seed), 1, 999);
      state.lr = Number(clamp(state.lr, LR.min, LR.max).toFixed(4));
      state.steps = clamp(Math.round(state.steps), 1, 100);
      state.a = Number(clamp(state.a, VIEW.left, VIEW.right).toFixed(3));
      state.b = Number(clamp(state.b, VIEW.bottom, VIEW.top).toFixed(3));
      this.stop();
      this.learn(state);
    }

    /** Take all the steps, and find the solution and the bound. */
    learn({ image, seed, lr, steps, a, b }) {
      this.X = image === "stripes" ? stripes() : noise(6, 8, seed);
      this.Y = corr2d(this.X, TRUE_KERNEL);
      this.path = [[[a, b]]];
      for (let step = 0; step < steps; step += 1) {
        this.path.push(descend(this.X, this.Y, this.path.at(-1), { lr, steps: 1 })[0]);
      }
      this.losses = this.path.map((K) => squared_error(this.X, this.Y, K));
      this.solution = solve_kernel(this.X, this.Y, [1, 2]);
      this.bound = largest_stable_lr(this.X, [1, 2]);
      this.parts = svd(im2col(this.X, [1, 2])).map(({ value, vector }) => ({ curve: value ** 2, vector }));
      this.shown = steps;
    }

    build(body) {
      this.facts = h("div", { class: "ex-facts" });
      this.mark = h("span", { class: "ex-bound", "aria-hidden": "true" });
      this.seed = this.number("seed of the noise", "seed", { min: 1, max: 999 });
      body.append(
        this.radios("input image", "image", { stripes: "stripes (a valley)", noise: "noise (a bowl)" }),
        this.slider("learning rate η", "lr", { ...LR, text: (x) => write(x, 4), marks: this.mark }),
        this.slider("steps", "steps", { min: 1, max: 100, step: 1, text: String }),
        h("div", { class: "ex-controls" }, this.number("start, first element", "a", { min: VIEW.left, max: VIEW.right, step: 0.1 }),
          this.number("start, second element", "b", { min: VIEW.bottom, max: VIEW.top, step: 0.1 }),
          this.seed, this.button("▶ Play the steps", () => this.play())),
        h("div", { class: "ex-panels" }, panel("Loss over the kernel's two elements (choose a start)", this.buildSurface()),
          panel("Loss before each step, on a scale of powers of ten", this.buildCurve())),
        this.readout, panel("What bends the surface", this.facts));
    }

    buildSurface() {
      const [width, height] = [(VIEW.right - VIEW.left) * VIEW.unit, (VIEW.top - VIEW.bottom) * VIEW.unit];
      const clip = fresh("surface");
      this.levels = s("g", { class: "ex-levels" });
      this.trail = s("polyline", { class: "ex-trail" });
      this.dots = s("g", { class: "ex-dots" });
      this.cross = s("path", { class: "ex-cross" });
      this.surface = s("svg", { class: "ex-surface", viewBox: `0 0 ${width} ${height}`, role: "application", tabindex: 0 },
        s("clipPath", { id: clip }, s("rect", { width, height })),
        s("g", { "clip-path": `url(#${clip})` }, this.levels, this.axes(), this.cross, this.trail, this.dots));
      this.surface.addEventListener("click", (event) => this.pick(event));
      this.surface.addEventListener("keydown", arrows((down, right) =>
        this.set({ a: Number((this.state.a + 0.1 * right).toFixed(2)), b: Number((this.state.b - 0.1 * down).toFixed(2)) })));
      return this.surface;
    }

    axes() {
      const [bottom, right] = [py(VIEW.bottom), px(VIEW.right)];
      const labels = [-1, 1, 2].map((k) => s("text", { x: px(k), y: py(0) + 15, "text-anchor": "middle" }, write(k)));
      const more = [-2, -1, 1].map((k) => s("text", { x: px(0) - 6, y: py(k) + 4, "text-anchor": "end" }, write(k)));
      return s("g", { class: "ex-axes" }, s("line", { x1: px(0), x2: px(0), y1: 0, y2: bottom }),
        s("line", { x1: 0, x2: right, y1: py(0), y2: py(0) }), labels, more);
    }

    buildCurve() {
      this.curve = s("svg", { class: "ex-curve", viewBox: "0 0 372 210", role: "img" });
      return this.curve;
    }

    pick(event) {
      const box = this.surface.getBoundingClientRect();
      const across = (event.clientX - box.left) / box.width;
      const down = (event.clientY - box.top) / box.height;
      this.set({ a: Number((VIEW.left + across * (VIEW.right - VIEW.left)).toFixed(2)),
        b: Number((VIEW.top - down * (VIEW.top - VIEW.bottom)).toFixed(2)) });
    }

    stop() {
      window.clearInterval(this.timer);
    }

    /** Show step after step; all at once for readers who want no motion. */
    play() {
      this.stop();
      if (this.still) { this.draw(); return; }
      this.shown = 0;
      this.timer = window.setInterval(() => {
        this.shown += 1;
        if (this.shown >= this.state.steps) this.stop();
        this.draw();
      }, 250);
      this.draw();
    }

    draw() {
      const { lr, image } = this.state;
      this.seed.hidden = image !== "noise";
      const share = (this.bound - LR.min) / (LR.max - LR.min);
      this.mark.style.insetInlineStart = `calc(${100 * share}% + ${8 - 16 * share}px)`;
      this.mark.textContent = `bound ${write(this.bound, 4)}`;
      this.drawLevels();
      this.drawTrail();
      this.drawCurve();
      const kernel = kernelText(this.path[this.shown]);
      const factors = this.parts.map(({ curve }) => write(1 - 2 * lr * curve, 2));
      this.surface.setAttribute("aria-label", `Loss surface. The descent starts at ${kernelText(this.path[0])}. Arrow keys move the start.`);
      this.say(`After ${this.shown} steps: kernel ${kernel}, loss ${write(this.losses[this.shown], 3, 0)}. `
        + `η is at ${Math.round((100 * lr) / this.bound)} % of the bound; each step multiplies the error `
        + `by ${factors[0]} along the steep direction and by ${factors[1]} along the flat one.`);
      this.drawFacts();
    }

    /** Draw level lines: ellipses along the eigenvectors, with half axes √(level / eigenvalue). */
    drawLevels() {
      const [[[a, b]], [steep, flat]] = [this.solution, this.parts];
      const angle = (Math.atan2(-steep.vector[1], steep.vector[0]) * 180) / Math.PI;
      this.levels.replaceChildren(...range(9).map((k) => {
        const level = 0.25 * 3 ** (8 - k);
        return s("ellipse", { rx: VIEW.unit * Math.sqrt(level / steep.curve), ry: VIEW.unit * Math.sqrt(level / flat.curve),
          transform: `translate(${px(a)} ${py(b)}) rotate(${angle})` });
      }));
      this.cross.setAttribute("d", `M${px(a) - 7} ${py(b) - 7}l14 14m0 -14l-14 14`);
    }

    /** Draw the path. A point far out is drawn nearer, in its direction from the solution: drawings overflow. */
    drawTrail() {
      const [[[u, v]], far] = [this.solution, 1e4];
      const points = this.path.slice(0, this.shown + 1).map(([[a, b]]) => {
        const [right, down] = [px(a) - px(u), py(b) - py(v)];
        const share = Math.min(1, far / Math.hypot(right, down));
        return [px(u) + share * right, py(v) + share * down];
      });
      this.trail.setAttribute("points", points.map((point) => point.join(",")).join(" "));
      this.dots.replaceChildren(...points.map(([cx, cy], t) => s("circle", { cx, cy, r: t === 0 ? 6 : 3.5, class: t === 0 ? "ex-first" : null })));
    }

    /** Return the powers of ten of the losses, and the whole ones around them; a loss of 0 lies below all. */
    powers() {
      const positive = this.losses.filter((loss) => loss > 0).map(Math.log10);
      const low = Math.floor(Math.min(0, ...positive)) - (positive.length < this.losses.length ? 1 : 0);
      const high = Math.max(low + 1, Math.ceil(Math.max(0, ...positive)));
      return [this.losses.map((loss) => (loss > 0 ? Math.log10(loss) : low)), low, high];
    }

    drawCurve() {
      const [powers, low, high] = this.powers();
      const x = (t) => CURVE.left + ((CURVE.right - CURVE.left) * t) / this.state.steps;
      const y = (p) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * (p - low)) / (high - low);
      const every = Math.ceil((high - low) / 6);
      const ticks = range(high - low + 1).filter((k) => k % every === 0).map((k) => s("g", { class: "ex-axes" },
        s("line", { x1: CURVE.left, x2: CURVE.right, y1: y(low + k), y2: y(low + k) }),
        s("text", { x: CURVE.left - 6, y: y(low + k) + 4, "text-anchor": "end" },
          ...(k === 0 && this.losses.includes(0) ? ["0"] : ["10", s("tspan", { dy: -5, "font-size": 9 }, write(low + k))]))));
      const steps = [0, this.state.steps].map((t) => s("text", { x: x(t), y: CURVE.bottom + 18, "text-anchor": "middle" }, String(t)));
      const line = powers.map((p, t) => `${x(t)},${y(p)}`).slice(0, this.shown + 1);
      this.curve.replaceChildren(...ticks, ...steps,
        s("text", { x: (CURVE.left + CURVE.right) / 2, y: CURVE.bottom + 18, "text-anchor": "middle" }, "step"),
        s("polyline", { class: "ex-trail", points: line.join(" ") }),
        s("g", { class: "ex-dots" }, line.map((point) => s("circle", { cx: point.split(",")[0], cy: point.split(",")[1], r: this.state.steps > 40 ? 1.5 : 3 }))));
      const [first, last] = [this.losses[0], this.losses[this.shown]].map((loss) => write(loss, 3, 0));
      this.curve.setAttribute("aria-label", `Loss against step, from ${first} at the start to ${last} after ${this.shown} steps`);
    }

    drawFacts() {
      const [steep, flat] = this.parts.map(({ curve }) => curve);
      const rows = normal_matrix(this.X, [1, 2]).map((row) => `[${row.map((x) => write(x, 1)).join(", ")}]`);
      this.facts.replaceChildren(...[
        `AᵀA = [${rows.join(", ")}], eigenvalues ${write(steep, 1)} and ${write(flat, 1)}, condition number ${write(steep / flat, 1)}`,
        `largest stable learning rate 1/${write(steep, 1)} = ${write(this.bound, 4)}; fastest 1/(${write(steep, 1)} + ${write(flat, 1)}) = ${write(1 / (steep + flat), 4)}`,
        `least-squares kernel (the cross): ${kernelText(this.solution)}`,
      ].map((line) => h("div", {}, line)));
    }
  }

  window.customElements.define("learning-lab", LearningLab);
})(globalThis.convolutions);
