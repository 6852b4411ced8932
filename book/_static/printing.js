// Opens every fold but the answers to questions before printing, and restores them after it.
(() => {
  let folds = [];
  addEventListener("beforeprint", () => {
    folds = [...document.querySelectorAll("article details:not(.option, [open])")];
    folds.forEach((fold) => (fold.open = true));
  });
  addEventListener("afterprint", () => {
    folds.forEach((fold) => (fold.open = false));
    folds = [];
  });
})();
