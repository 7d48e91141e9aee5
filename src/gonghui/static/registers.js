// A register's file is sent in pieces, so that neither browser, proxy nor server holds it at once; a piece that got lost is
// sent again. Without this file the form brings a small one whole.
(() => {
  "use strict";
  const TRIES = 5;
  const LOST = "网络中断，没有上传完。请检查网络后再上传一次。";
  const GONE = "登录已过期或页面已过时，没有上传完。请刷新页面后再上传一次。";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  const post = (address, fields, signal) => {
    const body = new FormData();
    for (const [key, value] of Object.entries(fields)) body.append(key, value);
    return fetch(address, { method: "POST", body, signal, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
  };
  // The answer, or an error with the sentence for people. Sent again after a lost connection or a busy server.
  const send = async (address, fields, signal) => {
    for (let tried = 1; ; tried += 1) {
      const answer = await post(address, fields, signal).catch((error) => { if (signal.aborted) throw error; });
      if (answer?.ok) return answer;
      if (answer?.status === 422) throw new Error(await answer.text());
      if (answer && answer.status < 500) throw new Error(GONE);
      if (tried === TRIES) throw new Error(LOST);
      await pause(tried);
    }
  };

  const upload = async (form, file) => {
    const box = form.querySelector(".piece-progress"), [words, bar] = box.children, stop = form.querySelector("[data-pieces-stop]");
    const button = form.querySelector("button.btn-primary"), control = new AbortController(), size = Number(form.dataset.pieceBytes);
    const leaving = (event) => event.preventDefault();
    let steps;
    box.hidden = stop.hidden = false;
    button.disabled = true;
    stop.onclick = () => control.abort();
    addEventListener("beforeunload", leaving);
    try {
      words.textContent = `正在上传 ${file.name}`;
      steps = await (await send(form.dataset.pieces, { name: file.name, size: file.size }, control.signal)).json();
      for (let number = 0; number * size < file.size; number += 1) {
        await send(steps.piece, { number, piece: file.slice(number * size, (number + 1) * size) }, control.signal);
        bar.value = Math.min(1, (number + 1) * size / file.size);
        words.textContent = `正在上传 ${file.name}，已完成 ${Math.floor(bar.value * 100)}%`;
      }
      await send(steps.check, {}, control.signal);
      removeEventListener("beforeunload", leaving);
      location.assign(steps.load);
    } catch (error) {
      removeEventListener("beforeunload", leaving);
      if (steps) await post(steps.discard, {}).catch(() => {});
      words.textContent = control.signal.aborted ? "已停止上传，没有载入任何一行。" : error.message;
      words.classList.toggle("field-error", !control.signal.aborted);
      bar.value = 0;
      stop.hidden = true;
      button.disabled = false;
      button.focus();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target, file = form.matches("[data-pieces]") && form.querySelector("input[type=file]").files[0];
    if (!file) return;
    event.preventDefault();
    form.querySelector(".piece-progress span").classList.remove("field-error");
    upload(form, file);
  });
})();
