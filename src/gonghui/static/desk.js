// The desk by keyboard, and beside its list the request that is marked. Single letters act only while no field is being
// typed in, and the switch among the keys turns them off (WCAG 2.1.4); the choice is remembered in this browser.
(() => {
  "use strict";
  const STORE = "gonghui-desk-keys";
  const PAUSE = 200; // whoever moves on sooner does not look at a request, and it is not asked for
  const remembered = () => { try { return localStorage.getItem(STORE) !== "off"; } catch { return true; } };
  const remember = (on) => { try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* private window: for this page only */ } };
  const typing = (target) => target.closest("textarea, select, [contenteditable], dialog, .ts-wrapper, input:not([type=checkbox], [type=radio])");

  const rows = () => [...document.querySelectorAll("table.desk tbody tr")];
  const link = (row) => row.querySelector(".acts a");
  const marked = () => document.activeElement?.closest("table.desk tbody tr") ?? rows().find((row) => row.classList.contains("marked"));
  const paint = (row) => { for (const other of rows()) other.classList.toggle("marked", other === row); };
  const mark = (row) => {
    paint(row);
    link(row).focus({ preventScroll: true }); // so Enter opens it, and a screen reader says it
    row.scrollIntoView({ block: "nearest" });
    show(row, PAUSE);
  };
  const move = (step) => {
    const all = rows();
    if (!all.length || deciding) return;
    const at = all.indexOf(marked());
    mark(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
  };

  // The list on the left, the marked request on the right: only where there is room for both.
  const wide = matchMedia("(min-width: 1280px) and (min-height: 600px)");
  const pane = () => document.getElementById("pane");
  const isSplit = () => Boolean(pane()) && wide.matches;
  const fit = () => document.getElementById("main")?.classList.toggle("split", isSplit());
  let wanted = "", timer = 0, deciding = false; // the step that stands there, or is on its way
  let aimed = false; // a key has led to the next request's button while the page was still settling: the focus stays there
  const rowOf = (step) => rows().find((row) => row.dataset.step === step);
  const busy = (on) => { pane().inert = on; pane().setAttribute("aria-busy", String(on)); };
  const show = (row, pause) => {
    if (!isSplit() || row.dataset.step === wanted) return;
    wanted = row.dataset.step;
    clearTimeout(timer);
    htmx.trigger(pane(), "htmx:abort");
    busy(true); // nobody decides the one before
    timer = setTimeout(() => {
      htmx.ajax("GET", link(row).getAttribute("href"), { source: pane(), target: pane() }).catch(() => { /* aborted, or told below */ });
    }, pause);
  };
  // Whatever came of it, the row that is marked is the one that stands there.
  const shown = (focused) => {
    wanted = pane().querySelector("[data-step]")?.dataset.step ?? "";
    busy(false);
    const row = rowOf(wanted);
    paint(row);
    if (!row || !focused) return;
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const failed = (words) => {
    const notice = Object.assign(document.createElement("p"), { className: "notice notice-error", role: "alert", textContent: words });
    if (deciding) pane().querySelector("form").before(notice); else pane().replaceChildren(notice);
  };
  const isPane = (event) => pane() && event.detail.target === pane();
  const leaves = (step) => { // with its tick; the one after it, else the one before, comes next
    const row = rowOf(step), box = row?.querySelector(".tick input");
    if (box?.checked) box.click();
    row?.remove();
  };

  const onDesk = {
    j: () => move(1), k: () => move(-1),
    ArrowDown: (event) => pane()?.contains(event.target) ? false : move(1), // there they scroll
    ArrowUp: (event) => pane()?.contains(event.target) ? false : move(-1),
    x: () => marked()?.querySelector(".tick input")?.click(),
    Enter: (event) => { // a link or button that has the focus does it by itself
      if (event.target.closest("a, button, summary, input")) return false;
      const row = marked();
      if (row) link(row).click();
    },
  };
  // What a key leads to says so itself: <a data-key="n">, <button data-key="a">. Of buttons only the one that ticks acts.
  const aim = (key) => {
    const there = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
    if (!there || there.closest("[inert]")) return false;
    if (there.matches("a, [data-tick-fetch]")) there.click();
    else { aimed = true; there.focus(); there.scrollIntoView({ block: "nearest" }); }
  };

  const listen = () => {
    fit();
    wide.addEventListener("change", fit);
    const back = document.querySelector("table.desk tr.came-back"); // from its own page (lists.js)
    if (back && isSplit()) mark(back);
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("[data-open-first]") && rows().length) { mark(rows()[0]); return; }
      const row = event.target.closest?.("table.desk tbody tr");
      // Enter on its link, which makes a click without a place, opens the page of its own; so do the browser's own keys.
      if (!row || !isSplit() || !event.detail || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest(".tick")) return;
      event.preventDefault();
      if (!deciding) mark(row);
    });
    document.addEventListener("htmx:configRequest", (event) => {
      const { elt, formData } = event.detail, row = rowOf(wanted);
      if (!elt.matches("#pane form") || !formData.has("next")) return;
      formData.set("next", (row?.nextElementSibling ?? row?.previousElementSibling)?.dataset.step ?? "");
      deciding = true;
      aimed = false;
    });
    document.addEventListener("gonghui:decided", () => leaves(wanted));
    document.addEventListener("htmx:afterSettle", (event) => {
      if (!isPane(event)) { if (wanted) paint(rowOf(wanted)); return; } // the list came anew
      const focused = deciding && !aimed && !pane().querySelector("[role=alert]");
      deciding = false;
      shown(focused);
    });
    document.addEventListener("htmx:afterRequest", (event) => { // not swapped: what was typed is kept, or it was aborted
      if (!isPane(event) || event.detail.xhr.status === 0) return;
      setTimeout(() => { if (pane().inert && !pane().matches(".htmx-request, .htmx-swapping, .htmx-settling")) shown(true); });
    });
    for (const type of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(type, (event) => {
      if (!isPane(event)) return;
      failed(type === "htmx:sendError" ? "没有连上平台，请检查网络后再试一次。" : "没有取到这项申请，它可能已不在待办中。请刷新页面后再看。");
      deciding = false;
      busy(false);
      wanted = "";
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (pane()) listen();
    const keys = document.querySelector("[data-keys]");
    if (!keys) return;
    const toggle = keys.querySelector("[data-keys-switch]");
    toggle.checked = remembered();
    keys.hidden = false;
    toggle.addEventListener("change", () => remember(toggle.checked));
    document.addEventListener("keydown", (event) => {
      if (!toggle.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented || typing(event.target)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (key === "?" || key === "？") keys.open = !keys.open;
      else {
        const acted = keys.dataset.keys === "desk" && key in onDesk ? onDesk[key](event) : aim(key);
        if (acted === false) return;
      }
      event.preventDefault(); // R must not type an r into the opinion
    });
  });
})();
