/* Shows the note of a term or a citation while its link is pointed at or in focus, or after a tap.
   The note may be pointed at, too; Escape dismisses it where it stands (WCAG 2.2, 1.4.13). */
(() => {
  "use strict";

  if (!HTMLElement.prototype.showPopover) return; // an old browser: the links lead on

  const LATE = 300; // milliseconds from leaving a link until its note goes: time to reach the note
  const EDGE = 8; // pixels between a note and the edge of the window
  let [link, note, leaving, tapped] = [null, null, 0, null];

  const noted = (target) => (target instanceof Element ? target.closest("a.noted") : null);

  function hide() {
    clearTimeout(leaving);
    if (note) note.hidePopover();
    [link, note] = [null, null];
  }

  /** Put the note below its link's last line, or above its first where there is more room. */
  function place() {
    const lines = [...link.getClientRects()];
    const [first, last] = [lines[0], lines.at(-1)];
    const { width, height } = note.getBoundingClientRect();
    const column = link.closest("article").getBoundingClientRect().right;
    const room = Math.min(Math.max(column, width), document.documentElement.clientWidth - EDGE);
    const below = last.bottom + height + EDGE <= innerHeight || first.top < height + EDGE;
    const left = Math.max(EDGE, Math.min((below ? last : first).left, room - width));
    note.style.left = `${left + scrollX}px`;
    note.style.top = `${(below ? last.bottom : first.top - height) + scrollY}px`;
  }

  function show(at) {
    clearTimeout(leaving);
    if (at === link) return;
    hide();
    link = at;
    note = document.getElementById(at.getAttribute("aria-describedby"));
    note.showPopover();
    place();
  }

  function leave() {
    clearTimeout(leaving);
    leaving = setTimeout(() => {
      if (note && !note.matches(":hover") && document.activeElement !== link) hide();
    }, LATE);
  }

  addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const over = noted(event.target);
    if (over) show(over);
    else if (note && note.contains(event.target)) clearTimeout(leaving);
    else if (note) leave();
  });
  document.documentElement.addEventListener("pointerleave", () => note && leave());
  addEventListener("focusin", ({ target }) => {
    const focused = noted(target);
    if (focused && focused.matches(":focus-visible")) show(focused);
  });
  addEventListener("focusout", ({ target }) => target === link && hide());
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !note) return;
    hide();
    event.stopPropagation();
  }, true);

  // A finger has no way to point: its first tap shows the note, its second follows the link.
  addEventListener("pointerdown", (event) => {
    const pressed = noted(event.target);
    tapped = event.pointerType === "mouse" || pressed === link ? null : pressed;
    if (note && pressed !== link && !note.contains(event.target)) hide();
  }, true);
  addEventListener("pointercancel", () => { tapped = null; }); // it became a scroll
  addEventListener("click", (event) => {
    const first = tapped !== null && noted(event.target) === tapped;
    tapped = null;
    if (!first) return;
    event.preventDefault();
    show(noted(event.target));
  }, true);
})();
