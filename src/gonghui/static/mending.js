// The grid of errors, imports/edit.html: moving by keys between the cells that want it, one text for all cells with one
// error, a block pasted from a spreadsheet, and the sums in the bar. Without it the grid is a form like any other.
(() => {
  "use strict";
  const form = document.getElementById("mending");
  if (!form) return;
  const save = document.querySelector("button.btn-primary[form=mending]"), count = document.getElementById("mending-count");
  const told = document.getElementById("mending-told"), why = document.getElementById("mending-why"), back = document.getElementById("mending-back");
  const cells = [...form.querySelectorAll("td.cell")], rows = [...form.querySelectorAll("tbody tr:not(.group)")];
  const field = (cell) => cell.querySelector("select, input:not([type=hidden])");
  const hidden = (cell) => cell.querySelector("input[type=hidden]");
  const before = (cell) => hidden(cell)?.value ?? "";
  const row = (cell) => cell.closest("tr");
  const isOut = (one) => one.querySelector(".out input").checked;
  const isShown = (one) => one.offsetParent !== null;
  const wanted = () => cells.filter((cell) => cell.matches(".wrong") && isShown(cell) && !isOut(row(cell)));

  // Whether a column has room for what was there before; asked once, for each question lays the page out anew.
  const room = new Map();
  const isWide = (cell) => {
    if (!room.has(cell.dataset.key)) room.set(cell.dataset.key, cell.clientWidth > 120);
    return room.get(cell.dataset.key);
  };

  // What is changed, and how many.
  const mark = (cell) => {
    const changed = field(cell).value !== before(cell), words = cell.querySelector(".mask")?.textContent || field(cell).placeholder || before(cell);
    cell.classList.toggle("changed", changed);
    let note = cell.querySelector(".before");
    cell.title = changed ? `原 ${words || "空"}` : "";
    if (changed && !note && isWide(cell)) {
      note = Object.assign(document.createElement("small"), { className: "before", textContent: `原 ${words || "空"}` });
      cell.querySelector(".slot").append(note);
    }
    if (!changed) note?.remove();
  };
  let due = false;
  const sum = () => { // once, however many cells are changed together
    if (!due) queueMicrotask(() => { due = false; show(); });
    due = true;
  };
  const show = () => {
    for (const one of rows) one.classList.toggle("left-out", isOut(one));
    const out = rows.filter(isOut).length, kept = cells.filter((cell) => !isOut(row(cell)));
    const changed = kept.filter((cell) => cell.matches(".changed")).length, left = kept.filter((cell) => cell.matches(".wrong:not(.changed)")).length;
    const part = (words, number, unit) => [words, Object.assign(document.createElement("b"), { textContent: number }), unit];
    count.replaceChildren(...part("已改 ", changed, " 格，"), ...(out ? part("不导入 ", out, " 行，") : []), ...part("本页还有 ", left, " 处"));
    for (const group of form.querySelectorAll("tbody")) {
      const badge = group.querySelector(".badge"), control = group.querySelector("[data-same]");
      const wrong = (control ? alike(control) : [...group.querySelectorAll(".wrong")]).filter((cell) => !isOut(row(cell)));
      if (!badge) continue;
      badge.dataset.words ??= badge.textContent;
      const done = wrong.every((cell) => cell.matches(".changed"));
      badge.textContent = done ? "本页已改" : badge.dataset.words;
      badge.classList.toggle("badge-red", !done);
      badge.classList.toggle("badge-green", done);
    }
  };
  // The cells of this page with the error of a group.
  const alike = (control) => {
    const [, key, value] = /^([^:]*):([^]*)$/.exec(form.elements[control.name.replace("same", "of")].value), group = control.closest("tbody");
    return cells.filter((cell) => cell.dataset.key === key && cell.matches(".wrong") && (group.contains(cell) || before(cell) === value));
  };
  const all = () => { cells.forEach(mark); sum(); };
  const put = (cell, text) => {
    const one = field(cell);
    if (one.tagName === "SELECT" && ![...one.options].some((option) => option.value === text)) one.add(new Option(text, text));
    one.value = text;
    for (const type of ["input", "change"]) one.dispatchEvent(new Event(type, { bubbles: true }));
  };
  for (const type of ["input", "change"]) form.addEventListener(type, (event) => {
    const cell = event.target.closest("td.cell");
    if (cell) mark(cell);
    if (cell || event.target.closest(".out")) sum();
  });
  form.addEventListener("reset", () => setTimeout(() => {
    for (const cell of cells) field(cell).value = before(cell);
    for (const one of form.querySelectorAll("[data-same]")) { one.value = ""; one.previous = undefined; shown(one); }
    for (const one of form.querySelectorAll(".out input")) one.checked = false;
    say("");
    all();
  }));
  // Only what is changed is sent: it is what is kept, should the session have ended (accounts/kept.py takes 64 KB).
  form.addEventListener("formdata", (event) => {
    for (const cell of cells) {
      if (cell.matches(".changed")) continue;
      event.formData.delete(field(cell).name);
      if (hidden(cell)) event.formData.delete(hidden(cell).name);
    }
  });

  // What is wrong with the cell in focus, until something else is to tell.
  let undo = null;
  const say = (words, warned = false, undoing = null) => {
    told.textContent = words;
    told.classList.toggle("warned", warned);
    why.hidden = Boolean(words);
    undo = undoing;
    back.hidden = !undoing;
  };
  const keys = why.innerHTML;
  form.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td.cell.wrong:not(.changed)");
    if (event.target.closest("td.cell") !== told.cell) say("");
    why.classList.toggle("wrong", Boolean(cell));
    if (!cell) { why.innerHTML = keys; return; }
    const place = `第 ${row(cell).querySelector("th").textContent} 行，${cell.dataset.label}：`;
    why.textContent = place + cell.querySelector(".why").textContent.trim() + (event.target.tagName === "SELECT" ? "按空格键展开选项。" : "");
  });
  back.addEventListener("click", () => { const again = undo; say(""); again?.(); });

  // Keys. Tab goes through the cells that want it, Enter to the next that is not changed yet, arrows to the neighbours.
  for (const one of form.querySelectorAll("td.cell:not(.wrong) input, td.out input")) one.tabIndex = -1;
  const go = (place) => {
    if (!place) return;
    const one = place.matches?.("td") ? field(place) ?? place.querySelector("input") : place;
    one.focus();
    if (one.type === "text") one.select();
  };
  const sideways = (cell, step) => {
    const line = [...row(cell).querySelectorAll("td.cell, td.out")].filter(isShown);
    return line[line.indexOf(cell) + step];
  };
  const upright = (cell, step) => {
    const list = wanted().filter((one) => one === cell || row(one) !== row(cell)), at = rows.indexOf(row(cell));
    const beyond = list.filter((one) => Math.sign(rows.indexOf(row(one)) - at) === step);
    if (step < 0) beyond.reverse();
    return beyond.find((one) => one.dataset.key === cell.dataset.key && row(one) === row(beyond[0])) ?? beyond[0];
  };
  const edge = (one, step) => one.type !== "text" || (one.selectionStart === one.selectionEnd || one.selectionEnd - one.selectionStart === one.value.length)
    && (step < 0 ? one.selectionStart === 0 : one.selectionEnd === one.value.length);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(save); return; }
    const cell = event.target.closest?.("td.cell, td.out");
    if (!cell || !form.contains(cell) || event.altKey || event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && event.target.matches?.("[data-same]")) { event.preventDefault(); event.target.blur(); go(wanted().find((one) => !one.matches(".changed")) ?? save); }
      return;
    }
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter") {
      const list = wanted().filter((one) => one === cell || !one.matches(".changed")), after = (one) => cell.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (event.shiftKey) list.reverse();
      go(list.find((one) => one !== cell && Boolean(after(one)) !== event.shiftKey) ?? list.find((one) => one !== cell) ?? save);
    } else if (event.key === "Escape" && cell.matches(".changed")) put(cell, before(cell));
    else if (step && /Up|Down/.test(event.key)) go(upright(cell, step));
    else if (step && !event.shiftKey && edge(event.target, step)) go(sideways(cell, step));
    else return;
    event.preventDefault();
  });

  // One text for all cells with one error. Those on other pages are mended by the server.
  const shown = (control) => { control.closest("tr").querySelector("[data-same-undo]").hidden = !control.value; };
  const together = (control) => {
    const text = control.value === "-" ? "" : control.value;
    for (const cell of alike(control)) {
      if (isOut(row(cell))) continue;
      if (cell.matches(".changed") && field(cell).value !== control.previous) continue; // typed by hand
      put(cell, control.value ? text : before(cell));
    }
    control.previous = control.value ? text : undefined;
    shown(control);
  };
  form.addEventListener("change", (event) => { if (event.target.matches("[data-same]")) together(event.target); });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-same-undo]");
    if (!button) return;
    const control = button.closest("tr").querySelector("[data-same]");
    control.value = "";
    control.dispatchEvent(new Event("change", { bubbles: true }));
    control.focus();
  });

  // A block from a spreadsheet: rows by lines, cells by tabs; what holds either of them is in quotes.
  const block = (text) => {
    const lines = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const sign = text[at], line = lines[lines.length - 1];
      if (quoted) {
        if (sign !== "\"") line[line.length - 1] += sign;
        else if (text[at + 1] === "\"") { line[line.length - 1] += sign; at += 1; } else quoted = false;
      } else if (sign === "\"" && line[line.length - 1] === "") quoted = true;
      else if (sign === "\t") line.push("");
      else if (sign === "\n") lines.push([""]);
      else line[line.length - 1] += sign;
    }
    return lines;
  };
  const paste = (cell, lines) => {
    const places = [...row(cell).querySelectorAll("td.cell")].filter(isShown).map((one) => one.dataset.key);
    const keysFrom = places.slice(places.indexOf(cell.dataset.key)), rowsFrom = rows.slice(rows.indexOf(row(cell)));
    const old = [], sums = { right: 0, out: 0, beyond: 0, long: 0 };
    lines.forEach((line, down) => line.forEach((raw, across) => {
      const text = raw.replace(/\s+/g, " ").trim(), target = rowsFrom[down]?.querySelector(`td.cell[data-key="${keysFrom[across]}"]`);
      if (!text) return; // an empty cell erases nothing
      if (!target) sums.beyond += 1;
      else if (isOut(rowsFrom[down])) sums.out += 1;
      else if (!target.matches(".wrong")) sums.right += text === field(target).value ? 0 : 1;
      else if (text.length > 500) sums.long += 1;
      else { old.push([target, field(target).value]); put(target, text); }
    }));
    const words = [
      old.length ? `已粘贴 ${old.length} 格。` : "没有粘贴任何一格。",
      sums.right && `${sums.right} 格本来没有错误，没有改。`,
      sums.out && `${sums.out} 格在不导入的行中，没有改。`,
      sums.beyond && `${sums.beyond} 格超出了这一页的表格，没有粘贴，请在下一页再粘贴。`,
      sums.long && `${sums.long} 格超过 500 个字，没有粘贴。`,
    ].filter(Boolean).join("");
    told.cell = cell;
    say(words, words.includes("没有"), old.length ? () => { for (const [one, text] of old) put(one, text); } : null);
  };
  form.addEventListener("paste", (event) => {
    const cell = event.target.closest("td.cell"), text = (event.clipboardData?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!cell || !text || (event.target.tagName !== "SELECT" && !/[\t\n]/.test(text))) return;
    event.preventDefault();
    paste(cell, block(text));
  });

  all();
  document.getElementById("all-columns")?.addEventListener("change", () => {
    room.clear();
    for (const note of form.querySelectorAll(".before")) note.remove();
    all();
  });
  document.querySelectorAll("[data-same]").forEach(shown);
})();
