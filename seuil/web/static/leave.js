// Leaving in a hurry, in this order: cover what is on screen, tell the server, empty the page, go.

export const PRESSES = 3;
const WITHIN_MS = 5000;
// A tab in the background draws no frame.
const AT_LATEST_MS = 300;

let leaving = false;

export function leave(address, tellServer) {
  if (leaving) return;
  leaving = true;
  const cover = document.createElement("div");
  // Through the CSSOM, which no site's policy forbids.
  cover.style.cssText = "position:fixed;inset:0;z-index:2147483647;display:block;background:#fff";
  cover.dataset.cover = "";
  document.documentElement.append(cover);
  document.title = " ";
  try {
    tellServer();
  } catch {
    // The session then ends by its own expiry; leaving comes first.
  }
  const go = () => location.replace(address);
  // The next frame is drawn with the cover before anything else can take time.
  requestAnimationFrame(() => {
    document.body.replaceChildren();
    try {
      sessionStorage.clear();
    } catch {
      // Storage refused by the browser: there is nothing in it.
    }
    go();
  });
  setTimeout(go, AT_LATEST_MS);
}

/** Call `listener` with the number of times Shift was pressed in a row, at each key. */
export function countShift(listener) {
  let times = [];
  addEventListener("keydown", (event) => {
    // A capital letter is Shift and a key: the other key starts the count again.
    if (event.key !== "Shift") times = [];
    else if (!event.repeat) times = [...times.filter((time) => event.timeStamp - time < WITHIN_MS), event.timeStamp];
    listener(times.length);
  });
}
