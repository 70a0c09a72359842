// The HR door: the answer follows the form as it is filled in. Without this file, the button asks for it.

import { Cards } from "./chat/cards.js";
import { h } from "./chat/dom.js";

const QUIET_MS = 150;
const form = document.querySelector("[data-check]");
const answer = form.querySelector("[data-answer]");
const bar = form.querySelector("[data-bar]");
const status = form.querySelector("[data-status]");
const words = JSON.parse(document.getElementById("words").textContent);
const cards = new Cards(words);
const only = JSON.parse(form.dataset.only);
// What stays for the next person of the same company.
const KEPT = ["audience", "employer_sector", "employer_size", "department"];

let timer = null;
let asked = 0;

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
form.querySelector("[data-submit]").hidden = true;

const value = (name) => new FormData(form).get(name) ?? "";

/** A follow-up is shown beside the answers that call for it. */
function showFollowUps() {
  for (const [name, [other, answers]] of Object.entries(only)) {
    const field = form.querySelector(`[data-field="${name}"]`);
    if (field) field.hidden = !answers.includes(value(other));
  }
}

function showErrors(errors) {
  for (const field of form.querySelectorAll("[data-field]")) {
    const name = field.dataset.field;
    const wrong = errors[name];
    field.classList.toggle("has-error", Boolean(wrong));
    field.querySelector(".field-error")?.remove();
    const control = field.querySelector("input:not([type=radio], [type=checkbox]), select") ?? field;
    control.toggleAttribute("aria-invalid", false);
    const described = field.querySelector(".help") ? `${name}-help` : "";
    if (wrong) {
      control.setAttribute("aria-invalid", "true");
      (field.querySelector(".help") ?? field.querySelector("label, legend")).after(
        h("p", { class: "field-error", id: `${name}-error` }, wrong));
    }
    const ids = [described, wrong && `${name}-error`].filter(Boolean).join(" ");
    if (ids) control.setAttribute("aria-describedby", ids);
  }
}

async function ask() {
  const turn = ++asked;
  let result;
  try {
    const response = await fetch("/rh", {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(String(response.status));
    result = await response.json();
  } catch {
    if (turn === asked) answer.replaceChildren(h("p", { class: "notice" }, words.check.failed));
    return;
  }
  // An answer overtaken by a later change is not shown.
  if (turn !== asked) return;
  showErrors(result.errors);
  const parts = [];
  if (result.emergency) parts.push(h("p", {}, result.emergency.text), cards.emergency(result.emergency));
  if (result.verdict) parts.push(cards.verdict(result.verdict));
  else parts.push(h("p", { class: "notice" }, words.check.wrong));
  answer.replaceChildren(...parts);
  const said = result.verdict ? cards.word(result.verdict) : words.check.wrong;
  bar.hidden = false;
  bar.querySelector("[data-bar-word]").textContent = said;
  bar.classList.toggle("is-urgent", Boolean(result.emergency));
  status.textContent = result.emergency ? `${words.check.urgent}. ${result.emergency.text} ${said}` : said;
}

function changed() {
  showFollowUps();
  clearTimeout(timer);
  timer = setTimeout(ask, QUIET_MS);
}

form.addEventListener("input", (event) => {
  // "None of these" and the others exclude each other.
  const box = event.target;
  if (box.name === "difficulties" && box.checked) {
    for (const other of form.querySelectorAll("[name=difficulties]")) {
      if (other !== box && (other.value === "aucune" || box.value === "aucune")) other.checked = false;
    }
  }
  changed();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
form.addEventListener("reset", () => {
  const kept = KEPT.map((name) => [name, value(name)]);
  // After the browser has emptied the form.
  setTimeout(() => {
    for (const [name, was] of kept) {
      for (const control of form.querySelectorAll(`[name="${name}"]`)) {
        if (control.type === "radio") control.checked = control.value === was;
        else control.value = was;
      }
    }
    showErrors({});
    showFollowUps();
    asked += 1;
    answer.replaceChildren(h("p", { class: "placeholder" }, words.check.to_fill));
    status.textContent = words.check.to_fill;
    bar.hidden = true;
    form.querySelector("#contract")?.focus();
  });
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const said = button.parentElement.querySelector("[data-copied]");
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
      said.textContent = words.check.copied;
    } catch {
      said.textContent = words.check.copy_failed;
    }
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => {
    const part = document.getElementById(button.dataset.print);
    document.body.classList.add("print-one");
    part.classList.add("print-me");
    print();
    document.body.classList.remove("print-one");
    part.classList.remove("print-me");
  });
}

showFollowUps();
