// Quick exit, on every page: the button, or Shift three times in a row.
// In this order: cover what is on screen, tell the server, empty the page, leave.

const PRESSES = 3;
const WITHIN_MS = 5000;

const button = document.querySelector("[data-exit]");
const dots = document.querySelectorAll(".exit-dots i");
const status = document.getElementById("exit-status");
let presses = [];
let leaving = false;

export function leave() {
  if (leaving) return;
  leaving = true;
  const cover = document.createElement("div");
  cover.className = "exit-cover";
  document.documentElement.append(cover);
  document.title = " ";
  try {
    navigator.sendBeacon(button.form.action);
  } catch {
    // Without beacons the session ends by its own expiry; leaving comes first.
  }
  // The next frame is drawn with the cover before anything else can take time.
  requestAnimationFrame(() => {
    document.body.replaceChildren();
    try {
      sessionStorage.clear();
      localStorage.clear();
    } catch {
      // Storage refused by the browser: there is nothing in it.
    }
    location.replace(button.dataset.exit);
  });
  // A tab in the background draws no frame.
  setTimeout(() => location.replace(button.dataset.exit), 300);
}

function count(event) {
  if (event.key !== "Shift") {
    presses = [];
  } else if (!event.repeat) {
    const now = event.timeStamp;
    presses = [...presses.filter((time) => now - time < WITHIN_MS), now];
  }
  dots.forEach((dot, index) => dot.classList.toggle("on", index < presses.length));
  dots[0]?.parentElement.classList.toggle("counting", presses.length > 0);
  if (presses.length >= PRESSES) leave();
  else if (event.key === "Shift" && presses.length) {
    status.textContent = status.dataset[presses.length === 1 ? "once" : "twice"] ?? "";
  } else if (status.textContent) status.textContent = "";
}

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
    leave();
  });
  // A capital letter is Shift and a key: the other key resets the count.
  addEventListener("keydown", count);
  // A page that comes back from the browser's memory asks the server what to show.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.documentElement.hidden = true;
    location.reload();
  });
}
