// Scans are sent as they are chosen or dropped, each by itself with its progress, and listed; without this file the form
// brings them along when it is sent. What the form holds besides stays as it is.
(() => {
  "use strict";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const WORDS = {
    0: "网络中断，没有上传。请检查网络后再选择一次。",
    401: "登录已过期，没有上传。填写的内容还在这一页：请照常提交，重新登录后可以恢复，再上传附件。",
    404: "这一页的申请不能再上传附件。请刷新页面查看最新状态。",
    413: "文件超过 10 MB，没有上传。请用 300 dpi 以下重新扫描，或拆成几个文件。",
  };
  const OTHER = "没有上传成功。请稍后再试一次；如仍不成功，请联系技术支持。";

  const enhance = (box) => {
    const list = box.querySelector("[data-attachments-list]"), progress = box.querySelector(".attach-progress");
    let waiting = Promise.resolve(), running = 0;
    box.classList.add("scripted");

    const problem = (words) => {
      let place = list.querySelector(".attach-problems");
      if (!place) {
        place = document.createElement("div");
        place.className = "attach-problems";
        place.setAttribute("role", "alert");
        list.prepend(place);
      }
      const line = document.createElement("div");
      line.className = "field-error";
      line.textContent = words;
      place.append(line);
    };
    // The answer is the list with what was wrong with this file; what was wrong with others before it stays.
    const show = (html, earlier) => {
      list.innerHTML = html;
      for (const words of earlier) problem(words);
    };
    const problems = () => [...list.querySelectorAll(".attach-problems .field-error")].map((one) => one.textContent.trim());

    const send = (file, scan, earlier) => new Promise((done) => {
      const line = document.createElement("div"), name = document.createElement("span"), bar = document.createElement("progress");
      name.textContent = `正在上传 ${file.name}`;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", name.textContent);
      line.append(name, bar);
      progress.replaceChildren(line);
      const data = new FormData(), request = new XMLHttpRequest();
      for (const [key, value] of [["kind", box.dataset.kind], ["about", box.dataset.about], ["scan", scan], ["attachment", file]]) data.append(key, value);
      request.open("POST", box.dataset.attachments);
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("HX-Current-URL", location.href);
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = event.loaded / event.total;
        if (event.loaded === event.total) { name.textContent = `正在检查 ${file.name}`; bar.removeAttribute("value"); }
      });
      request.addEventListener("loadend", () => {
        const type = request.getResponseHeader("Content-Type") ?? "";
        if ([200, 422].includes(request.status) && type.startsWith("text/html")) show(request.responseText, earlier);
        else problem(`“${file.name}”${request.status === 422 ? `没有上传：${request.responseText}` : WORDS[request.status] ?? OTHER}`);
        progress.textContent = request.status === 200 ? `${file.name} 已上传。` : "";
        done();
      });
      request.send(data);
    });

    const take = (files, scan) => {
      const earlier = [];
      list.querySelector(".attach-problems")?.remove();
      for (const file of files) {
        if (file.size > Number(box.dataset.mostBytes)) { earlier.push(`“${file.name}”${WORDS[413]}`); continue; }
        running += 1;
        waiting = waiting.then(() => send(file, scan, problems())).finally(() => { running -= 1; });
      }
      earlier.forEach(problem);
    };

    const chosen = (input) => {
      take([...input.files], input.closest("[data-scan]").dataset.scan);
      input.value = ""; // what is sent already is not sent again with the form
    };
    box.addEventListener("change", (event) => { if (event.target.matches("input[type=file]")) chosen(event.target); });
    for (const place of box.querySelectorAll("[data-scan]")) {
      const over = (event) => {
        if (![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        place.classList.toggle("attach-over", event.type === "dragover");
      };
      place.addEventListener("dragover", over);
      place.addEventListener("dragleave", over);
      place.addEventListener("drop", (event) => { over(event); take([...event.dataTransfer.files], place.dataset.scan); });
    }
    list.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-remove]");
      if (!button) return;
      event.preventDefault();
      const place = [...list.querySelectorAll("[data-remove]")].indexOf(button);
      const answer = await fetch(button.dataset.remove, {
        method: "POST", headers: { "X-CSRFToken": token(), "HX-Request": "true", "HX-Current-URL": location.href },
      }).catch(() => ({ status: 0 }));
      if (![200, 422].includes(answer.status)) { problem(WORDS[answer.status] ?? "没有移除成功，请稍后再试一次。"); return; }
      show(await answer.text(), []);
      if (answer.status === 200) progress.textContent = "附件已移除。";
      const left = list.querySelectorAll("[data-remove]");
      (left[Math.min(place, left.length - 1)] ?? box.querySelector("input[type=file]")).focus();
    });
    // A form that is sent while files are on their way would leave without them.
    document.addEventListener("submit", (event) => {
      if (!running || event.target !== box.form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      problem("附件正在上传，还没有完成。请等上传完成后再提交。");
      progress.scrollIntoView({ block: "center" });
    }, true);
    // What was chosen while this file was still on its way.
    for (const input of box.querySelectorAll("input[type=file]")) if (input.files.length) chosen(input);
  };

  const start = () => { for (const box of document.querySelectorAll("[data-attachments]:not(.scripted)")) enhance(box); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
