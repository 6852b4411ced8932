// On a narrow screen the theme's menus are dialogs: one that leads to a place on its own page shuts, or it would hide that place.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("dialog a[href^='#']");
  if (link) link.closest("dialog").close();
});
