// The editor of an article (TipTap): a toolbar of ours over the textarea, which keeps what is sent. Without this file the
// textarea takes typed text. Pictures are uploaded before they stand in the text, each with words for who cannot see it.
(() => {
  "use strict";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const WORDS = {
    0: "网络中断，没有上传。请检查网络后再试一次。",
    401: "登录已过期，没有上传。请先保存文章，重新登录后再上传。",
    413: "图片超过 10 MB，没有上传。请缩小后再上传。",
  };
  const OTHER = "没有上传成功。请稍后再试一次；如仍不成功，请联系技术支持。";

  // Alignment is a class: the pages allow no inline styles.
  const Align = () => tiptap.Extension.create({
    name: "align",
    addGlobalAttributes: () => [{
      types: ["paragraph", "heading"],
      attributes: {
        align: {
          default: null,
          parseHTML: (element) => element.className.match(/align-(center|right)/)?.[1] ?? null,
          renderHTML: ({ align }) => align ? { class: `align-${align}` } : {},
        },
      },
    }],
  });

  const STYLE = /\sstyle\s*=\s*("[^"]*"|'[^']*')/gi; // of what is pasted only the alignment is taken

  const upload = async (address, file, alt) => {
    const data = new FormData();
    data.append("alt", alt);
    data.append("picture", file);
    const answer = await fetch(address, { method: "POST", body: data, redirect: "manual",
      headers: { "X-CSRFToken": token(), "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
    const said = answer?.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (!answer?.ok) throw new Error(said.refused ?? WORDS[answer?.status ?? 0] ?? OTHER);
    return said;
  };

  // The dialog: resolves with what was uploaded, or with nothing. Called with a file when one was pasted or dropped.
  const ask = (pasted) => new Promise((done) => {
    const dialog = document.getElementById("picture-dialog"), form = dialog.querySelector("form");
    const [file, alt] = [form.querySelector("[type=file]"), form.querySelector("#picture-alt")];
    const problem = form.querySelector("[data-problem]"), send = form.querySelector("[data-send]");
    let found = null;
    form.reset();
    problem.textContent = "";
    file.closest(".field").hidden = Boolean(pasted);
    const submit = async () => {
      const chosen = pasted ?? file.files[0];
      problem.textContent = !chosen ? "请先选择图片。" : !alt.value.trim() ? "请填写图片说明。"
        : chosen.size > 10 * 1024 * 1024 ? WORDS[413] : "";
      if (problem.textContent) return;
      send.disabled = true;
      try {
        found = await upload(form.dataset.address, chosen, alt.value);
        dialog.close();
      } catch (error) { problem.textContent = error.message; }
      send.disabled = false;
    };
    const enter = (event) => { if (event.key === "Enter" && event.target === alt) { event.preventDefault(); submit(); } };
    send.onclick = submit;
    form.onkeydown = enter;
    dialog.querySelector("[data-close]").onclick = () => dialog.close();
    dialog.onclose = () => done(found);
    dialog.showModal();
    (pasted ? alt : file).focus();
  });

  const link = (editor) => {
    const now = editor.getAttributes("link").href ?? "";
    const href = prompt("链接地址（以 https:// 或 / 开头）；清空即取消链接", now);
    if (href === null) return;
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!href.trim()) chain.unsetLink().run();
    else if (/^(https?:\/\/|\/|mailto:|tel:)/.test(href.trim())) chain.setLink({ href: href.trim() }).run();
    else alert("链接地址要以 https:// 或 / 开头，没有添加。");
  };

  const align = (editor, value) => {
    const type = editor.isActive("heading") ? "heading" : "paragraph";
    editor.chain().focus().updateAttributes(type, { align: value }).run();
  };
  const toggles = (name, run, is, values) => ({ name, run, is: (editor) => editor.isActive(is, values) });
  const BUTTONS = [
    ["arrow-back-up", "撤销（Ctrl+Z）", { run: (chain) => chain.undo() }],
    ["arrow-forward-up", "重做（Ctrl+Shift+Z）", { run: (chain) => chain.redo() }],
    null,
    ["h-2", "标题", toggles("", (chain) => chain.toggleHeading({ level: 2 }), "heading", { level: 2 })],
    ["h-3", "小标题", toggles("", (chain) => chain.toggleHeading({ level: 3 }), "heading", { level: 3 })],
    null,
    ["bold", "加粗（Ctrl+B）", toggles("", (chain) => chain.toggleBold(), "bold")],
    ["italic", "斜体（Ctrl+I）", toggles("", (chain) => chain.toggleItalic(), "italic")],
    ["underline", "下划线（Ctrl+U）", toggles("", (chain) => chain.toggleUnderline(), "underline")],
    null,
    ["list", "项目列表", toggles("", (chain) => chain.toggleBulletList(), "bulletList")],
    ["list-numbers", "编号列表", toggles("", (chain) => chain.toggleOrderedList(), "orderedList")],
    ["blockquote", "引用", toggles("", (chain) => chain.toggleBlockquote(), "blockquote")],
    null,
    ["align-left", "左对齐", { act: (editor) => align(editor, null) }],
    ["align-center", "居中", { act: (editor) => align(editor, "center"), is: (editor) => editor.isActive({ align: "center" }) }],
    null,
    ["link", "链接", { act: link, is: (editor) => editor.isActive("link") }],
    ["photo", "图片", { act: (editor) => picture(editor) }],
    ["table", "表格", { run: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }) }],
    ["clear-formatting", "清除格式", { run: (chain) => chain.clearNodes().unsetAllMarks() }],
  ];
  const TABLE_BUTTONS = [
    ["下方加行", (chain) => chain.addRowAfter()], ["右侧加列", (chain) => chain.addColumnAfter()],
    ["删除行", (chain) => chain.deleteRow()], ["删除列", (chain) => chain.deleteColumn()], ["删除表格", (chain) => chain.deleteTable()],
  ];
  const picture = async (editor, pasted) => {
    const found = await ask(pasted);
    editor.commands.focus();
    if (found) editor.chain().setImage({ src: found.src, alt: found.alt }).run();
  };

  const start = (area) => {
    const form = area.form, place = document.createElement("div"), bar = document.createElement("div");
    const tables = document.createElement("div"), told = document.createElement("div");
    place.className = "editor";
    bar.className = "editor-bar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "正文格式");
    tables.className = "editor-bar editor-tables";
    tables.setAttribute("role", "toolbar");
    tables.setAttribute("aria-label", "表格");
    told.className = "editor-told";
    told.setAttribute("role", "status");
    area.after(place);
    const html = form.elements.format.value === "html" && area.value ? area.value : area.dataset.html || area.value;
    const editor = new tiptap.Editor({
      element: place,
      injectCSS: false,
      content: area.dataset.typed ?? html,
      extensions: [
        tiptap.StarterKit.configure({ heading: { levels: [2, 3, 4] }, codeBlock: false, code: false,
          link: { openOnClick: false, autolink: false, protocols: ["mailto", "tel"] } }),
        tiptap.Image, tiptap.TableKit.configure({ table: { resizable: false } }), Align(),
      ],
      editorProps: {
        attributes: { class: "prose", role: "textbox", "aria-multiline": "true", "aria-labelledby": `${area.id}-label`,
          ...(area.getAttribute("aria-describedby") ? { "aria-describedby": area.getAttribute("aria-describedby") } : {}) },
        handlePaste: (_view, event) => take(event, event.clipboardData),
        handleDrop: (_view, event) => take(event, event.dataTransfer),
        transformPastedHTML: (pasted) => {
          const lost = /<img\b/i.test(pasted);
          told.textContent = lost ? "粘贴的内容中有图片，没有保留：请用「图片」按钮上传。" : "";
          return pasted.replace(/<img\b[^>]*>/gi, "").replace(/<!--[\s\S]*?-->/g, "").replace(/<style\b[\s\S]*?<\/style>/gi, "")
            .replace(/<(\/?)h1\b/gi, "<$1h2").replace(STYLE, (style) => style.match(/text-align:\s*(center|right)/i)
              ? ` class="align-${RegExp.$1.toLowerCase()}"` : "");
        },
      },
    });
    const take = (event, data) => {
      const file = [...data?.files ?? []].find((one) => one.type.startsWith("image/"));
      if (!file || data.getData("text/html")) return false; // words with pictures: the words
      event.preventDefault();
      picture(editor, file);
      return true;
    };
    const label = form.querySelector(`label[for="${area.id}"]`);
    if (label) { label.id = `${area.id}-label`; label.addEventListener("click", () => editor.commands.focus()); }
    area.hidden = true;

    const shown = [];
    const button = (words, act, icon) => {
      const one = document.createElement("button");
      one.type = "button";
      one.tabIndex = -1;
      if (icon) {
        one.append(document.querySelector(`#editor-icons [data-icon="${icon}"] svg`)?.cloneNode(true) ?? words);
        one.title = words;
        one.setAttribute("aria-label", words);
      } else one.textContent = words;
      one.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
      one.addEventListener("click", () => act(editor));
      return one;
    };
    for (const entry of BUTTONS) {
      if (!entry) { bar.append(Object.assign(document.createElement("span"), { className: "editor-gap" })); continue; }
      const [icon, words, does] = entry;
      const one = button(words, does.act ?? (() => does.run(editor.chain().focus()).run()), icon);
      if (does.is) shown.push([one, does.is]);
      bar.append(one);
    }
    for (const [words, run] of TABLE_BUTTONS) tables.append(button(words, () => run(editor.chain().focus()).run()));
    place.prepend(bar, tables);
    place.append(told);
    for (const one of [bar, tables]) byArrows(one);

    // What is sent, and what unsaved.js watches, is the textarea.
    const sync = () => {
      form.elements.format.value = "html";
      area.value = editor.isEmpty ? "" : editor.getHTML();
    };
    const look = () => {
      for (const [one, is] of shown) one.setAttribute("aria-pressed", is(editor));
      tables.hidden = !editor.isActive("table");
    };
    sync();
    area.defaultValue = area.value;
    look();
    editor.on("update", () => { sync(); area.dispatchEvent(new Event("input", { bubbles: true })); });
    editor.on("transaction", look);
    form.addEventListener("submit", (event) => {
      if (area.value.length <= Number(area.dataset.most)) return;
      event.preventDefault();
      told.textContent = `正文（含格式）有 ${area.value.length} 个字符，超过上限 ${area.dataset.most}，没有提交。请删去多余的格式，或分成几篇。`;
      told.scrollIntoView({ block: "center" });
    }, true);
  };

  // One stop of the tab key for a toolbar; arrows go along it (WAI-ARIA, toolbar).
  const byArrows = (bar) => {
    const buttons = [...bar.querySelectorAll("button")];
    buttons[0].tabIndex = 0;
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (to === undefined || at < 0) return;
      event.preventDefault();
      const next = buttons[(to + buttons.length) % buttons.length];
      for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    });
  };

  const cover = (box) => {
    const key = box.closest("form").elements.cover, place = box.querySelector("[data-cover-shown]");
    const [choose, drop] = [box.querySelector("[data-cover-choose]"), box.querySelector("[data-cover-drop]")];
    const set = (value, picture) => {
      key.value = value;
      place.replaceChildren(...picture ? [picture] : []);
      drop.hidden = !value;
      box.closest("form").elements.title.dispatchEvent(new Event("input", { bubbles: true }));
    };
    choose.hidden = false;
    choose.addEventListener("click", async () => {
      const found = await ask();
      if (found) set(found.key, Object.assign(new Image(), { src: found.src, alt: found.alt }));
    });
    drop.addEventListener("click", () => set(""));
  };

  for (const area of document.querySelectorAll("[data-editor]")) start(area);
  for (const box of document.querySelectorAll("[data-cover]")) cover(box);
})();
