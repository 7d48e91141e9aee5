// While a word is being composed (an input method writes Chinese from Latin letters) nothing reacts to it: no request, no
// message, no list of suggestions. When the word is there, it counts as one input.
(() => {
  "use strict";
  let composing = false;
  const held = new Map(); // requests that came up meanwhile, the last of each element
  for (const type of ["beforeinput", "input", "keydown", "keyup"]) {
    addEventListener(type, (event) => { if (event.isComposing) event.stopImmediatePropagation(); }, true);
  }
  const done = (field) => {
    if (!composing) return;
    composing = false;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const asked = [...held.values()];
    held.clear();
    for (const request of asked) request();
  };
  addEventListener("compositionstart", () => { composing = true; }, true);
  addEventListener("compositionend", (event) => done(event.target), true);
  addEventListener("focusout", (event) => done(event.target), true);
  document.addEventListener("htmx:confirm", (event) => {
    if (!composing) return;
    event.preventDefault();
    held.set(event.detail.elt, () => { if (event.detail.elt.isConnected) event.detail.issueRequest(true); });
  });

  // An error of the page that was sent leaves its field, and the summary, as soon as the field is changed.
  const forget = (box) => {
    box.classList.remove("field-wrong");
    const ids = new Set([...box.querySelectorAll("[id]")].map((one) => one.id.replace(/_(error|helptext|\d+)$/, "")));
    for (const error of box.querySelectorAll(".field-error")) error.remove();
    for (const field of box.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const link of document.querySelectorAll(".error-summary a")) if (ids.has(link.hash.slice(1))) shorten(link);
  };
  const shorten = (link) => {
    const summary = link.closest(".error-summary"), same = link.hash;
    link.closest("li").remove();
    if ([...summary.querySelectorAll("a")].some((other) => other.hash === same)) return; // a second error of the field
    const words = summary.querySelector("b"), left = Number(/\d+/.exec(words.textContent)) - 1;
    words.textContent = words.textContent.replace(/\d+/, left);
    if (left < 1) summary.remove();
  };
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => { const box = event.target.closest?.(".field-wrong"); if (box) forget(box); });
  }
})();
