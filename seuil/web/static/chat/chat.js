// <seuil-chat>: makes the page's own forms into a conversation without reloading.
// The page works without this file; nothing typed is lost when something fails.

import { Cards } from "./cards.js";
import { Client } from "./client.js";
import { h } from "./dom.js";

const NEAR_BOTTOM_PX = 160;
const SPOKEN_FOR_MS = 8000;
const POLL_MS = 5_000;
// With nobody to answer, one poll in this many is enough.
const CALM = 4;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
const yesNo = (value) => (value === "true" ? true : value === "false" ? false : null);

class SeuilChat extends HTMLElement {
  #client;
  #cards;
  #words;
  #busy = false;
  #state = {};
  #watch = null;
  #scroller;
  #extras = null;
  #labels = null;
  #aloud = false;

  connectedCallback() {
    // A page, or the widget's shadow root in somebody else's.
    const root = this.getRootNode();
    const origin = this.dataset.origin ?? "";
    this.#words = JSON.parse(root.getElementById(this.dataset.words).textContent);
    this.#client = new Client(origin, this.dataset.conversation || null);
    this.#cards = new Cards(this.#words, origin);
    this.#scroller = this.closest("[data-scroller]") ?? document.documentElement;
    for (const part of ["messages", "composer", "text", "send", "live", "urgent", "status", "notice", "waiting", "menu", "left", "understood", "comfort", "direct", "direct-who"]) {
      this[`$${part}`] = this.querySelector(`[data-${part}]`);
    }
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("change", (event) => event.target.closest(".several") && this.#oneOrNone(event.target));
    this.$text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.$composer.requestSubmit();
    });
    this.$menu.addEventListener("toggle", () => this.$menu.open && this.#openMenu());
    this.$comfort.addEventListener("click", (event) => this.#comfort(event.target.closest("button")));
    // The links of the errors' summary, in a shadow root too.
    this.addEventListener("click", (event) => {
      const link = event.target.closest("[data-errors] a");
      if (!link) return;
      event.preventDefault();
      this.querySelector(link.getAttribute("href"))?.focus();
    });
    addEventListener("offline", () => this.#notice(this.#words.chat.offline));
    addEventListener("online", () => this.#notice(this.#words.chat.online));
    addEventListener("keydown", (event) => event.key === "Escape" && this.#closeMenu(true));
    addEventListener("click", (event) => !event.composedPath().includes(this.$menu) && this.#closeMenu(false));
    document.addEventListener("visibilitychange", () => !document.hidden && this.#refresh());
    if (this.#client.id) {
      this.#refresh();
      this.$messages.lastElementChild?.scrollIntoView({ block: "end" });
    } else this.#start();
  }

  // Forms: the page's own, taken over one by one.

  #submitted(event) {
    const form = event.target;
    event.preventDefault();
    if (form === this.$composer) this.#sendText();
    else if (form.matches("[data-choices]")) this.#choose(form, event.submitter);
    else if (form.matches("[data-contact]")) this.#sendContact(form, event.submitter);
    else if (event.submitter?.name === "change") this.#change(event.submitter);
    else if (event.submitter?.matches("[data-restart]")) this.#restart();
    else if (event.submitter?.matches("[data-erase]")) this.#erase();
  }

  #sendText() {
    const text = this.$text.value.trim();
    if (this.#busy) return;
    if (!text) {
      this.$status.textContent = this.#words.chat.empty;
      this.$text.focus();
      return;
    }
    this.$text.value = "";
    this.#send({ text }, text);
  }

  #choose(form, button) {
    if (this.#busy || form.classList.contains("taken")) return;
    const several = form.classList.contains("several");
    const picked = several ? [...form.querySelectorAll("input:checked")] : [button];
    if (!picked.length) {
      this.#notice(this.#words.chat.pick_one);
      return;
    }
    const titles = picked.map((one) => (several ? one.nextElementSibling.textContent : one.textContent));
    const payload = several ? { choices: picked.map((one) => one.value) } : { choice: button.value };
    this.#take(form, picked);
    this.#send(payload, titles.join(", "));
  }

  /** A choice taken stays where it was, readable; focus stays on it. */
  #take(form, picked) {
    form.classList.add("taken");
    // A long list answered in words has nothing left to show.
    if (!picked.length && form.classList.contains("several")) form.hidden = true;
    for (const control of form.querySelectorAll("button, input")) {
      control.setAttribute("aria-disabled", "true");
      if (picked.includes(control)) {
        control.classList.add("chosen");
        if (control.matches("button")) control.setAttribute("aria-pressed", "true");
      } else control.tabIndex = -1;
      if (control.matches("input")) control.addEventListener("click", (event) => event.preventDefault());
    }
    const validate = form.querySelector("fieldset + .button");
    if (validate) validate.tabIndex = 0;
  }

  /** "None of these" and the others exclude each other, where the question says which it is. */
  #oneOrNone(changed) {
    const alone = changed.closest("form").dataset.alone;
    if (!alone || !changed.checked) return;
    for (const box of changed.closest("form").querySelectorAll("input")) {
      if (box !== changed && (box.value === alone || changed.value === alone)) box.checked = false;
    }
  }

  // Sending and receiving.

  async #send(payload, echo, line = null, key = newKey()) {
    if (line === null) {
      line = this.#cards.message({ from: "person", kind: "text", text: echo });
      this.$messages.append(line);
      // What was asked before is answered: its choices are past.
      for (const form of this.querySelectorAll("[data-choices]:not(.taken)")) this.#take(form, []);
    }
    line.querySelector(".unsent-note")?.remove();
    line.classList.remove("unsent");
    this.#notice("");
    this.#wait(true);
    this.#scrollTo(line);
    try {
      if (!this.#client.id) await this.#open();
      const sent = payload.change ? this.#client.change(payload.change, key) : this.#client.send(payload, key);
      this.#receive(await sent);
    } catch (failure) {
      this.#unsent(failure, line, () => this.#send(payload, echo, line, key));
    } finally {
      this.#wait(false);
    }
  }

  #unsent(failure, line, again) {
    const words = this.#words.chat;
    const gone = failure.status === 404;
    // Even a refusal may carry the numbers to call.
    if (failure.problem?.messages) this.#receive(failure.problem);
    line.classList.add("unsent");
    line.append(
      h(
        "p",
        { class: "unsent-note" },
        words.not_sent,
        h("button", { class: "button small", type: "button", onclick: async () => {
          if (this.#busy) return;
          this.$text.focus();
          if (gone) this.#client.id = null;
          again();
        } }, gone ? words.start_again : words.retry),
      ),
    );
    const reason = gone ? words.expired : failure.problem?.detail || (navigator.onLine ? words.failed : words.offline);
    this.#notice(reason);
    this.#say(`${words.not_sent} ${reason}`, true);
    this.#scrollTo(line);
  }

  #receive({ messages = [], state }) {
    if (state) this.#state = state;
    const near = this.#nearBottom();
    const known = new Set([...this.$messages.children].map((line) => line.dataset.id));
    let first = null;
    for (const message of messages) {
      if (known.has(String(message.id)) || message.from === "person") continue;
      if (message.kind === "contact_form") this.#closeContact();
      const line = this.#cards.message(message);
      this.$messages.append(line);
      first ??= line;
      const spoken = this.#cards.spoken(message);
      this.#say(spoken, message.kind === "emergency");
      if (this.#aloud) this.#extras.speak(spoken);
    }
    if (first && near) this.#scrollTo(first);
    this.#showLeft();
    this.#showDirect();
    this.#listen();
  }

  /** What happened elsewhere: a counsellor's message, another tab. */
  async #refresh() {
    if (!this.#client.id || this.#busy) return;
    try {
      const { messages, state } = await this.#client.read();
      this.#state = state ?? this.#state;
      if (!this.#busy) this.#reconcile(messages);
    } catch {
      // The next message sent will say what is wrong.
    }
  }

  #reconcile(messages) {
    const lines = [...this.$messages.children];
    const known = new Set(lines.map((line) => line.dataset.id));
    const echoes = lines.filter((line) => !line.dataset.id && !line.classList.contains("unsent"));
    const fresh = messages.filter((message) => {
      if (known.has(String(message.id))) return false;
      // Our own words, shown before the server named them.
      const echo = message.from === "person" && echoes.shift();
      if (echo) echo.dataset.id = message.id;
      return !echo;
    });
    for (const message of fresh.filter((one) => one.from === "person")) {
      this.$messages.append(this.#cards.message(message));
    }
    this.#receive({ messages: fresh });
  }

  #listen() {
    if (this.#watch || !this.#state.case || !this.#client.id) return;
    let ticks = 0;
    const tick = () => !document.hidden && (this.#state.live || ++ticks % CALM === 0) && this.#refresh();
    this.#watch = { timer: setInterval(tick, POLL_MS) };
    // In another site's page the cookie that the stream asks for does not go.
    if (this.#client.origin) return;
    const source = new EventSource(this.#client.events);
    for (const kind of ["message", "case", "state"]) source.addEventListener(kind, () => this.#refresh());
    this.#watch.source = source;
  }

  #unlisten() {
    clearInterval(this.#watch?.timer);
    this.#watch?.source?.close();
    this.#watch = null;
  }

  // Opening, starting again, erasing.

  async #open() {
    const answer = await this.#client.start(this.dataset.audience);
    this.querySelector("[data-opening]")?.remove();
    this.#receive(answer);
  }

  async #start() {
    this.#wait(true, this.#words.chat.starting);
    try {
      await this.#open();
    } catch (failure) {
      this.#notice(failure.problem?.detail || this.#words.chat.start_failed, this.#words.chat.retry, () => this.#start());
    } finally {
      this.#wait(false);
    }
  }

  async #restart() {
    if (this.#busy) return;
    this.#closeMenu(true);
    this.#wait(true, this.#words.chat.starting);
    // The new one is what matters: the old one expires by itself if it cannot be erased now.
    if (this.#client.id) await this.#client.erase().catch(() => {});
    this.#client.id = this.#client.token = null;
    this.#clear();
    await this.#start();
  }

  async #erase() {
    if (this.#busy) return;
    const words = this.#words.chat;
    this.#wait(true);
    try {
      if (this.#client.id) await this.#client.erase();
      this.#client.id = this.#client.token = null;
      this.#clear();
      this.$text.value = "";
      this.#closeMenu(true);
      this.#notice(`${words.erased} ${words.erased_detail}`, words.start_again, () => this.#start());
    } catch (failure) {
      this.#notice(failure.status === 404 ? words.expired : words.erase_failed);
    } finally {
      this.#wait(false);
    }
  }

  #clear() {
    this.#unlisten();
    this.#state = {};
    this.#showDirect();
    this.$messages.replaceChildren();
    this.$live.replaceChildren();
    this.$urgent.replaceChildren();
    this.#notice("");
  }

  #closeMenu(focus) {
    if (!this.$menu.open) return;
    this.$menu.open = false;
    if (focus) this.$menu.querySelector("summary").focus();
  }

  // The contact form: from here to the desk, past the assistant.

  async #sendContact(form, button) {
    if (this.#busy) return;
    const words = this.#words.contact;
    const fields = Object.fromEntries(new FormData(form));
    const errors = {};
    const phone = (fields.phone ?? "").trim();
    const email = (fields.email ?? "").trim();
    if (!phone && !email) errors.phone = words.need_reach;
    if (phone && phone.replace(/\D/g, "").length < 9) errors.phone = words.bad_phone;
    if (email && !EMAIL.test(email)) errors.email = words.bad_email;
    if (!fields.consent) errors.consent = words.need_consent;
    if (this.#contactErrors(form, errors)) return;
    form.dataset.key ??= newKey();
    this.#wait(true);
    button?.setAttribute("aria-disabled", "true");
    try {
      const answer = await this.#client.contact(
        {
          consent: true,
          name: (fields.name ?? "").trim(),
          phone: phone || null,
          email: email || null,
          when: (fields.when ?? "").trim(),
          safe_to_call: yesNo(fields.safe_to_call),
          safe_to_leave_message: yesNo(fields.safe_to_leave_message),
        },
        form.dataset.key,
      );
      this.#closeContact();
      this.$text.focus();
      if (answer.messages) this.#receive(answer);
      this.#wait(false);
      await this.#refresh();
    } catch (failure) {
      // Another try with other words is another request.
      if (failure.status >= 400 && failure.status < 500) delete form.dataset.key;
      const { field, detail } = failure.problem ?? {};
      this.#contactErrors(form, { [field || "send"]: detail || words.failed });
    } finally {
      button?.removeAttribute("aria-disabled");
      this.#wait(false);
    }
  }

  /** Show what is wrong beside each field and above them all; true when something is. */
  #contactErrors(form, errors) {
    for (const old of form.querySelectorAll(".field-error")) old.remove();
    for (const input of form.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.closest(".field").classList.remove("has-error");
    }
    const box = form.querySelector("[data-errors]");
    const names = Object.keys(errors);
    box.hidden = !names.length;
    box.replaceChildren(
      h("p", {}, h("strong", {}, this.#words.contact.errors_title)),
      h("ul", {}, ...names.map((name) => {
        const known = form.querySelector(`#contact-${CSS.escape(name)}`);
        return h("li", {}, known ? h("a", { href: `#contact-${name}` }, errors[name]) : errors[name]);
      })),
    );
    for (const name of names) {
      const input = form.querySelector(`#contact-${CSS.escape(name)}`);
      if (!input) continue;
      input.setAttribute("aria-invalid", "true");
      const help = input.getAttribute("aria-describedby")?.split(" ").filter((id) => id.endsWith("-help")) ?? [];
      input.setAttribute("aria-describedby", [...help, `contact-${name}-error`].join(" "));
      const field = input.closest(".field");
      field.classList.add("has-error");
      (input.closest("label") ?? input).before(h("p", { class: "field-error", id: `contact-${name}-error` }, errors[name]));
    }
    if (names.length) box.focus();
    return names.length > 0;
  }

  #closeContact() {
    for (const form of this.querySelectorAll("[data-contact]")) form.closest(".card").remove();
  }

  // The options: their code comes with the first use.

  async #openMenu() {
    this.#extras ??= await import("./comfort.js");
    const extras = this.#extras;
    this.$comfort.hidden = false;
    this.querySelector("[data-read]").hidden = !extras.canSpeak();
    // In somebody else's page, printing would print theirs.
    this.querySelector("[data-print-summary]").hidden = Boolean(this.#client.origin);
    for (const part of this.querySelectorAll("[data-dictate], [data-dictate-note]")) part.hidden = !extras.canListen();
    this.#labels ??= await extras.factWords(this.dataset.facts).catch(() => null);
    if (this.#labels) extras.showUnderstood(this.$understood, this.#state.facts, this.#labels, this.#words);
  }

  #change(button) {
    if (this.#busy) return;
    this.#closeMenu(false);
    this.$text.focus();
    const text = this.#words.chat.change_text.replace("{title}", button.dataset.title);
    this.#send({ change: button.value }, text);
  }

  async #comfort(button) {
    const words = this.#words.chat;
    const extras = this.#extras;
    if (!button) return;
    if (button.dataset.size) extras.resize(Number(button.dataset.size));
    else if (button.matches("[data-read]")) {
      this.#aloud = !this.#aloud;
      button.textContent = this.#aloud ? words.read_off : words.read_on;
      speechSynthesis.cancel();
      if (this.#aloud) extras.speak(this.$messages.lastElementChild?.innerText ?? "");
    } else if (button.matches("[data-dictate]")) {
      this.#closeMenu(false);
      this.$text.focus();
      this.#notice(words.dictating);
      this.#notice((await extras.dictate(this.$text)) ? "" : words.dictation_failed);
    } else {
      const groups = extras.summary(this.#state.facts, this.$messages, this.#labels ?? {}, this.#words);
      this.#closeMenu(true);
      if (button.matches("[data-print-summary]")) {
        extras.printed(groups, this.#words);
        return;
      }
      const text = button.matches("[data-copy-all]") ? extras.transcript(this.$messages) : extras.asText(groups, this.#words);
      this.#notice(await navigator.clipboard.writeText(text).then(() => words.copied, () => words.copy_failed));
    }
  }

  // What is seen and heard meanwhile.

  /** How many questions are left, as seuil/web/left.py counts them. */
  #showLeft() {
    const { pending, assessment, live } = this.#state;
    const missing = assessment?.services?.[0]?.missing ?? [];
    const aside = this.$left.dataset.left.split(" ");
    const left = missing.filter((fact) => !aside.includes(fact)).length || Math.min(1, missing.length);
    const words = this.#words.chat;
    this.$left.hidden = pending !== "fact" || !left || live;
    this.$left.textContent = left === 1 ? words.left_one : words.left.replace("{n}", left);
  }

  /** A counsellor is there: who, and the numbers, in view for as long. */
  #showDirect() {
    this.$direct.hidden = !this.#state.live;
    this["$direct-who"].textContent = this.#state.live ?? "";
  }

  #wait(waiting, words = this.#words.chat.sending) {
    this.#busy = waiting;
    this.$text.readOnly = waiting;
    this.$send.setAttribute("aria-disabled", String(waiting));
    this.$waiting.hidden = !waiting;
    this.$status.textContent = waiting ? words : "";
  }

  #say(text, urgent = false) {
    if (!text) return;
    const line = h("p", {}, text);
    (urgent ? this.$urgent : this.$live).append(line);
    // Said once; what is read again is the transcript.
    setTimeout(() => line.remove(), SPOKEN_FOR_MS);
  }

  #notice(text, label = null, action = null) {
    this.$notice.hidden = !text;
    this.$notice.replaceChildren(
      ...(text ? [h("p", {}, text)] : []),
      ...(action ? [h("button", { class: "button small", type: "button", onclick: () => {
        this.$text.focus();
        this.#notice("");
        action();
      } }, label)] : []),
    );
    if (text) this.#say(text);
  }

  #nearBottom() {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller;
    return scrollHeight - clientHeight - scrollTop < NEAR_BOTTOM_PX || this.#busy;
  }

  /** Bring a message in view, its beginning first, below what sticks to the top. */
  #scrollTo(line) {
    requestAnimationFrame(() => {
      const page = this.#scroller === document.documentElement;
      const top = line.getBoundingClientRect().top - (page ? 0 : this.#scroller.getBoundingClientRect().top);
      const head = page ? (document.querySelector(".top")?.offsetHeight ?? 0) : 0;
      this.#scroller.scrollTo({ top: this.#scroller.scrollTop + top - head - 16 });
    });
  }

  /** End the session on the server at once, as far as a page that closes still can. */
  abandon() {
    this.#unlisten();
    this.#client.abandon();
  }
}

customElements.define("seuil-chat", SeuilChat);
