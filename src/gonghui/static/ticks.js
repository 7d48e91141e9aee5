// Ticks that outlast a page of the list: <form data-keep-ticks="member"> gathers the ticked boxes of that name which
// name it as their form, on this page and on those seen before in this window; sending it forgets them.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-keep-ticks]");
    if (!form) return;
    const name = form.dataset.keepTicks, store = `gonghui-ticks-${name}-${form.dataset.owner}`;
    const count = form.querySelector("[data-tick-count]");
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${name}"][form="${form.id}"]`)];
    let kept = new Set();
    try { kept = new Set(JSON.parse(sessionStorage.getItem(store) ?? "[]")); } catch { /* private window: this page only */ }
    const show = () => {
      count.textContent = kept.size ? `（已选 ${kept.size}）` : "";
      try { sessionStorage.setItem(store, JSON.stringify([...kept])); } catch { /* as above */ }
    };
    const restore = () => { for (const box of boxes()) box.checked = kept.has(box.value); };
    document.addEventListener("change", (event) => {
      const box = event.target;
      if (!boxes().includes(box)) return;
      if (box.checked) kept.add(box.value); else kept.delete(box.value);
      show();
    });
    document.addEventListener("htmx:afterSettle", restore);
    form.addEventListener("submit", () => {
      const here = new Set(boxes().map((box) => box.value));
      for (const value of kept) {
        if (!here.has(value)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      kept.clear();
      show();
    });
    restore();
    show();
  });
})();
