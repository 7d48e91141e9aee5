// The slides of the home page: a row that scrolls, with buttons to go along it. It never moves by itself.
// On a phone the sections scroll, too: the one that is open is in view.
(() => {
  "use strict";
  const here = document.querySelector(".site-sections [aria-current]"), sections = here?.parentElement;
  const beyond = here ? here.getBoundingClientRect().right - sections.getBoundingClientRect().right : 0;
  if (beyond > 0) sections.scrollLeft = beyond + 16;
  for (const box of document.querySelectorAll("[data-slides]")) {
    const row = box.querySelector("ul"), slides = [...row.children], ways = box.querySelector(".slides-ways");
    if (!ways) continue;
    const at = () => Math.round(row.scrollLeft / row.clientWidth);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    ways.hidden = false;
    ways.addEventListener("click", (event) => {
      const step = Number(event.target.closest("button")?.dataset.step ?? 0);
      const to = (at() + step + slides.length) % slides.length;
      row.scrollTo({ left: to * row.clientWidth, behavior: calm });
    });
    row.addEventListener("scroll", () => { ways.querySelector("[data-at]").textContent = `${at() + 1} / ${slides.length}`; }, { passive: true });
  }
})();
