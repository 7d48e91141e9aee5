// Small comforts; every page works without them.
(() => {
  "use strict";

  // Menus made of <details>: a click outside or Escape closes them.
  const openMenus = () => document.querySelectorAll("header details[open], details.drop[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of openMenus()) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // A form is sent once: a second click while the first is on its way does nothing. A download leaves the page as it is.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], [data-download]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.disabled = true; });
  });
  // Coming back with the browser's back button, or staying when asked, finds the form usable again.
  for (const type of ["pageshow", "gonghui:stayed"]) addEventListener(type, () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button[disabled]")) button.disabled = false;
    }
  });

  // Selects and fields that send their form at once: <select data-autosubmit>.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // Buttons that print: <button type="button" data-print>. The head of the paper tells when that was.
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
  addEventListener("beforeprint", () => {
    for (const time of document.querySelectorAll("[data-printed]")) time.textContent = new Date().toLocaleString("sv").slice(0, 16);
  });

  // What htmx replaces takes the focus with it unless its twin has the same id: the focus then comes to the new part,
  // and a screen reader hears what changed: <span data-announce>.
  let lost = false;
  document.addEventListener("htmx:beforeSwap", (event) => { lost = event.detail.target.contains(document.activeElement); });
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = document.getElementById(event.detail.target.id) ?? event.detail.target;
    const words = part.querySelector("[data-announce]")?.innerText;
    const announcer = document.getElementById("announcer");
    if (words && announcer.textContent !== words) announcer.textContent = words;
    if (!lost || document.activeElement !== document.body || !part.isConnected) return;
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  });

  // How long something may still be taken back: <span data-until="2026-11-27T10:00:00+08:00">. Then the part of the page
  // around it that hears of it comes anew, <div data-due hx-trigger="gonghui:due">, else the page.
  const countDown = () => {
    for (const place of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((new Date(place.dataset.until) - Date.now()) / 1000);
      if (left > 0) place.textContent = `${Math.floor(left / 60)} 分 ${left % 60} 秒内`;
      else if (!place.dataset.over) {
        place.dataset.over = "1";
        const part = place.closest("[data-due]");
        setTimeout(() => { if (part) htmx.trigger(part, "gonghui:due"); else location.reload(); }, 3000);
      }
    }
  };
  if (document.querySelector("[data-until]")) setInterval(countDown, 1000);

  // Phrases that fill a field: <button data-fill="#id">; a box that ticks all of its table: <input data-tick-all>.
  document.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-fill]");
    if (phrase) { const field = document.querySelector(phrase.dataset.fill); field.value = phrase.textContent.trim(); field.focus(); }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-all]")) return;
    const wanted = event.target.checked; // ticks.js sets the box anew at each of the others
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]:not(:disabled)")) {
      if (box.checked !== wanted) box.click();
    }
  });

  // Long selects get a search box: <select data-search>.
  const enhance = (root) => {
    if (typeof TomSelect === "undefined") return;
    for (const select of root.querySelectorAll("select[data-search]:not(.tomselected)")) {
      new TomSelect(select, { maxOptions: 400, refreshThrottle: 0, allowEmptyOption: true, render: { no_results: () => "<div class='no-results'>没有匹配的选项</div>" } });
      select.ariaHidden = "true"; // the search box has its label now, and its help and errors
      for (const told of ["aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(told)) select.tomselect.control_input.setAttribute(told, select.getAttribute(told));
      }
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    enhance(document);
    document.querySelector(".error-summary")?.focus();
  });
  document.addEventListener("htmx:load", (event) => enhance(event.target.matches?.("select") ? event.target.parentElement : event.target));
  document.addEventListener("htmx:beforeSwap", (event) => event.detail.target.tomselect?.destroy());
})();
