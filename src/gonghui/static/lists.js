// A list is come back to at the row that was opened, with the boxes that were ticked. Its address, kit/lists.py remembers.
// What is kept, for this window alone: addresses of rows, and names with numbers of ticked boxes. The menu begins anew.
// <form data-keep-ticks> gathers its ticks over all pages by itself: ticks.js.
(() => {
  "use strict";
  const key = (what, path = location.pathname) => `gonghui-${what}-${path}`;
  const keep = (what, value) => { try { sessionStorage.setItem(key(what), JSON.stringify(value)); } catch { /* private window */ } };
  const kept = (what) => { try { return JSON.parse(sessionStorage.getItem(key(what)) ?? "null"); } catch { return null; } };
  const drop = (path) => { for (const what of ["row", "ticks"]) try { sessionStorage.removeItem(key(what, path)); } catch { /* as above */ } };

  const rows = () => [...document.querySelectorAll("#main table tbody tr")];
  const sign = (row) => row.id || row.querySelector("a[href]")?.pathname || row.querySelector("form[action]")?.getAttribute("action");
  const boxes = () => [...document.querySelectorAll("#main .tick input[type=checkbox][name]")].filter((box) => !box.form?.matches("[data-keep-ticks]"));
  const name = (box) => `${box.name}=${box.value}`;
  const ticked = () => keep("ticks", boxes().filter((box) => box.checked).map(name));

  const leave = (event) => {
    const row = event.target.closest?.("#main table tbody tr");
    if (row && (event.type === "submit" || event.target.closest("a[href]"))) keep("row", sign(row));
    const entry = event.target.closest?.(".menu a");
    if (entry) drop(entry.pathname);
  };
  document.addEventListener("click", leave, true);
  document.addEventListener("submit", (event) => {
    leave(event);
    if (boxes().some((box) => box.form === event.target)) keep("ticks", []);
  });
  document.addEventListener("change", (event) => { if (boxes().includes(event.target)) ticked(); });

  // Whether a table fits its page: then its head sticks to the window (table.css).
  const fit = () => {
    for (const wrap of document.querySelectorAll(".list-page .table-wrap")) {
      wrap.classList.remove("fits");
      wrap.classList.toggle("fits", wrap.scrollWidth <= wrap.clientWidth);
    }
  };
  addEventListener("resize", fit);
  document.addEventListener("htmx:afterSettle", fit);

  document.addEventListener("DOMContentLoaded", () => {
    fit();
    const ticks = kept("ticks") ?? [];
    for (const box of boxes()) {
      if (box.disabled || box.checked || !ticks.includes(name(box))) continue;
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const wanted = kept("row"), row = wanted && rows().find((one) => sign(one) === wanted);
    if (!row || location.hash) return;
    row.classList.add("came-back");
    row.scrollIntoView({ block: "center" });
    if (document.activeElement === document.body) row.querySelector("a[href]")?.focus({ preventScroll: true });
  });
})();
