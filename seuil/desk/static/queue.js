// The queue stays current without moving the focus or the page.
import { freshPage, listen } from "./live.js";

const queue = document.querySelector("#live-queue");
const news = document.querySelector("#news");
let pending = 0;

async function refresh() {
  const page = await freshPage();
  const fresh = page?.querySelector("#live-queue");
  if (!fresh || fresh.innerHTML === queue.innerHTML) return;
  const held = queue.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const before = queue.querySelector("#total")?.textContent;
  queue.replaceChildren(...fresh.childNodes);
  if (held) queue.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  const after = queue.querySelector("#total")?.textContent;
  if (before !== after) news.textContent = after;
}

listen(() => {
  clearTimeout(pending);
  pending = setTimeout(refresh, 300);
});
