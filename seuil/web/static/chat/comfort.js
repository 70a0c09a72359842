// What the options menu offers, loaded when it is first opened: what was understood, text size,
// reading aloud, dictation, a summary to copy or print.

import { h, hidden } from "./dom.js";

const SIZES = ["", "text-1", "text-2", "text-3"];
const SIZE_KEY = "seuil-text-size";
const NOT_TOLD = new Set(["audience", "as_of"]);

const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").replace(/ €/g, "\u00a0€").trim();
const written = (number) => String(number ?? "").replace(".", ",");

/** The value of a fact in French, as `seuil.eligibility.value_label` says it. */
export function valueLabel(fact, value, words) {
  if (value === null) return words.unknown;
  if (value === true || value === false) return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.map((item) => fact.labels[item] ?? item).join(", ");
  if (typeof value === "string") return fact.labels[value] ?? value;
  if (typeof value === "object") {
    const kind = value.min == null ? "to" : value.max == null ? "from" : "between";
    return fill(words[kind], { min: written(value.min), max: written(value.max), unit: fact.unit });
  }
  return fill(words.number, { number: written(value), unit: fact.unit });
}

/** Read the facts' words once. */
export async function factWords(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

export function showUnderstood(list, facts, labels, words) {
  const told = Object.entries(facts ?? {}).filter(([name]) => !NOT_TOLD.has(name) && labels[name]);
  list.replaceChildren(
    ...(told.length
      ? told.map(([name, value]) =>
          h(
            "li",
            {},
            h("span", {}, h("b", {}, labels[name].title), " ", valueLabel(labels[name], value, words.values)),
            " ",
            h("button", { class: "button small", name: "change", value: name, "data-title": labels[name].title },
              words.chat.change, hidden(words.chat.says, labels[name].title)),
          ))
      : [h("li", {}, words.chat.nothing_yet)]),
  );
}

/** Text size of the whole page, for this tab only. */
export function resize(step) {
  const root = document.documentElement;
  const now = Math.max(0, SIZES.findIndex((name) => name && root.classList.contains(name)));
  const next = Math.min(SIZES.length - 1, Math.max(0, now + step));
  root.classList.remove(...SIZES.filter(Boolean));
  if (SIZES[next]) root.classList.add(SIZES[next]);
  try {
    sessionStorage.setItem(SIZE_KEY, SIZES[next]);
  } catch {
    // Storage refused: the size holds until the page is left.
  }
}

export const canSpeak = () => "speechSynthesis" in window;

export function speak(text) {
  const said = new SpeechSynthesisUtterance(text);
  said.lang = "fr-FR";
  speechSynthesis.speak(said);
}

export const canListen = () => "SpeechRecognition" in window || "webkitSpeechRecognition" in window;

/** Write what is said into `field` until Escape, silence or an error; resolves to success. */
export function dictate(field) {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  const recognition = new Recognition();
  recognition.lang = "fr-FR";
  recognition.interimResults = true;
  const before = field.value ? `${field.value.trimEnd()} ` : "";
  return new Promise((resolve) => {
    let fine = true;
    const stop = (event) => event.key === "Escape" && recognition.stop();
    recognition.onresult = (event) => {
      field.value = before + [...event.results].map((result) => result[0].transcript).join("");
    };
    recognition.onerror = (event) => (fine = event.error === "no-speech" || event.error === "aborted");
    recognition.onend = () => {
      removeEventListener("keydown", stop);
      resolve(fine);
    };
    addEventListener("keydown", stop);
    recognition.start();
  });
}

/** What a person may keep of it: [title, lines] by group, the same words as on screen. */
export function summary(facts, messages, labels, { chat, verdict, case: opened, values }) {
  const text = (node) => node?.innerText.trim() ?? "";
  const told = Object.entries(facts ?? {}).filter(([name]) => !NOT_TOLD.has(name) && labels[name]);
  // A service answered twice: the last answer holds.
  const cards = new Map([...messages.querySelectorAll(".card.verdict")].map((card) => [text(card.querySelector("h3")), card]));
  const steps = [...cards.values()].flatMap((card) => [...card.querySelectorAll(".step")]);
  const reference = [...messages.querySelectorAll(".reference")].at(-1);
  const groups = [
    [chat.understood, told.map(([name, value]) => labels[name].title + chat.says + valueLabel(labels[name], value, values))],
    [chat.answers, [...cards].map(([title, card]) => title + chat.says + text(card.querySelector(".verdict-word")))],
    [verdict.next, steps.map((step) => [...step.querySelectorAll("h4, .how, [href^='tel:']")].map(text).join(" – "))],
    [opened.reference, reference ? [text(reference)] : []],
  ];
  return groups.filter(([, lines]) => lines.length);
}

const writtenOn = (words) =>
  fill(words.chat.summary_from, { date: new Intl.DateTimeFormat("fr", { dateStyle: "long" }).format(new Date()) });

export const asText = (groups, words) =>
  [words.chat.summary, ...groups.map(([title, lines]) => [title, ...lines.map((line) => `- ${line}`)].join("\n")), writtenOn(words)].join("\n\n");

/** Print the summary alone. */
export function printed(groups, words) {
  const sheet = h("section", { class: "print-me" }, h("h1", {}, words.chat.summary),
    ...groups.flatMap(([title, lines]) => [h("h2", {}, title), h("ul", {}, ...lines.map((line) => h("li", {}, line)))]),
    h("p", {}, writtenOn(words)));
  document.body.append(sheet);
  document.body.classList.add("print-one");
  print();
  document.body.classList.remove("print-one");
  sheet.remove();
}

/** The conversation as plain text. */
export const transcript = (messages) =>
  [...messages.children].map((line) => line.innerText.trim()).join("\n\n");
