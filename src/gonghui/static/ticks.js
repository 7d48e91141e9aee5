// Ticks that outlast a page of the list: <form data-keep-ticks="member"> gathers the ticked boxes of that name which
// name it as their form, on this page and on those seen before in this window. Sending it forgets them, or (with
// data-until-done, where the server may refuse) the page that tells of success: <span data-forget-ticks="member">.
// The form's own: [data-tick-count] tells how many, [data-tick-fetch] takes all ids that its address lists,
// [data-tick-clear] forgets all.
(() => {
  "use strict";
  const key = (name, owner) => `gonghui-ticks-${name}-${owner}`;
  document.addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll("[data-forget-ticks]")) {
      try { sessionStorage.removeItem(key(one.dataset.forgetTicks, one.dataset.owner)); } catch { /* private window */ }
    }
    const form = document.querySelector("form[data-keep-ticks]");
    if (!form) return;
    const name = form.dataset.keepTicks, store = key(name, form.dataset.owner);
    const count = form.querySelector("[data-tick-count]"), words = count.dataset.tickCount;
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${name}"][form="${form.id}"]`)];
    let kept = new Set();
    try { kept = new Set(JSON.parse(sessionStorage.getItem(store) ?? "[]")); } catch { /* private window: this page only */ }
    const show = () => {
      count.textContent = words ? words.replace("N", kept.size) : kept.size ? `（已选 ${kept.size}）` : "";
      for (const one of form.querySelectorAll("[data-tick-clear]")) one.hidden = !kept.size;
      try { sessionStorage.setItem(store, JSON.stringify([...kept])); } catch { /* as above */ }
    };
    const restore = () => {
      for (const box of boxes()) {
        if (box.disabled) kept.delete(box.value); else box.checked = kept.has(box.value);
      }
      show();
    };
    document.addEventListener("change", (event) => {
      const box = event.target;
      if (!boxes().includes(box)) return;
      if (box.checked) kept.add(box.value); else kept.delete(box.value);
      show();
    });
    document.addEventListener("htmx:afterSettle", restore);
    document.addEventListener("click", async (event) => {
      if (event.target.closest("[data-tick-clear]")) { kept.clear(); restore(); return; }
      const button = event.target.closest("[data-tick-fetch]");
      if (!button) return;
      button.disabled = true;
      const answer = await fetch(button.dataset.tickFetch + location.search, { headers: { Accept: "application/json", "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
      button.disabled = false;
      if (!answer?.ok) { location.reload(); return; }
      for (const id of (await answer.json()).ids) kept.add(String(id));
      restore();
    });
    form.addEventListener("submit", () => {
      const here = new Set(boxes().map((box) => box.value)), elsewhere = [...kept].filter((value) => !here.has(value));
      // One field for all of them: a server takes only so many.
      if (elsewhere.length) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: elsewhere.join(",") }));
      if ("untilDone" in form.dataset) return;
      kept.clear();
      show();
    });
    restore();
  });
})();
