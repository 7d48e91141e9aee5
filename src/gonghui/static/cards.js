// A part of a page fetched by htmx into <dialog id="dialog"> opens it; [data-close] and Escape close it.
(() => {
  "use strict";
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target;
    if (dialog.id === "dialog" && !dialog.open) dialog.showModal();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#dialog [data-close]");
    if (button) { event.preventDefault(); button.closest("dialog").close(); }
    const offer = event.target.closest("[data-offer]");
    if (offer) { const field = document.getElementById("id_agreed"); field.value = offer.dataset.offer; field.focus(); }
  });
})();
