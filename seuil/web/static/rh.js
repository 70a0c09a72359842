// The HR door: the answer follows the form as it is filled in. Without this file, the button asks for it.

import { Cards } from "./chat/cards.js";
import { h, icon } from "./chat/dom.js";

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

const referral = document.querySelector("[data-referral]");

let facts = {};
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
  facts = result.facts;
  copyFlags();
  const parts = [];
  if (result.emergency) parts.push(h("p", {}, result.emergency.text), cards.emergency(result.emergency));
  if (result.verdict) parts.push(cards.verdict(result.verdict));
  else parts.push(h("p", { class: "notice" }, words.check.wrong));
  answer.replaceChildren(...parts);
  handOver(result.verdict);
  const said = result.verdict ? cards.word(result.verdict) : words.check.wrong;
  bar.hidden = false;
  bar.querySelector("[data-bar-word]").textContent = said;
  bar.classList.toggle("is-urgent", Boolean(result.emergency));
  status.textContent = result.emergency ? `${words.check.urgent}. ${result.emergency.text} ${said}` : said;
}

/** After a no, the text to hand over says where else to go. */
function handOver(verdict) {
  const places = verdict?.verdict === "not_eligible" ? verdict.next : [];
  const part = document.querySelector("[data-places]");
  part.hidden = !places.length;
  part.querySelector("ul").replaceChildren(...places.map(({ title, how }) => h("li", {}, `${title}. ${how}`)));
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
    handOver(null);
    answer.replaceChildren(h("p", { class: "placeholder" }, words.check.to_fill));
    status.textContent = words.check.to_fill;
    bar.hidden = true;
    form.querySelector("#contract")?.focus();
  });
});

// The referral: to the desk, or as an e-mail that the person's helper sends.

/** What the check already says need not be said twice. */
function copyFlags() {
  referral.querySelector("[name=audience]").value = facts.audience ?? "rh";
  for (const flag of ["homeless", "family_violence"]) {
    if (flag in facts) referral.querySelector(`[name=${flag}][value=${facts[flag]}]`).checked = true;
  }
}

function wrongIn(given) {
  const { referral: said, contact } = words;
  const wrong = {};
  for (const name of ["referrer", "last_name", "first_name"]) {
    if (!given[name]) wrong[name] = said.needed.replace("{field}", said.fields[name]);
  }
  if (!given.phone && !given.email) wrong.phone = said.reach;
  if (given.phone && given.phone.replace(/\D/g, "").length < 9) wrong.phone = contact.bad_phone;
  if (given.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(given.email)) wrong.email = contact.bad_email;
  if (given.employee_agrees !== true) wrong.employee_agrees = said.agree;
  return wrong;
}

function showWrong(wrong) {
  for (const old of referral.querySelectorAll(".field-error")) old.remove();
  for (const control of referral.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const field of referral.querySelectorAll(".has-error")) field.classList.remove("has-error");
  const names = Object.keys(wrong);
  const box = referral.querySelector("[data-errors]");
  box.hidden = !names.length;
  box.replaceChildren(
    h("p", {}, h("strong", {}, words.referral.errors_title)),
    h("ul", {}, ...names.map((name) =>
      h("li", {}, document.getElementById(`o-${name}`) ? h("a", { href: `#o-${name}` }, wrong[name]) : wrong[name]))),
  );
  for (const name of names) {
    const control = document.getElementById(`o-${name}`);
    if (!control) continue;
    const help = document.getElementById(`o-${name}-help`) ? `o-${name}-help ` : "";
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${help}o-${name}-error`);
    control.closest(".field").classList.add("has-error");
    (control.closest("label") ?? control).before(h("p", { class: "field-error", id: `o-${name}-error` }, wrong[name]));
  }
  if (names.length) box.focus();
  return names.length > 0;
}

function given() {
  const typed = Object.fromEntries(new FormData(referral));
  const yesNo = { true: true, false: false, "": null };
  for (const [name, text] of Object.entries(typed)) typed[name] = text.trim();
  for (const name of ["homeless", "family_violence", "safe_to_call", "safe_to_leave_message"]) typed[name] = yesNo[typed[name]];
  const { audience, employee_agrees, homeless, family_violence, ...known } = facts;
  return { ...typed, employee_agrees: typed.employee_agrees === "true", facts: known };
}

async function post(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw Object.assign(new Error(problem.detail), { field: problem.field, detail: problem.detail });
}

const moment = (iso) =>
  new Intl.DateTimeFormat("fr", { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Paris" }).format(new Date(iso));

function showReceipt({ receipt, read_by: readBy }) {
  const said = words.referral;
  document.getElementById("accuse")?.remove();
  const card = h("div", { class: "card case", id: "accuse", tabindex: "-1" },
    h("h3", {}, icon("tick"), said.sent_title),
    h("p", {}, `${said.receipt}\u00a0: `, h("strong", { class: "reference" }, receipt)),
    h("p", {}, `${said.read_by} ${moment(readBy)}.`),
    h("p", { class: "note" }, said.nothing_more));
  referral.before(card);
  // The names do not stay on the screen of a shared office.
  const kept = referral.querySelector("[name=referrer]").value;
  referral.reset();
  referral.querySelector("[name=referrer]").value = kept;
  card.focus();
}

referral.addEventListener("submit", async (event) => {
  event.preventDefault();
  const way = event.submitter?.value ?? "send";
  const body = given();
  if (referral.dataset.busy || showWrong(wrongIn(body))) return;
  referral.dataset.busy = "true";
  try {
    if (way === "send") showReceipt(await (await post("/api/referrals", body)).json());
    else if (way === "mailto") location.href = (await (await post("/api/referrals/email", body)).json()).mailto;
    else {
      const blob = await (await post("/api/referrals/email", { ...body, format: "eml" })).blob();
      const link = h("a", { href: URL.createObjectURL(blob), download: "orientation.eml" });
      link.click();
      URL.revokeObjectURL(link.href);
    }
  } catch (error) {
    showWrong({ [error.field ?? "send"]: error.detail ?? words.referral.failed });
  } finally {
    delete referral.dataset.busy;
  }
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
