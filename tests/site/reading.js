// What keeps a reader from reading a page, as lists of short texts; each list is empty on a good page.
(() => {
  "use strict";
  const SLACK = 1; // pixels that rounding may take
  const BESIDE = "script, style, noscript, mjx-container, .ex-spoken, .visually-hidden, .sr-only, option";

  const style = (element) => getComputedStyle(element);
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const brief = (text) => text.replace(/\s+/g, " ").trim().slice(0, 60);
  const real = (box) => box.width > 0.5 && box.height > 0.5;
  const above = (element) => (element ? [element, ...above(element.parentElement)] : []);

  /** Return each piece of text that is to be seen: whose it is, what it says, where its lines are. */
  function pieces(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const owner = node.parentElement;
      if (!node.data.trim() || owner.closest(BESIDE) || !shown(owner)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      found.push({ owner, text: brief(node.data), boxes: [...range.getClientRects()].filter(real).map((box) => inked(owner, box)) });
    }
    const formulas = [...root.querySelectorAll("mjx-container")].filter(shown);
    return [...found, ...formulas.map((owner) => ({ owner, text: brief(owner.textContent) || "formula",
      boxes: [owner.querySelector("mjx-math")?.getBoundingClientRect() ?? owner.getBoundingClientRect()].filter(real) }))];
  }

  const wider = (box, room) => box.right > room.right + SLACK || box.left < room.left - SLACK;
  const taller = (box, room) => box.bottom > room.bottom + SLACK || box.top < room.top - SLACK;

  /** Return a line's box without the room that a font leaves above and below its letters, in a drawing. */
  const inked = (owner, box) => (owner.closest("svg")
    ? new DOMRect(box.x, box.y + box.height / 4, box.width, box.height / 2) : box);

  /** Return the element that hides a line, or shows it only when scrolled sideways; and which of both. */
  function screen(owner, box) {
    for (const element of above(owner)) {
      const { display, overflowX, overflowY } = style(element);
      const room = element.getBoundingClientRect();
      if (display === "inline" || element === document.body || element === document.documentElement) continue;
      if (room.width <= 1 || room.height <= 1) return null; // hidden from eyes alone, on purpose
      if (overflowX !== "visible" && wider(box, room)) return { by: element, cut: ["hidden", "clip"].includes(overflowX) };
      if (["hidden", "clip"].includes(overflowY) && taller(box, room)) return { by: element, cut: true };
    }
    return null;
  }

  /** Return the lines that something screens, with what does. */
  const screened = (root) => pieces(root).flatMap(({ owner, text, boxes }) =>
    boxes.flatMap((box) => [screen(owner, box)].filter(Boolean).map((found) => ({ ...found, text }))));

  const name = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}.${String(element.className.baseVal ?? element.className).trim().split(/\s+/).join(".")}`;

  /** Return text that is cut off, so that no scrolling shows it. */
  const cut = (root) => screened(root).filter((line) => line.cut).map(({ by, text }) => `${name(by)}: ${text}`);

  /** Return the boxes in which text is found only by scrolling sideways. */
  function scrolled(root) {
    const boxes = new Set(screened(root).filter((line) => !line.cut).map(({ by }) => by));
    const kind = (by) => (by.matches("pre, pre *") ? "code" : by.querySelector("table") ? "table"
      : by.querySelector("mjx-container") || by.matches("mjx-container") ? "formula" : name(by));
    return [...boxes].map((by) => ({ kind: kind(by), columns: by.querySelector("tr")?.cells.length ?? 0,
      hidden: by.scrollWidth - by.clientWidth, text: brief(by.textContent) }));
  }

  /** Return fields whose value is wider or higher than they are. */
  const narrow = (root) => [...root.querySelectorAll("input:is([type=text], [type=number], [type=search]), select")]
    .filter((field) => shown(field) && field.scrollWidth > field.clientWidth + SLACK)
    .map((field) => `${field.closest("label")?.innerText ?? field.getAttribute("aria-label")}: ${field.value}`);

  /** Return text of table cells that reaches beyond its cell. */
  const spilled = (root) => pieces(root).flatMap(({ owner, text, boxes }) => {
    const cell = owner.closest("td, th");
    const room = cell?.getBoundingClientRect();
    return cell && boxes.some((box) => wider(box, room) || taller(box, room)) ? [text] : [];
  });

  /** Return pairs of texts that lie on one another. */
  function overlapping(root) {
    const boxes = pieces(root).flatMap(({ owner, text, boxes: all }) => all.map((box) => ({ owner, text, box })))
      .sort((one, other) => one.box.top - other.box.top);
    const deep = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.35 * Math.min(a.height, b.height);
    const found = [];
    boxes.forEach((one, i) => {
      for (let k = i + 1; k < boxes.length && boxes[k].box.top < one.box.bottom; k += 1) {
        if (one.owner !== boxes[k].owner && deep(one.box, boxes[k].box) && visible(one) && visible(boxes[k])) found.push(`${one.text} | ${boxes[k].text}`);
      }
    });
    return found;
  }

  /** Tell whether no scrolling box around a line hides it for now. */
  const visible = ({ owner, box }) => above(owner).every((element) => style(element).overflowX === "visible" || style(element).display === "inline"
    || (!(box.left > element.getBoundingClientRect().right) && !(box.top > element.getBoundingClientRect().bottom) && !(box.bottom < element.getBoundingClientRect().top)));

  /** Return headings whose permalink stands on a line of its own. */
  const lonely = (root) => [...root.querySelectorAll("a.headerlink")].filter((link) => {
    const range = document.createRange();
    range.setStart(link.parentElement, 0);
    range.setEndBefore(link);
    const lines = [...range.getClientRects()].filter(real);
    const box = link.getBoundingClientRect();
    return lines.length && shown(link.parentElement) && box.top >= Math.max(...lines.map((line) => line.bottom)) - SLACK;
  }).map((link) => brief(link.parentElement.textContent));

  globalThis.reading = { cut, lonely, narrow, overlapping, pieces, scrolled, spilled };
})();
