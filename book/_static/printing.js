// Opens every fold before printing, also where a group opens one at a time, and restores them after it.
(() => {
  let folds = [];
  addEventListener("beforeprint", () => {
    folds = [...document.querySelectorAll("article details")].map((fold) => [fold, fold.open, fold.getAttribute("name")]);
    folds.forEach(([fold]) => {
      fold.removeAttribute("name");
      fold.open = true;
    });
  });
  addEventListener("afterprint", () => {
    folds.forEach(([fold, open, name]) => {
      fold.open = open;
      if (name) fold.setAttribute("name", name);
    });
  });
})();
