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

  // An error of the page that was sent leaves its field, and the summary, as soon as the field is changed. The summary keeps
  // its height: what is being typed into must not jump.
  const forget = (box) => {
    box.classList.remove("field-wrong");
    const ids = new Set([...box.querySelectorAll("[id]")].map((one) => one.id.replace(/_(error|helptext|\d+)$/, "")));
    for (const error of box.querySelectorAll(".field-error")) error.remove();
    for (const field of box.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const summary of document.querySelectorAll(".error-summary")) {
      const links = [...summary.querySelectorAll("a")].filter((link) => ids.has(link.hash.slice(1)));
      for (const link of links) link.closest("li").textContent = `${link.textContent}：已修改`;
      if (links.length) count(summary);
    }
  };
  const count = (summary) => {
    const words = summary.querySelector("b"), left = Number(/\d+/.exec(words.textContent)) - 1;
    words.textContent = left ? `还有 ${left} 处需要修改：` : "都已修改，请核对后重新提交。";
    if (!left) summary.classList.remove("notice-error");
  };
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => { const box = event.target.name && event.target.closest(".field-wrong"); if (box) forget(box); });
  }
})();
