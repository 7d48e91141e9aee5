// A text field with suggestions (WAI-ARIA combobox): htmx fills the list, this file moves in it and takes from it.
(() => {
  "use strict";

  const setUp = (box) => {
    const input = box.querySelector("[role=combobox]");
    const list = box.querySelector("[role=listbox]");
    const chosenId = box.querySelector("input[type=hidden]");
    const chosen = box.querySelector("[data-combobox-chosen]");
    const status = box.querySelector("[data-combobox-status]");
    const options = () => [...list.querySelectorAll("[role=option]")];
    const active = () => list.querySelector("[aria-selected=true]");

    const show = (open) => {
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
      if (!open) mark(null);
    };
    const mark = (option) => {
      active()?.setAttribute("aria-selected", "false");
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) input.setAttribute("aria-activedescendant", option.id);
      else input.removeAttribute("aria-activedescendant");
    };
    const forget = () => { chosenId.value = ""; chosen.replaceChildren(); };
    const take = (option) => {
      input.value = option.dataset.name;
      chosenId.value = option.dataset.id;
      chosen.replaceChildren(option.querySelector("template").content.cloneNode(true));
      status.textContent = `已选择${option.dataset.name}`;
      show(false);
    };
    const move = (step) => {
      const all = options();
      if (!all.length) return;
      if (list.hidden) show(true);
      const at = all.indexOf(active());
      mark(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
    };

    input.addEventListener("input", forget);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
      else if (event.key === "Enter" && active()) { event.preventDefault(); take(active()); }
      else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); show(false); }
    });
    input.addEventListener("blur", () => show(false));
    // mousedown, not click: the field keeps the focus, so the list stays until the choice is made.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
    list.addEventListener("htmx:afterSwap", () => {
      const count = options().length;
      show(count > 0 && document.activeElement === input && !chosenId.value);
      status.textContent = count ? `大统计库中有 ${count} 家单位，可用上下方向键选择` : input.value.length > 1 ? "大统计库中没有匹配的单位，可以直接注册" : "";
    });
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-combobox]").forEach(setUp));
})();
