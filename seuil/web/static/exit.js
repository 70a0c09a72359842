// Quick exit, on every page: the button, or Shift three times in a row.

import { PRESSES, countShift, leave } from "./leave.js";

const button = document.querySelector("[data-exit]");
const dots = document.querySelectorAll(".exit-dots i");
const status = document.getElementById("exit-status");

const go = () => leave(button.dataset.exit, () => navigator.sendBeacon(button.form.action));

// The text size chosen in this tab (chat/comfort.js).
try {
  const size = sessionStorage.getItem("seuil-text-size");
  if (size) document.documentElement.classList.add(size);
} catch {
  // Storage refused: the browser's own size.
}

if (button) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
  countShift((presses) => {
    dots.forEach((dot, index) => dot.classList.toggle("on", index < presses));
    dots[0]?.parentElement.classList.toggle("counting", presses > 0);
    if (presses >= PRESSES) go();
    else if (presses) status.textContent = status.dataset[presses === 1 ? "once" : "twice"];
    else if (status.textContent) status.textContent = "";
  });
  // A page that comes back from the browser's memory asks the server what to show.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.documentElement.hidden = true;
    location.reload();
  });
}
