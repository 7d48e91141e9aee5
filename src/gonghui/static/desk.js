// The desk by keyboard. Single letters act only while no field is being typed in, and the switch on the page turns them
// off (WCAG 2.1.4); the choice is remembered in this browser.
(() => {
  "use strict";
  const STORE = "gonghui-desk-keys";
  const remembered = () => { try { return localStorage.getItem(STORE) !== "off"; } catch { return true; } };
  const remember = (on) => { try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* private window: for this page only */ } };
  const typing = (target) => target.closest("textarea, select, [contenteditable], dialog, .ts-wrapper, input:not([type=checkbox], [type=radio])");

  const rows = () => [...document.querySelectorAll("table.desk tbody tr")];
  const marked = () => document.activeElement?.closest("table.desk tbody tr") ?? rows().find((row) => row.classList.contains("marked"));
  const mark = (row) => {
    for (const other of rows()) other.classList.toggle("marked", other === row);
    row.querySelector(".acts a").focus({ preventScroll: true }); // so Enter opens it, and a screen reader says it
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(marked());
    mark(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
  };
  const onDesk = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    x: () => marked()?.querySelector(".tick input")?.click(),
    Enter: (event) => { // a link or button that has the focus does it by itself
      if (event.target.closest("a, button, summary, input")) return false;
      marked()?.querySelector(".acts a").click();
    },
  };
  // What a key leads to says so itself: <a data-key="n">, <button data-key="a">.
  const onReview = (key) => {
    const aim = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
    if (!aim) return false;
    if (aim.matches("a")) aim.click();
    else { aim.focus(); aim.scrollIntoView({ block: "center" }); }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const keys = document.querySelector("[data-keys]");
    if (!keys) return;
    const toggle = keys.querySelector("[data-keys-switch]");
    const show = () => keys.classList.toggle("keys-off", !toggle.checked);
    toggle.checked = remembered();
    keys.hidden = false;
    show();
    toggle.addEventListener("change", () => { remember(toggle.checked); show(); });
    document.addEventListener("keydown", (event) => {
      if (!toggle.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented || typing(event.target)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const acted = keys.dataset.keys === "review" ? onReview(key) : key in onDesk ? onDesk[key](event) : false;
      if (acted !== false) event.preventDefault(); // R must not type an r into the opinion
    });
  });
})();
