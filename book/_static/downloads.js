// Saves a file where the browser would show it: in a page opened from a folder `download` has no effect.
(() => {
  if (location.protocol !== "file:") return;
  function save(name, base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    Object.assign(document.createElement("a"), { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-script]");
    if (!link) return;
    event.preventDefault();
    const script = document.createElement("script");
    script.onload = () => save(link.download, script.file);
    script.onerror = () => location.assign(link.href);
    script.src = link.dataset.script;
    document.head.append(script);
  });
})();
