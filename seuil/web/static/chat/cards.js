// One message of the conversation as elements. templates/parts/messages.html writes the same markup.

import { french, h, hidden, icon } from "./dom.js";

const VERDICT_ICONS = { eligible: "tick", possible: "tick", not_eligible: "cross", unknown: "query" };
const DECIDING = { eligible: [true], possible: [true], not_eligible: [false], unknown: [null, true, false] };
const HOLDS_ICONS = { true: "tick", false: "cross", null: "query" };

const paragraphs = (text) =>
  text.split("\n\n").map((part) => part.trim()).filter(Boolean).map((part) => h("p", {}, part));

const writtenDate = (iso) =>
  new Intl.DateTimeFormat("fr", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));

const dial = (n) => (n.tel.includes(":") ? n.tel : n.sms ? `sms:${n.sms}` : `tel:${n.tel}`);

/** The first sentence stands out; the rest is detail. */
const purpose = (text) => {
  const [first, ...rest] = text.split(". ");
  return [h("strong", {}, first), rest.length > 0 && ` ${rest.join(". ")}`];
};

const note = (...children) => h("p", { class: "note" }, ...children);

/** The builder of messages in the given words (see words.yml); `origin` is where our pages are. */
export class Cards {
  constructor(words, origin = "") {
    this.words = words;
    this.origin = origin;
  }

  /** The element of a message; `open` tells whether its choices and its form may still be used. */
  message(message, open = true) {
    const { chat } = this.words;
    // A person's words stay as they were typed.
    const text = message.from === "person" ? message.text : french(message.text ?? "");
    const data = message.data ?? {};
    const who = { person: chat.you, counsellor: data.by ?? chat.counsellor, system: chat.system }[message.from] ?? chat.assistant;
    return h(
      "li",
      {
        class: `message from-${message.from}${message.kind === "emergency" ? " is-emergency" : ""}`,
        id: message.id && `m-${message.id}`,
        "data-id": message.id,
      },
      h("p", { class: "who" }, who),
      text && h("div", { class: "bubble", dir: "auto" }, ...paragraphs(text)),
      this.card(message.kind, data, open),
      data.why && message.kind !== "contact_form" &&
        h("details", { class: "why" }, h("summary", {}, chat.why), h("p", {}, data.why)),
      message.choices?.length > 0 && this.choices(message, open),
    );
  }

  card(kind, data, open) {
    if (kind === "emergency") return this.emergency(data);
    if (kind === "verdict") return this.verdict(data);
    if (kind === "referral") return this.referral(data);
    if (kind === "case") return this.case(data);
    if (kind === "contact_form" && open) return this.contact(data);
    return null;
  }

  emergency(data) {
    const words = this.words.emergency;
    return h(
      "section",
      { class: "card emergency", "aria-label": words.title },
      h("h3", {}, icon("alert"), words.title),
      h(
        "ul",
        { class: "numbers" },
        ...(data.numbers ?? []).map((n) => {
          const link = dial(n);
          const sms = link.startsWith("sms:");
          return h(
            "li",
            { class: "number-card" },
            h("a", { class: "number", href: link },
              hidden(`${sms ? words.text : words.call} `), n.number, sms && h("small", { "aria-hidden": "true" }, "SMS")),
            h("div", { class: "number-text" },
              h("span", { class: "number-for" }, ...purpose(n.for)), " ", h("span", { class: "number-when" }, n.when)),
          );
        }),
      ),
      ...(data.notes ?? []).map((text) => note(text)),
      note(h("a", { href: `${this.origin}/aide/urgence` }, words.more)),
    );
  }

  source(source) {
    const words = this.words.verdict;
    return [
      h(
        "p",
        { class: "source" },
        h("cite", {}, this.words.documents[source.document] || source.document),
        source.section && `, «\u00a0${source.section}\u00a0»`,
        source.date && h("span", { class: "dated" }, ` (${words.in_force} ${writtenDate(source.date)})`),
      ),
      source.quotation && h("blockquote", {}, h("p", {}, source.quotation)),
    ];
  }

  reason(reason) {
    const words = this.words.verdict;
    const holds = String(reason.holds ?? null);
    const sources = reason.sources ?? (reason.source ? [reason.source] : []);
    return h(
      "li",
      { class: `reason holds-${holds}` },
      icon(HOLDS_ICONS[holds]),
      h(
        "div",
        {},
        h("p", {}, hidden(words[`holds_${holds}`], this.words.chat.says), reason.text),
        sources.length > 0 &&
          h("details", {},
            h("summary", {}, words.source, hidden(this.words.chat.says, reason.text)),
            ...sources.flatMap((source) => this.source(source))),
      ),
    );
  }

  steps(next) {
    const words = this.words.verdict;
    return h(
      "ul",
      { class: "steps" },
      ...next.map((step) =>
        h(
          "li",
          { class: "step" },
          h("h4", {}, step.title),
          step.text && h("p", {}, step.text),
          step.how && h("p", { class: "how" }, step.how),
          (step.tel || step.url) &&
            h(
              "p",
              { class: "step-links" },
              step.tel &&
                h("a", { class: "button small", href: step.tel.includes(":") ? step.tel : `tel:${step.tel.replaceAll(" ", "")}` },
                  icon("phone"), `${words.call} ${step.tel.replace("tel:", "")}`),
              step.url && /^https?:/.test(step.url) &&
                h("a", { class: "button small", href: step.url, rel: "noreferrer" },
                  words.visit, hidden(this.words.chat.says, step.title), icon("arrow")),
            ),
        )),
    );
  }

  /** What is open: at once after an answer, folded while the answer is not known. */
  next({ next = [], verdict, if_wished: wished }) {
    if (!next.length) return [];
    const words = this.words.verdict;
    return verdict === "unknown" && !wished
      ? [h("details", { class: "others" }, h("summary", {}, words.meanwhile), this.steps(next))]
      : [h("h4", {}, words.next), this.steps(next)];
  }

  /** What decided comes first; the rest of what was looked at stays within reach. */
  reasons({ reasons = [], verdict, if_wished: wished }) {
    if (!reasons.length) return [];
    const words = this.words.verdict;
    const kinds = DECIDING[wished ? "possible" : verdict];
    const some = reasons.filter((reason) => kinds.includes(reason.holds ?? null));
    const decided = some.length ? some : reasons;
    const list = (items) => h("ul", { class: "reasons" }, ...items.map((reason) => this.reason(reason)));
    const others = reasons.filter((reason) => !decided.includes(reason));
    return [
      h("h4", {}, words.reasons),
      list(decided),
      others.length > 0 && h("details", { class: "others" }, h("summary", {}, words.others), list(others)),
    ];
  }

  /** The verdict in a few words. */
  word(data) {
    return data.if_wished ? this.words.verdict.if_wished : this.words.verdict[data.verdict];
  }

  verdict(data) {
    const words = this.words.verdict;
    return h(
      "section",
      { class: `card verdict is-${data.if_wished ? "possible" : data.verdict}`, "aria-label": data.title },
      h("p", { class: "verdict-word" }, icon(VERDICT_ICONS[data.if_wished ? "possible" : data.verdict]), this.word(data)),
      h("h3", {}, data.title),
      data.missing?.length > 0 && [
        h("h4", {}, words.missing),
        h("ul", { class: "missing" }, ...data.missing.map((fact) => h("li", {}, fact.title ?? fact))),
      ],
      ...this.reasons(data),
      data.notes?.length > 0 && [
        h("h4", {}, words.notes),
        h("ul", { class: "notes" }, ...data.notes.map((text) => h("li", {}, text))),
      ],
      ...this.next(data),
      note(words.disclaimer),
    );
  }

  referral(data) {
    if (!data.title && !data.next?.length) return null;
    return h(
      "section",
      { class: "card referral", "aria-label": data.title },
      data.title && h("h3", {}, data.title),
      this.steps(data.next ?? []),
    );
  }

  case(data) {
    const words = this.words.case;
    return h(
      "section",
      { class: "card case", "aria-label": words.title },
      h("h3", {}, icon("tick"), words.title),
      h("p", {}, words.reference, this.words.chat.says, h("strong", { class: "reference" }, data.reference)),
      data.promise && h("p", {}, data.promise),
      note(words.keep),
    );
  }

  choices(message, open) {
    const words = this.words.chat;
    const several = message.data?.multiple;
    if (!open) {
      return several ? null : h("ul", { class: "choices taken", "aria-label": words.choices },
        ...message.choices.map((choice) => h("li", { class: "choice" }, choice.title)));
    }
    const props = { class: `choices${several ? " several" : ""}`, method: "post", action: "/assistant", "data-choices": message.id };
    if (several) {
      return h(
        "form",
        props,
        h(
          "fieldset",
          {},
          h("legend", {}, words.several),
          ...message.choices.map((choice) =>
            h("label", { class: "choice tick" },
              h("input", { type: "checkbox", name: "choices", value: choice.id }), h("span", {}, choice.title))),
        ),
        h("button", { class: "button primary" }, words.validate),
      );
    }
    return h(
      "form",
      props,
      h("ul", { "aria-label": words.choices },
        ...message.choices.map((choice) =>
          h("li", {}, h("button", { class: "choice", name: "choice", value: choice.id }, choice.title)))),
    );
  }

  field(name, type, label, help) {
    const id = `contact-${name}`;
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, label),
      help && h("p", { class: "help", id: `${id}-help` }, help),
      h("input", { id, name, type, autocomplete: "off", "aria-describedby": help && `${id}-help` }),
    );
  }

  yesNo(name, legend) {
    const words = this.words.contact;
    return h(
      "fieldset",
      { class: "field radios" },
      h("legend", {}, legend),
      ...[["true", words.yes], ["false", words.no], ["", words.unsure]].map(([value, label]) =>
        h("label", { class: "tick" }, h("input", { type: "radio", name, value, checked: value === "" }), label)),
    );
  }

  contact(data) {
    const words = this.words.contact;
    return h(
      "section",
      { class: "card contact", "aria-label": words.title },
      h("h3", {}, icon("phone"), words.title),
      data.why && h("p", {}, data.why),
      data.promise && h("p", {}, data.promise),
      h(
        "form",
        { method: "post", action: "/assistant/contact", "data-contact": true, novalidate: true },
        h("div", { class: "form-errors", "data-errors": true, tabindex: "-1", hidden: true }),
        this.field("name", "text", words.name, words.name_help),
        h("p", { class: "help" }, words.one_of),
        this.field("phone", "tel", words.phone),
        this.field("email", "email", words.email),
        this.field("when", "text", words.when, words.when_help),
        this.yesNo("safe_to_call", words.safe_to_call),
        this.yesNo("safe_to_leave_message", words.safe_to_leave_message),
        h("div", { class: "field" },
          h("label", { class: "tick" },
            h("input", { id: "contact-consent", type: "checkbox", name: "consent", value: "true" }),
            h("span", {}, words.consent))),
        note(icon("lock"), words.privacy),
        h("button", { class: "button primary" }, words.send),
      ),
    );
  }

  /** What a screen reader is told when a message arrives: the words, then what can be done. */
  spoken(message) {
    const { chat, emergency, case: opened } = this.words;
    const data = message.data ?? {};
    const parts = [message.text];
    if (message.from === "counsellor") parts.unshift((data.by ?? chat.counsellor) + chat.says);
    if (message.kind === "emergency") {
      parts.push(emergency.title, ...(data.numbers ?? []).map((n) => `${n.number}${chat.says}${n.for}`));
    }
    if (message.kind === "verdict") parts.push(`${data.title}${chat.says}${this.word(data)}`);
    if (message.kind === "case") parts.push(`${opened.reference}${chat.says}${data.reference}`);
    if (message.choices?.length) {
      parts.push(`${chat.choices}${chat.says}${message.choices.map((choice) => choice.title).join(", ")}`);
    }
    return parts.filter(Boolean).join("\n");
  }
}
