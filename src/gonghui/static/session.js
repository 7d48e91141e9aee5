// The end of a session: told some minutes before, put off by one click; and what was typed before an end is put back.
(() => {
  "use strict";
  const WARNING = 180_000, STORE = "gonghui-session-used";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const post = (address, fields = {}) => fetch(address, {
    method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token(), "HX-Request": "true", "HX-Current-URL": location.href },
  });

  // The moment of the last use, which all windows of this browser share.
  let used = Date.now();
  const use = () => {
    used = Date.now();
    try { localStorage.setItem(STORE, String(used)); } catch { /* private window: this window only */ }
  };
  const lastUse = () => {
    try { return Math.max(used, Number(localStorage.getItem(STORE))); } catch { return used; }
  };

  const watch = (dialog) => {
    const began = Date.now(), idle = Number(dialog.dataset.idle) * 1000, whole = began + Number(dialog.dataset.whole) * 1000;
    const words = dialog.querySelector("#session-end-words"), button = dialog.querySelector("[data-session-stay]");
    const ahead = Math.min(WARNING, idle / 2), atFirst = words.innerHTML;
    let state = "";
    const show = (next, left) => {
      if (next === state) return;
      state = next;
      if (next === "") { dialog.close(); return; }
      button.textContent = next === "idle" ? "继续使用" : "知道了";
      if (next === "idle") { words.innerHTML = atFirst; words.querySelector("[data-session-minutes]").textContent = Math.max(1, Math.round(left / 60_000)); }
      if (next === "whole") words.textContent = "这次登录的时间已到上限，几分钟后需要重新登录。请先保存正在填写的内容。";
      if (next === "ended") words.textContent = "登录已过期。正在填写的内容还在这一页：请照常提交，重新登录后可以恢复。";
      if (!dialog.open) dialog.showModal();
    };
    let seen = ""; // what was told and answered
    const look = () => {
      const now = Date.now(), left = Math.min(lastUse() + idle, whole) - now;
      const next = left <= 0 ? "ended" : left > ahead ? "" : whole - now <= ahead ? "whole" : "idle";
      if (next === "idle") seen = "";
      if (next !== seen) show(next, left); else if (next === "") show("", left);
    };
    button.addEventListener("click", async () => {
      if (state === "idle") {
        const answer = await post(dialog.dataset.stay).catch(() => null);
        if (answer?.ok) use(); else { show("ended", 0); return; }
      } else seen = state;
      show("", 0);
    });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); button.click(); });
    setInterval(look, 1000);
    document.addEventListener("visibilitychange", look);
  };

  // What was typed, back into its form. A select that follows another one gets its choice when htmx has filled it.
  const fill = (form, fields) => form && fields.filter(([name, value]) => {
    const all = [...form.elements].filter((one) => one.name === name && !one.matches("button, [type=file], [type=submit]"));
    if (!all.length) return false;
    const boxes = all.filter((one) => one.matches("[type=checkbox], [type=radio]"));
    if (boxes.length) {
      for (const box of boxes) if (value.split(",").includes(box.value) && !box.checked) { box.checked = true; changed(box); }
      return false;
    }
    const field = all.find((one) => one.value !== value) ?? all[0];
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) return true;
    if (field.value === value) return false;
    if (field.tomselect) field.tomselect.setValue(value, true); else field.value = value;
    changed(field);
    return false;
  });
  const changed = (field) => { for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true })); };
  const formOf = (action) => {
    const path = (address) => new URL(address, location.href).pathname;
    const forms = [...document.forms].filter((form) => form.method === "post");
    return forms.find((form) => path(form.getAttribute("action") || location.href) === action)
      ?? [...document.querySelectorAll("[hx-post]")].find((one) => path(one.getAttribute("hx-post")) === action)?.closest("form");
  };
  const offer = (box) => {
    const words = box.querySelector("[data-kept-words]"), buttons = box.querySelector(".btn-row");
    box.querySelector("[data-kept-drop]").addEventListener("click", () => { post(box.dataset.kept, { discard: "1" }); box.remove(); });
    box.querySelector("[data-kept-take]").addEventListener("click", async () => {
      const answer = await post(box.dataset.kept).catch(() => null);
      if (answer?.status === 410) { words.textContent = "内容只保留 1 小时，现在已经没有了，请重新填写。"; buttons.remove(); return; }
      if (!answer?.ok) { words.textContent = "没有取到内容，请检查网络后再试一次。"; return; }
      const kept = await answer.json(), form = formOf(kept.action);
      let left = fill(form, kept.fields);
      document.addEventListener("htmx:afterSettle", () => { if (left?.length) left = fill(form, left); });
      box.querySelector("b").textContent = form ? "已恢复刚才填写的内容。" : "这一页已没有刚才的表单。";
      words.textContent = form ? "请核对后重新提交。" : "请重新进入要办理的事项填写。";
      buttons.remove();
      box.classList.remove("notice-warning");
      (form?.querySelector("input:not([type=hidden]), select, textarea") ?? box).focus();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    use();
    document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) use(); });
    const dialog = document.getElementById("session-end"), box = document.getElementById("kept-form");
    if (dialog) watch(dialog);
    if (box) offer(box);
  });
})();
