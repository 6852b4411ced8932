// Loads MathJax, a megabyte, when a formula is on the screen, or at the reader's first move.
(() => {
  const formulas = document.querySelectorAll(".math");
  const source = new URL("mathjax/tex-chtml.js", document.currentScript.src).href;
  const moves = ["scroll", "pointermove", "pointerdown", "keydown", "beforeprint"];
  const shown = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && load(),
  );
  function load() {
    shown.disconnect();
    moves.forEach((move) => removeEventListener(move, load));
    const script = document.createElement("script");
    script.src = source;
    document.head.append(script);
  }
  if (formulas.length === 0) return;
  formulas.forEach((formula) => shown.observe(formula));
  moves.forEach((move) => addEventListener(move, load, { once: true, passive: true }));
})();
