// Ticks that outlast a page of the list: <form id="ticked" data-keep-ticks="member"> gathers the ticked boxes of that name
// which name it as their form, on this page and on those seen before in this window. Sending it forgets them, or (with
// data-until-done, where the server may refuse) the page that tells of success: <span data-forget-ticks="member">, with
// data-only those of these ids alone.
// The bar of what is ticked, <div data-tick-bar="ticked">, shows from the first tick on. In it, or in the form:
// [data-tick-count] and [data-tick-here] say how many there are and how many on this page, [data-tick-fetch] takes all ids
// that its address lists, [data-tick-clear] forgets all.
(() => {
  "use strict";
  const key = (name, owner) => `gonghui-ticks-${name}-${owner}`;
  document.addEventListener("DOMContentLoaded", () => {
    for (const done of document.querySelectorAll("[data-forget-ticks]")) {
      const store = key(done.dataset.forgetTicks, done.dataset.owner), only = done.dataset.only?.split(",");
      try {
        const left = only ? JSON.parse(sessionStorage.getItem(store) ?? "[]").filter((value) => !only.includes(value)) : [];
        sessionStorage.setItem(store, JSON.stringify(left));
      } catch { /* private window */ }
    }
    const form = document.querySelector("form[data-keep-ticks]");
    if (!form) return;
    const name = form.dataset.keepTicks, store = key(name, form.dataset.owner);
    const bar = () => document.querySelector(`[data-tick-bar="${form.id}"]`);
    const parts = (selector) => [form, bar()].flatMap((place) => [...(place?.querySelectorAll(selector) ?? [])]);
    const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${name}"][form="${form.id}"]`)];
    let kept = new Set();
    try { kept = new Set(JSON.parse(sessionStorage.getItem(store) ?? "[]")); } catch { /* private window: this page only */ }
    const say = (places, word, count) => { for (const place of places) place.textContent = place.dataset[word].replace("N", count); };
    const show = () => {
      const open = boxes().filter((box) => !box.disabled), here = open.filter((box) => box.checked).length;
      say(parts("[data-tick-count]"), "tickCount", kept.size);
      say(parts("[data-tick-here]"), "tickHere", here);
      if (bar()) bar().hidden = !kept.size && !("always" in bar().dataset);
      for (const button of parts("[data-tick-clear]")) button.hidden = !kept.size;
      for (const all of document.querySelectorAll("[data-tick-all]")) {
        all.checked = here > 0 && here === open.length;
        all.indeterminate = here > 0 && here < open.length;
      }
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
