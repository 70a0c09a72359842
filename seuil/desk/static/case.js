// A case's page: says when the case changed elsewhere and who else has it open, keeps the text
// being written, shows what the person answers. It never reloads by itself.
import { freshPage, listen } from "./live.js";

const reference = document.querySelector("h1").textContent.trim().split(/\s+/).pop();
const version = document.querySelector('input[name="version"]')?.value;
const talk = document.querySelector("#talk");
const others = document.querySelector("#others");
const stale = document.querySelector("#stale");

function replaceIfChanged(old, fresh) {
  if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
}

async function refresh() {
  const page = await freshPage();
  if (!page) return;
  replaceIfChanged(talk, page.querySelector("#talk"));
  const looking = page.querySelector("#others");
  replaceIfChanged(others, looking);
  others.hidden = looking?.hidden ?? true;
  const now = page.querySelector('input[name="version"]')?.value;
  if (version && now && now !== version) stale.hidden = false;
}

let pending = 0;
listen((event) => {
  if (event && event.reference !== reference) return;
  clearTimeout(pending);
  pending = setTimeout(refresh, 300);
});

// The text under way outlives a reload of this tab, and goes once it is sent.
for (const area of document.querySelectorAll("textarea")) {
  const key = `seuil ${reference} ${area.id}`;
  area.value ||= sessionStorage.getItem(key) ?? "";
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
  area.form.addEventListener("submit", () => sessionStorage.removeItem(key));
}
