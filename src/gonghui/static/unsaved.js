// What was typed is not lost by leaving. A form that is left with changes asks; <form data-autosave> saves its draft by
// itself and asks only if that failed. Not for filters (role=search), downloads, ticks of a list (lists.js), and forms
// that say data-leave-freely (the sign-in).
(() => {
  "use strict";
  const LEFT_FREELY = "[role=search], [data-download], [data-leave-freely]";
  const QUESTION = "这一页有没有保存的修改，离开后就没有了。确定离开吗？";
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.matches("button, [type=hidden], [type=submit], .tick input, [data-attachments] *"));
  const state = (form) => fields(form).map((one) => `${one.name}=${/checkbox|radio/.test(one.type) ? one.checked : one.value}`).join("\n");
  const atFirst = new WeakMap(); // how each form came; of one that came back with errors nothing is saved yet
  const watch = (root) => {
    for (const form of root.querySelectorAll("form")) {
      if (form.method !== "post" || form.matches(LEFT_FREELY) || atFirst.has(form)) continue;
      atFirst.set(form, form.querySelector(".error-summary, .field-wrong") ? null : state(form));
    }
  };
  let touched = new WeakSet(), sent = null;
  const isChanged = (form) => atFirst.has(form) && form !== sent && form.isConnected
    && (atFirst.get(form) === null ? fields(form).length > 0 : touched.has(form) && state(form) !== atFirst.get(form));
  const changed = (root = document) => [...root.querySelectorAll("form")].filter(isChanged);

  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => { if (event.target.form) touched.add(event.target.form); });
  }
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && !event.target.matches("[data-download], [hx-post]")) sent = event.target;
  });
  addEventListener("pageshow", () => { sent = null; });
  addEventListener("beforeunload", (event) => {
    const asking = changed().filter((form) => !autosaves.get(form)?.savesOnLeaving());
    if (!asking.length) return;
    event.preventDefault();
    setTimeout(() => { sent = null; dispatchEvent(new Event("gonghui:stayed")); }, 1000); // only reached by who stays
  });
  // A part of the page that would be replaced, or a dialog that would be closed, with changes in it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    const forms = changed(target).filter((form) => !form.contains(requestConfig.elt));
    if (forms.length && event.detail.shouldSwap && !confirm(QUESTION)) event.detail.shouldSwap = false;
  });
  const mayClose = (dialog) => !changed(dialog).length || confirm(QUESTION);
  document.addEventListener("cancel", (event) => { if (event.target.matches("dialog") && !mayClose(event.target)) event.preventDefault(); }, true);
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest?.("dialog [data-close]")?.closest("dialog");
    if (dialog && !mayClose(dialog)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // <form data-autosave> sends itself with `draft` two seconds after a change; <… data-autosave-told> says what came of it.
  const PAUSE = 2000;
  const autosaves = new WeakMap();
  const autosave = (form) => {
    const told = form.querySelector("[data-autosave-told]");
    let timer = 0, running = null, failed = false;
    const send = (keepalive) => fetch(form.action, {
      method: "POST", redirect: "manual", body: body(form), keepalive, signal: keepalive ? undefined : running.signal,
      headers: { "HX-Request": "true", "HX-Trigger-Name": "draft", "HX-Current-URL": location.href },
    });
    const save = async () => {
      const now = state(form);
      running?.abort();
      running = new AbortController();
      const answer = await send(false).catch((error) => error);
      if (answer?.name === "AbortError") return;
      failed = !answer.ok;
      const said = answer.headers?.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
      if (!failed) atFirst.set(form, now);
      if (said.version) form.elements.version.value = said.version;
      told.textContent = failed ? said.refused ?? unsaved(answer.status) : `草稿已保存 ${said.saved}`;
      told.classList.toggle("field-error", failed);
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(() => { if (isChanged(form)) save(); }, PAUSE); };
    for (const type of ["input", "change"]) form.addEventListener(type, later);
    form.addEventListener("submit", () => { clearTimeout(timer); running?.abort(); });
    if (atFirst.get(form) === null) later();
    autosaves.set(form, { savesOnLeaving: () => { clearTimeout(timer); if (!failed) send(true).catch(() => {}); return !failed; } });
  };
  const body = (form) => { const all = new URLSearchParams(new FormData(form)); all.set("draft", "auto"); return all; };
  const unsaved = (status) => status === 401 ? "登录已过期，草稿没有保存。填写的内容还在这一页：请照常提交，重新登录后可以恢复。"
    : "草稿没有自动保存，请检查网络，或点“保存草稿”再试一次。";

  document.addEventListener("DOMContentLoaded", () => {
    watch(document);
    for (const form of document.querySelectorAll("form[data-autosave]")) autosave(form);
  });
  document.addEventListener("htmx:load", (event) => watch(event.target));
})();
