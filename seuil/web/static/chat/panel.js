// The widget's panel: the chat in a shadow root, in somebody else's page.

import { PRESSES, countShift, leave } from "../leave.js";
import "./chat.js";

/** Sizes in rem follow the host page's root; ours follow our own. */
const ownSizes = (css) =>
  css.replace(/@[^{;]*\{|(-?\d*\.?\d+)rem/g, (all, number) => (number ? `calc(${number} * var(--rem))` : all));

/** A page of ours as a document: parsed by the request itself, as no site's policy forbids. */
function page(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(new Error(String(request.status))));
    request.onerror = reject;
    request.open("GET", url);
    request.send();
  });
}

/** Put the chat into `root`; returns {open, close} once it is there. */
export async function build(root, origin, addresses, launcher) {
  const [css, markup] = await Promise.all([
    fetch(origin + addresses.css).then((response) => response.text()),
    page(origin + addresses.panel),
  ]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(ownSizes(css));
  root.adoptedStyleSheets = [sheet];
  const panel = document.createElement("section");
  panel.className = "panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", launcher.textContent);
  panel.lang = "fr";
  const chat = markup.querySelector("seuil-chat");
  chat.dataset.origin = origin;
  chat.dataset.facts = origin + chat.dataset.facts;
  for (const link of markup.querySelectorAll("a[href^='/']")) link.href = origin + link.getAttribute("href");
  panel.append(...[...markup.body.children].map((child) => document.importNode(child, true)));
  root.append(panel);

  const isOpen = () => !panel.hidden;
  const text = () => root.querySelector("[data-text]");
  function open() {
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    text().focus();
  }
  function close() {
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
  }
  const go = () =>
    leave(root.querySelector("[data-exit]").dataset.exit, () => root.querySelector("seuil-chat").abandon());
  root.querySelector("[data-close]").addEventListener("click", close);
  root.querySelector("[data-exit]").addEventListener("click", go);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !root.querySelector("[data-menu][open]")) close();
  });
  countShift((presses) => presses >= PRESSES && isOpen() && go());
  return { open, close, isOpen };
}
