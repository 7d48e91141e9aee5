// The search box: the masthead's link, / and Ctrl-K open it; the arrow keys walk through what is offered, Enter in the field
// searches. Without scripts the link leads to the page of the search.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const dialog = document.getElementById("find");
    if (!dialog) return;
    const field = dialog.querySelector("input[name=text]");
    const hits = () => [...dialog.querySelectorAll(".find-results a")];
    const open = () => { if (!dialog.open) dialog.showModal(); field.focus(); field.select(); };
    const typing = (target) => target.closest("textarea, select, [contenteditable], dialog, .ts-wrapper, input:not([type=checkbox], [type=radio])");

    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-find]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(); }
      if (event.target === dialog || event.target.closest("[data-find-close]")) dialog.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.isComposing || event.defaultPrevented) return;
      const chord = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
      if (!chord && !slash) return;
      event.preventDefault();
      open();
    });
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.isComposing) return;
      event.preventDefault();
      const all = [field, ...hits()], at = all.indexOf(document.activeElement);
      all[(at + step + all.length) % all.length].focus();
    });
  });
})();
