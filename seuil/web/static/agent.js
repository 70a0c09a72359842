// The guided call: what to say comes from the engine, the answers are one key away.

import { Cards } from "./chat/cards.js";
import { factWords, valueLabel } from "./chat/comfort.js";
import { h, hidden } from "./chat/dom.js";

const KEPT = "seuil-agent-call";
const KEYS = "123456789abcdefghijklmnopqrstuvwxyz";
const REQUESTS_MS = 10_000;
const FLAGS = ["homeless", "family_violence", "immediate_danger"];
const words = JSON.parse(document.getElementById("words").textContent);
// What the danger key shows needs nobody's answer.
const DANGER = JSON.parse(document.getElementById("danger").textContent);
const said = words.agent;
const cards = new Cards(words);
const $ = Object.fromEntries(
  ["map", "emergency", "say", "aside", "answer", "free", "read", "notes", "known", "verdicts", "back",
    "outcome", "callback", "copy", "new", "copied", "danger", "keys", "timer", "notice", "status", "call", "leave"]
    .map((name) => [name, document.querySelector(`[data-${name}]`)]),
);

const fresh = () => ({
  facts: {}, order: [], services: [], notes: "", outcome: "", phase: "greeting", closing: null, ask: null,
  contact: {}, reference: null, raised: [], key: crypto.randomUUID?.() ?? String(Math.random()), started: Date.now(),
});
let call = restored() ?? fresh();
let step = null;
let labels = {};
let conversation = null;
let turn = 0;
let sure = false;
let reading = false;

function restored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(call));
  } catch {
    // Storage refused: the call lives as long as the page.
  }
}

function notice(...parts) {
  $.notice.hidden = !parts.length;
  $.notice.replaceChildren(...parts);
}

/** Ask the server; null when it did not answer, and what happened is said. */
async function post(address, body, headers = {}) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUESTS_MS),
    });
    if (response.status === 401) {
      notice(`${said.logged_out} `, h("a", { href: "/file/connexion?suite=/agent", target: "_blank" }, said.log_in), ".");
      return null;
    }
    const answer = await response.json();
    if (!response.ok) {
      notice(answer.detail ?? said.lost);
      return null;
    }
    notice();
    return answer;
  } catch {
    notice(said.lost);
    return null;
  }
}

// One step: from what is known to what is said next.

async function advance() {
  const mine = ++turn;
  keep();
  const answer = await post("/agent/etape", { facts: call.facts, services: call.services, ask: call.ask });
  if (!answer || mine !== turn) return;
  if (answer.conflict) {
    notice(`${said.conflict} ${answer.conflict.text}`);
    // The last of the two answers is asked again; the other can be changed on the right.
    const last = call.order.at(-1);
    delete call.facts[last];
    call.order.pop();
    call.ask = last;
    const conflict = $.notice.textContent;
    await advance();
    notice(conflict);
    return;
  }
  step = answer;
  render();
  if (call.reference) raise();
}

/** What is told once the case is open still makes it urgent. */
async function raise() {
  const flags = FLAGS.filter((flag) => flagHolds(flag) && !call.raised.includes(flag));
  if (!flags.length || !(await post("/agent/urgence", { reference: call.reference, flags }))) return;
  call.raised.push(...flags);
  keep();
  $.status.textContent = said.raised;
  notice(said.raised);
}

function record(fact, value) {
  call.facts[fact] = value;
  call.order = [...call.order.filter((name) => name !== fact), fact];
  call.ask = null;
  call.phase = "questions";
  sure = false;
  advance();
}

function back() {
  if (["contact", "danger", "closing"].includes(call.phase)) {
    go("resume");
    return;
  }
  const last = call.order.pop();
  if (!last) return;
  delete call.facts[last];
  call.ask = last;
  call.phase = "questions";
  advance();
}

// What is shown.

function render() {
  renderMap();
  renderKnown();
  renderVerdicts();
  $.emergency.replaceChildren(...(step.emergency ? [cards.emergency(step.emergency)] : []));
  if (call.phase === "greeting") renderGreeting();
  else if (call.phase === "contact") renderContact();
  else if (call.phase === "danger") renderDanger();
  else if (call.phase === "closing") renderClosing();
  else if (call.phase === "done") renderDone();
  else if (step.question) renderQuestion(step.question);
  else renderVerdict();
}

function present(sentence, aside, ...answer) {
  $.say.textContent = sentence;
  // The reviewed words of an emergency say what to answer and what to give.
  const urgent = step.emergency && call.phase !== "done" ? step.emergency.text.split("\n\n") : [];
  $.aside.replaceChildren(...[...urgent, ...aside].map((text) => h("p", {}, text)));
  $.answer.replaceChildren(...answer);
  const first = $.answer.querySelector("input:not([type=checkbox], [type=radio]), [data-first]");
  // The sentence to say stays in view: the page is brought back to it, not to the field.
  (first ?? $.answer).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

const keyed = (index) => h("kbd", {}, KEYS[index].toUpperCase());

/** What Enter does, then what the figures do: [name, label]. */
const ways = (first, ...others) =>
  h("div", { class: "answer-keys" },
    h("button", { class: "button primary answer-key", "data-first": true }, h("kbd", {}, "Entrée"), first),
    ...others.map(([name, label], index) =>
      h("button", { class: "button answer-key", type: "button", "data-go": name, "data-index": index }, keyed(index), label)));

function renderGreeting() {
  present(said.greeting, [said.greeting_aside], ways(said.start, ["cannot_talk", said.cannot_talk]));
}

/** Numbers first: drawn before any answer of the server. */
function renderDanger() {
  $.emergency.replaceChildren(cards.emergency(DANGER));
  present(said.danger, call.reference ? [] : [said.danger_aside],
    call.reference ? ways(said.close, ["no_danger", said.no_danger])
      : ways(said.callback, ["emergency", said.hangs_up], ["resume", said.resume], ["no_danger", said.no_danger]));
}

function renderClosing() {
  present(said.closing[call.closing], [said.closing_aside], ways(said.new_call, ["resume", said.resume]));
}

function renderQuestion(question) {
  const unknown = h("button", { class: "button answer-key", type: "button", "data-unknown": true }, h("kbd", {}, "0"), said.unknown);
  const { widget, options } = question;
  const sentence = question.read;
  if (widget === "choice") {
    present(sentence, [question.why, question.help],
      h("div", { class: "answer-keys" },
        ...options.map(([value, label], index) =>
          h("button", { class: "button answer-key", type: "button", "data-index": index, "data-value": JSON.stringify(value) },
            keyed(index), label)), unknown));
  } else if (widget === "list") {
    present(sentence, [question.why, said.several],
      h("div", { class: "answer-keys many" },
        ...options.map(([value, label], index) =>
          h("label", { class: "answer-key tick" }, h("input", { type: "checkbox", value, "data-index": index }), keyed(index), label))),
      h("p", { class: "check-actions" },
        h("button", { class: "button primary" }, said.validate, h("kbd", {}, "Entrée")), unknown));
  } else {
    const place = widget === "department";
    present(sentence, [question.why, question.help, place ? null : said.number].filter(Boolean),
      h("div", { class: "with-unit" },
        h("input", { "aria-label": question.title, autocomplete: "off", list: place && "departements", "data-value": true }),
        h("span", {}, question.unit)),
      h("p", { class: "field-error", hidden: true, "data-wrong": true }),
      h("p", { class: "check-actions" },
        h("button", { class: "button primary" }, said.validate, h("kbd", {}, "Entrée")), unknown));
  }
}

function renderVerdict() {
  const { verdict } = step.verdicts[0];
  const open = step.verdicts.filter((one) => ["eligible", "possible"].includes(one.verdict));
  const sentence = step.emergency ? said.urgent : verdict === "unknown" ? said.unknown_verdict : said[verdict];
  const places = verdict === "not_eligible" ? step.verdicts[0].next : [];
  present(sentence, [open.length ? said.wants_aside : said.done_aside],
    ...(places.length ? [cards.steps(places)] : []),
    ways(said.callback, ["refused", said.refused], ...(places.length ? [["other_help", said.other_help]] : [])));
}

function renderContact() {
  const fill = (node) => {
    for (const input of node.querySelectorAll("input[name]")) {
      const was = call.contact[input.name];
      if (input.type === "radio") input.checked = (was ?? "") === input.value;
      else if (input.type !== "checkbox" && was) input.value = was;
    }
    return node;
  };
  const form = fill(h("div", {},
    h("div", { class: "form-errors", "data-errors": true, tabindex: "-1", hidden: true }),
    cards.field("name", "text", said.name),
    cards.field("phone", "tel", words.contact.phone),
    cards.field("email", "email", words.contact.email),
    cards.field("when", "text", words.contact.when, words.contact.when_help),
    cards.yesNo("safe_to_call", words.contact.safe_to_call),
    cards.yesNo("safe_to_leave_message", words.contact.safe_to_leave_message),
    h("label", { class: "tick" }, h("input", { type: "checkbox", name: "consent", id: "contact-consent" }), h("span", {}, said.agreed)),
    h("button", { class: "button primary" }, said.open, h("kbd", {}, "Entrée"))));
  present(said.contact_say, [said.contact_aside], form);
}

function renderDone() {
  const when = new Intl.DateTimeFormat("fr", { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Paris" })
    .format(new Date(call.due));
  present(said.opened.replace("{reference}", call.reference).replace("{when}", when), [said.opened_aside],
    h("p", {}, h("strong", { class: "reference" }, call.reference)), ways(said.new_call));
}

function renderMap() {
  // The stages of any call, round the questions of this one.
  const asking = ["questions", "danger"].includes(call.phase) && step.question;
  const now = asking ? 0.5 : ["greeting", "questions", "contact"].indexOf(call.phase.replace("danger", "questions"));
  const here = now < 0 ? said.stages.length - 1 : now;
  const stages = said.stages.map((title, index) => ({
    title, place: index === here ? "here" : index < here ? "told" : "open",
  }));
  const questions = step.script.map((one) => (one.place === "here" && !asking ? { ...one, place: "open" } : one));
  $.map.replaceChildren(...[stages[0], ...questions, ...stages.slice(1)].map(({ fact, title, place }) =>
    h("li", { class: `place-${place}`, "aria-current": place === "here" && "step", "data-fact": fact },
      title, hidden(words.chat.says, said.places[place]))));
}

function renderKnown() {
  const told = call.order.filter((name) => name in call.facts && labels[name]);
  $.known.replaceChildren(...told.map((name) =>
    h("li", {},
      h("span", {}, h("b", {}, labels[name].title), " ", valueLabel(labels[name], call.facts[name], words.values)),
      h("button", { class: "button small", type: "button", "data-ask": name },
        words.chat.change, hidden(words.chat.says, labels[name].title)))));
}

function renderVerdicts() {
  $.verdicts.replaceChildren(...step.verdicts.map((one) => {
    const wanted = call.services.includes(one.service) || one === step.verdicts[0];
    return h("li", { class: `verdict-line is-${one.verdict}` },
      h("details", {},
        h("summary", {}, h("span", {}, one.title), h("strong", {}, words.verdict.short[one.verdict])),
        one.verdict === "unknown" && !wanted &&
          h("button", { class: "button small", type: "button", "data-deepen": one.service },
            said.deepen, hidden(words.chat.says, one.title)),
        h("ul", { class: "reasons" }, ...one.reasons.map((reason) => cards.reason(reason))),
        one.notes.length > 0 && h("ul", {}, ...one.notes.map((text) => h("li", {}, text)))));
  }));
}

// Answers.

function numberOf(text) {
  const compact = text.toLowerCase().replace(/[\s\u00a0\u202f€]/g, "").replace(",", ".");
  const found = /^(moinsde|plusde|<|>|aumoins|auplus|>=|<=)?(\d+(?:\.\d+)?)$/.exec(compact);
  if (!found) return undefined;
  const number = Number(found[2]);
  const whole = Number.isInteger(number);
  switch (found[1]) {
    case "moinsde": case "<": return { max: whole ? number - 1 : number };
    case "plusde": case ">": return { min: whole ? number + 1 : number };
    case "aumoins": case ">=": return { min: number };
    case "auplus": case "<=": return { max: number };
    default: return number;
  }
}

function departmentOf(text) {
  const compact = text.trim().toUpperCase();
  const known = [...document.querySelectorAll("#departements option")];
  const codes = new Set(known.map((option) => option.value));
  const start = /^[0-9AB]+/.exec(compact)?.[0] ?? "";
  if (/^\d{5}$/.test(start)) {
    if (start.startsWith("97") || start.startsWith("98")) {
      return { 97133: "977", 97150: "978" }[start] ?? start.slice(0, 3);
    }
    if (start.startsWith("20")) return Number(start) < 20200 ? "2A" : "2B";
    return start.slice(0, 2);
  }
  if (codes.has(start)) return start;
  if (codes.has(start.padStart(2, "0"))) return start.padStart(2, "0");
  const plain = (name) => name.normalize("NFD").replace(/[^a-z]/gi, "").toUpperCase();
  return known.find((option) => plain(option.textContent.split("–")[1] ?? "") === plain(compact))?.value;
}

function validate() {
  const question = step?.question;
  if (call.phase === "greeting") go("resume");
  else if (call.phase === "contact") openCase();
  else if (call.phase === "danger") call.reference ? go("done") : toContact();
  else if (["done", "closing"].includes(call.phase)) newCall();
  else if (!question) toContact();
  else if (question.widget === "list") {
    const chosen = [...$.answer.querySelectorAll("input:checked")].map((box) => box.value);
    if (chosen.length) record(question.fact, chosen);
  } else if (question.widget !== "choice") {
    const input = $.answer.querySelector("[data-value]");
    const text = input.value.trim();
    if (!text) return;
    const place = question.widget === "department";
    const value = place ? departmentOf(text) : numberOf(text);
    const wrong = $.answer.querySelector("[data-wrong]");
    wrong.hidden = value !== undefined;
    if (value !== undefined) record(question.fact, value);
    else {
      wrong.textContent = place ? said.bad_department : said.bad_number;
      wrong.id = "wrong";
      input.setAttribute("aria-describedby", "wrong");
      input.setAttribute("aria-invalid", "true");
    }
  }
}

/** To another moment of the call, or the end of it without a case. */
function go(name) {
  call.closing = name in said.closing ? name : null;
  call.phase = call.closing ? "closing" : name === "done" ? "done" : "questions";
  if (call.closing) setOutcome(said.closing_outcomes[name]);
  if (name === "no_danger") {
    delete call.facts.immediate_danger;
    call.order = call.order.filter((known) => known !== "immediate_danger");
    if (call.reference) call.phase = "done";
  }
  advance();
}

function setOutcome(name) {
  call.outcome = $.outcome.value = name;
}

$.answer.addEventListener("submit", (event) => {
  event.preventDefault();
  validate();
});
$.answer.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button]");
  if (button?.dataset.go) go(button.dataset.go);
  if (!button || !step?.question) return;
  if (button.dataset.unknown) record(step.question.fact, null);
  else if (button.dataset.value) record(step.question.fact, JSON.parse(button.dataset.value));
});
$.answer.addEventListener("change", (event) => {
  // "None of these" and the others exclude each other.
  const box = event.target;
  if (box.type === "checkbox" && box.checked && box.dataset.index) {
    for (const other of $.answer.querySelectorAll("input[data-index]")) {
      if (other !== box && (other.value === "aucune" || box.value === "aucune")) other.checked = false;
    }
  }
});
$.answer.addEventListener("input", (event) => {
  if (call.phase !== "contact" || !event.target.name || event.target.type === "checkbox") return;
  call.contact[event.target.name] = event.target.value;
  keep();
});
$.known.addEventListener("click", (event) => {
  const name = event.target.closest("[data-ask]")?.dataset.ask;
  if (!name) return;
  call.ask = name;
  call.phase = "questions";
  advance();
});
$.verdicts.addEventListener("click", (event) => {
  const name = event.target.closest("[data-deepen]")?.dataset.deepen;
  if (!name) return;
  call.services = [...call.services, name];
  call.phase = "questions";
  advance();
});

// With the person's own words: read as in the chat.

$.free.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = $.free.querySelector("input");
  const text = input.value.trim();
  if (!text || reading) return;
  reading = true;
  $.read.textContent = said.reading;
  try {
    await hear(input, text);
  } finally {
    reading = false;
    if ($.read.textContent === said.reading) $.read.textContent = "";
  }
});

async function hear(input, text) {
  conversation ??= await post("/api/conversations", { audience: "agent" });
  if (!conversation) return;
  const before = conversation.state.facts;
  const answer = await post(`/api/conversations/${conversation.id}/messages`, { text },
    { Authorization: `Bearer ${conversation.token}` });
  if (!answer) return;
  const after = answer.state.facts;
  const told = Object.entries(after).filter(([name, value]) =>
    labels[name] && !["audience", "as_of"].includes(name) && value !== null && JSON.stringify(value) !== JSON.stringify(before[name]));
  conversation.state = answer.state;
  input.value = "";
  for (const [name, value] of told) {
    const known = call.facts[name];
    call.facts[name] = Array.isArray(value) && Array.isArray(known)
      ? [...new Set([...known.filter((item) => item !== "aucune"), ...value])]
      : value;
    call.order = [...call.order.filter((known) => known !== name), name];
  }
  if (call.phase === "greeting") call.phase = "questions";
  $.read.textContent = told.length
    ? `${said.read} ${told.map(([name, value]) => `${labels[name].title}${words.chat.says}${valueLabel(labels[name], value, words.values)}`).join(" ; ")}`
    : said.not_read;
  // What is only suspected is asked next, gently, before anything else.
  call.ask = answer.state.urgency.suspected.find((flag) => !(flag in call.facts)) ?? null;
  await advance();
}

// Danger, contact, the end.

function danger() {
  call.facts.immediate_danger = true;
  call.order = [...call.order.filter((name) => name !== "immediate_danger"), "immediate_danger"];
  call.phase = "danger";
  $.status.textContent = said.danger;
  renderDanger();
  advance();
}

function toContact() {
  call.phase = "contact";
  render();
}

function contactErrors(errors) {
  const box = $.answer.querySelector("[data-errors]");
  box.hidden = !errors.length;
  box.replaceChildren(h("ul", {}, ...errors.map((text) => h("li", {}, text))));
  if (errors.length) box.focus();
  return errors.length > 0;
}

async function openCase() {
  const typed = Object.fromEntries([...$.answer.querySelectorAll("input[name]")]
    .filter((input) => input.type !== "radio" || input.checked)
    .map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value.trim()]));
  const errors = [];
  if (!typed.phone && !typed.email) errors.push(words.contact.need_reach);
  if (!typed.consent) errors.push(said.contact_aside);
  if (contactErrors(errors)) return;
  const yesNo = { true: true, false: false, "": null };
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, flagHolds(flag)]));
  const answer = await post("/api/cases", {
    facts: call.facts,
    flags,
    summary: summary(),
    contact: {
      name: typed.name, phone: typed.phone || null, email: typed.email || null, when: typed.when,
      safe_to_call: yesNo[typed.safe_to_call], safe_to_leave_message: yesNo[typed.safe_to_leave_message],
    },
  }, { "Idempotency-Key": call.key });
  if (!answer) {
    if (!$.notice.textContent) notice(said.failed);
    return;
  }
  call.reference = answer.reference;
  call.due = answer.due_at;
  call.raised = FLAGS.filter((flag) => flags[flag]);
  setOutcome("opened");
  go("done");
}

const flagHolds = (flag) =>
  call.facts[flag] === true || step.script.some(({ fact, place }) => fact === flag && place === "derived" && derivedTrue(flag));
const derivedTrue = (flag) =>
  flag === "homeless" ? call.facts.housing_status === "sans_logement"
    : flag === "family_violence" && (call.facts.difficulties ?? []).includes("violences");

function summary() {
  const lines = call.order.filter((name) => name in call.facts && labels[name])
    .map((name) => `${labels[name].title}${words.chat.says}${valueLabel(labels[name], call.facts[name], words.values)}`);
  lines.push(...step.verdicts.filter((one) => one.verdict !== "unknown")
    .map((one) => `${one.title}${words.chat.says}${words.verdict.short[one.verdict]}`));
  const notes = $.notes.value.trim();
  if (notes) lines.push(`${said.notes} ${notes}`);
  return lines;
}

async function copy() {
  const lines = summary();
  if ($.outcome.value) lines.push(`${said.summary_outcome} ${$.outcome.selectedOptions[0].textContent}`);
  if (call.reference) lines.push(`${said.summary_reference} ${call.reference}`);
  $.copied.textContent = await navigator.clipboard.writeText(lines.join("\n")).then(() => said.copied, () => said.copy_failed);
}

function newCall() {
  if (!["done", "closing"].includes(call.phase) && call.order.length && !sure) {
    sure = true;
    $.copied.textContent = said.confirm_new;
    return;
  }
  call = fresh();
  conversation = null;
  sure = false;
  $.notes.value = "";
  $.outcome.value = "";
  $.read.textContent = $.copied.textContent = "";
  $.status.textContent = said.new_call;
  advance();
}

$.danger.addEventListener("click", danger);
$.back.addEventListener("click", back);
$.callback.addEventListener("click", toContact);
$.copy.addEventListener("click", copy);
$.new.addEventListener("click", newCall);
$.notes.addEventListener("input", () => {
  call.notes = $.notes.value;
  keep();
});
$.outcome.addEventListener("change", () => {
  call.outcome = $.outcome.value;
  keep();
});
$.leave.addEventListener("submit", (event) => {
  // A shared screen: nothing of the call stays behind who logs out.
  if (call.order.length && !sure) {
    event.preventDefault();
    sure = true;
    notice(said.confirm_leave);
    return;
  }
  sessionStorage.removeItem(KEPT);
});

// Keys: F-keys anywhere; figures and letters only outside text fields, and only while switched on.

const EVERYWHERE = {
  F2: danger, F4: () => $.notes.focus(), F7: () => $.outcome.focus(),
  F8: () => $.free.querySelector("input").focus(), F9: back, F10: toContact,
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (EVERYWHERE[event.key]) {
    event.preventDefault();
    EVERYWHERE[event.key]();
    return;
  }
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  if (typing) {
    if (event.key === "Escape") $.answer.focus();
    return;
  }
  if (!$.keys.checked || call.phase === "contact") {
    if (event.key === "Enter" && event.target === $.answer) validate();
    return;
  }
  if (event.key === "Enter" && !event.target.closest("button, a, summary")) {
    event.preventDefault();
    validate();
    return;
  }
  if (event.key === "0") {
    $.answer.querySelector("[data-unknown]")?.click();
    return;
  }
  const index = KEYS.indexOf(event.key.toLowerCase());
  const control = index >= 0 && $.answer.querySelector(`[data-index="${index}"]`);
  if (!control) return;
  event.preventDefault();
  if (control.type === "checkbox") {
    control.checked = !control.checked;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  } else control.click();
});

setInterval(() => {
  const seconds = Math.floor((Date.now() - call.started) / 1000);
  $.timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}, 1000);

$.notes.value = call.notes;
$.outcome.value = call.outcome;
labels = await factWords($.call.dataset.facts).catch(() => ({}));
advance();
