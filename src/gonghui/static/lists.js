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

  // 「列」: which columns and how high the rows are, kept for the account (accounts/list_settings.py).
  const settings = (main) => {
    const foot = main.querySelector(".table-foot"), heads = [...(main.querySelector("table.grid:not(.cells) thead tr")?.children ?? [])];
    if (!foot || heads.length < 3 || foot.querySelector(".list-setting")) return;
    const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const hidden = () => [...main.classList].filter((name) => name.startsWith("hide-")).map((name) => name.slice(5));
    const save = (size) => fetch("/accounts/list-setting/", {
      method: "POST",
      headers: { "X-CSRFToken": token(), "Content-Type": "application/x-www-form-urlencoded" },
      keepalive: true,
      body: new URLSearchParams({ path: location.pathname, density: main.classList.contains("roomy") ? "roomy" : "compact", hidden: hidden().join(","), size: size ?? main.querySelector(".per-page select")?.value ?? "" }),
    }).catch(() => { /* kept for this page only */ });
    const menu = Object.assign(document.createElement("details"), { className: "drop list-setting" });
    menu.innerHTML = "<summary class=\"btn btn-sm\">列和行高</summary><div class=\"drop-panel\"><fieldset><legend class=\"sr\">显示的列</legend></fieldset></div>";
    const panel = menu.querySelector("fieldset");
    const box = (words, checked, change) => {
      const label = Object.assign(document.createElement("label"), { className: "form-check" });
      const input = Object.assign(document.createElement("input"), { type: "checkbox", checked });
      input.addEventListener("change", () => { change(input.checked); save(); fit(); });
      label.append(input, words);
      panel.append(label);
    };
    menu.addEventListener("toggle", () => { // built when it is opened: its labels are the columns' own
      for (const [at, head] of heads.entries()) {
        const words = head.textContent.trim(), name = `hide-${at + 1}`;
        if (words && at && at < 16 && !head.matches(".tick, .acts-head")) box(words, !main.classList.contains(name), (shown) => main.classList.toggle(name, !shown));
      }
      box("行距宽松", main.classList.contains("roomy"), (roomy) => main.classList.toggle("roomy", roomy));
    }, { once: true });
    foot.append(menu);
    main.querySelector(".per-page select")?.addEventListener("change", (event) => save(event.target.value), true);
  };
  const prepare = () => { const main = document.querySelector("main.list-page"); if (main) settings(main); fit(); };

  // Whether a table fits its page: then its head sticks to the window (table.css).
  const fit = () => {
    for (const wrap of document.querySelectorAll(".table-wrap")) {
      wrap.classList.remove("fits");
      const fits = wrap.scrollWidth <= wrap.clientWidth;
      wrap.classList.toggle("fits", fits && innerWidth > 800); // a phone has cards
      for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", "表格，可左右滚动"]]) {
        if (fits) wrap.removeAttribute(name); else wrap.setAttribute(name, value);
      }
    }
  };
  addEventListener("resize", fit);
  document.addEventListener("htmx:afterSettle", prepare);

  document.addEventListener("DOMContentLoaded", () => {
    prepare();
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
