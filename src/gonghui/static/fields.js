// What is wrong with a field is said at the field, in our words: the browser's own bubble speaks the browser's language.
(() => {
  "use strict";

  // A form that is sent by a button is checked by the server, which answers in a summary and at the fields.
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("button, input")?.form;
    if (form) form.noValidate = true;
  }, true);

  const clear = (field) => {
    document.getElementById(`${field.id || field.name}_refused`)?.remove();
    field.removeAttribute("aria-invalid");
    field.closest(".field")?.classList.remove("field-wrong");
  };

  const refuse = (field, sentence) => {
    clear(field);
    const error = document.createElement("div");
    error.className = "field-error";
    error.id = `${field.id || field.name}_refused`;
    error.textContent = sentence;
    const box = field.closest(".field, .form-check") ?? field;
    if (box.matches(".field")) box.classList.add("field-wrong"), box.append(error);
    else box.after(error);
    field.setAttribute("aria-invalid", "true");
    const described = field.getAttribute("aria-describedby");
    if (!described?.split(" ").includes(error.id)) field.setAttribute("aria-describedby", [described, error.id].filter(Boolean).join(" "));
    field.addEventListener("input", () => clear(field), { once: true });
  };

  // A refusal that is about a field marks it and takes the focus there: <div class="notice" data-field="opinion">.
  const point = (part) => {
    for (const notice of part.querySelectorAll("[data-field]")) {
      const all = [...document.getElementsByName(notice.dataset.field)].filter((one) => one.type !== "hidden" && !one.form?.matches("[role=search]"));
      const field = all.find((one) => one.getClientRects().length) ?? all[0]; // else it is folded away
      if (!field) continue;
      refuse(field, notice.innerText.trim());
      const folded = field.closest("details");
      if (folded) folded.open = true;
      setTimeout(() => field.focus(), 30); // after htmx has settled
    }
  };
  document.addEventListener("DOMContentLoaded", () => point(document));
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) point(event.target); });

  // The summary of a form leads into the field itself: into its search box, or the first of its boxes to tick.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    const named = link && document.getElementById(link.hash.slice(1));
    const field = named?.tomselect?.control_input ?? named?.querySelector("input, select, textarea");
    if (!field) return; // a plain field: the browser goes there
    event.preventDefault();
    field.focus();
  });

  // A file over the limit is refused when it is chosen: <input type="file" data-max-bytes data-too-large>.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("[data-max-bytes]")) return;
    const tooLarge = field.files[0]?.size > Number(field.dataset.maxBytes);
    if (tooLarge) { field.value = ""; refuse(field, field.dataset.tooLarge); field.focus(); } else clear(field);
  });

  // A file may be dropped where it can be chosen, <div data-drop> around the field; beside it the browser would leave the
  // page and open the file.
  for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => {
    if (!document.querySelector("[data-drop]") || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const place = event.target.closest?.("[data-drop]");
    for (const one of document.querySelectorAll("[data-drop]")) one.classList.toggle("drop-over", one === place && type === "dragover");
    if (!place) event.dataTransfer.dropEffect = "none";
    if (!place || type !== "drop") return;
    const field = place.querySelector("input[type=file]"), { files } = event.dataTransfer;
    if (files.length !== 1) { refuse(field, "一次只能上传一个文件，请只拖一个文件到这里。"); return; }
    field.files = files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
})();

// How much of each section of a long form is filled in: <small data-filled="group-1">, <p data-filled-all>.
(() => {
  "use strict";
  const fields = (group) => [...group.querySelectorAll(".field")].filter((field) => field.querySelector(".star"));
  const filled = (field) => {
    const boxes = [...field.querySelectorAll("input[type=radio], input[type=checkbox]")];
    if (boxes.length) return boxes.some((box) => box.checked);
    return [...field.querySelectorAll("input:not([type=hidden]), select, textarea")].some((input) => input.name && input.value.trim());
  };
  const show = () => {
    let done = 0, all = 0;
    for (const place of document.querySelectorAll("[data-filled]")) {
      const group = fields(document.getElementById(place.dataset.filled)), here = group.filter(filled).length;
      done += here;
      all += group.length;
      place.textContent = group.length ? `${here} / ${group.length}` : "选填";
      place.parentElement.classList.toggle("done", group.length > 0 && here === group.length);
    }
    const sum = document.querySelector("[data-filled-all]");
    if (sum) sum.textContent = done === all ? "必填项已全部填写" : `必填 ${all} 项，还有 ${all - done} 项`;
  };
  document.addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector("[data-filled]")) return;
    show();
    for (const type of ["input", "change", "htmx:afterSettle"]) document.addEventListener(type, show);
  });
})();
