// The pictures of a page open large, one after the other: <a data-picture href="…/1600.jpg"> around each, and the dialog of
// bookings/lightbox.html. Without script each link opens its picture alone.
(() => {
  "use strict";
  const dialog = document.getElementById("lightbox");
  const links = [...document.querySelectorAll("a[data-picture]")];
  if (!dialog || !dialog.showModal) return;
  const image = dialog.querySelector("img");
  let here = 0;

  const show = (place) => {
    here = (place + links.length) % links.length;
    const words = links[here].querySelector("img").alt;
    image.src = links[here].href;
    image.alt = words;
    dialog.querySelector("[data-words]").textContent = words;
    dialog.querySelector("[data-place]").textContent = `${here + 1} / ${links.length}`;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-picture]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(links.indexOf(link));
      dialog.showModal();
    }
  });
  for (const button of dialog.querySelectorAll("[data-step]")) {
    button.hidden = links.length < 2;
    button.addEventListener("click", () => show(here + Number(button.dataset.step)));
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); show(here + step); }
  });
})();
