/*
 * uicompiler.js: what a page of surfaces does when scripts run. Without it everything still works.
 *
 * It sends forms in the background, shows what comes back or is pushed, and never loses what a
 * person typed: a surface is not put in place of the old one, the old one is changed into it
 * (`morph`), so that focus, caret, scroll position, open disclosures and a text half composed in an
 * input method stay. A field takes the server's value only when the server says that it wrote it,
 * or when nobody touched the field here.
 *
 * It trusts the server's markup (`replace.html`) and nothing else: every other text becomes a text
 * node. It needs no `unsafe-*` in a Content-Security-Policy: no eval, no style attributes.
 *
 * What it expects of the page is told in docs/html-theme.md.
 */
(() => {
  "use strict";

  // --- names ---------------------------------------------------------------------------------

  const SURFACE = ".ui-surface";

  /** A wire id such as `main#e=2`: the surface's name, and its epoch, which rises on a reset. */
  const split = (id) => {
    const [name, epoch] = id.split("#e=");
    return { name, epoch: Number(epoch ?? 1) };
  };
  const frameOf = (name) => {
    const found = document.getElementById(`ui-${name}`);
    return found?.matches(SURFACE) ? found : null;
  };
  const main = () => document.querySelector("main") ?? document.body;
  const here = (id) => (id ? document.getElementById(id) : null);

  /** Texts come from the page, in its language. */
  const SAY = {
    busy: "Sending …",
    failed: "That could not be sent. What you entered is kept.",
    again: "Send again",
    close: "Close",
    error: "Error",
    answering: "The assistant is answering …",
    you: "You",
  };
  const say = (key) => main().dataset[`say${key[0].toUpperCase()}${key.slice(1)}`] || SAY[key];

  /** An element with attributes, holding texts and elements. */
  const made = (tag, attributes, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };

  // --- fields: what is in them, and what the server put there ----------------------------------

  /** The controls of each field by its name, `f.<id>`; hidden ones are not a person's. */
  const fieldsOf = (root) => {
    const found = new Map();
    for (const control of root.querySelectorAll('[name^="f."]')) {
      if (control.type === "hidden") continue;
      if (!found.has(control.name)) found.set(control.name, []);
      found.get(control.name).push(control);
    }
    return found;
  };

  const isSecret = (controls) => controls[0].type === "password";
  const isFile = (controls) => controls[0].type === "file";
  const isPicked = (control) => control.type === "checkbox" || control.type === "radio";
  const prints = (files) => [...files].map((f) => `${f.name}\n${f.size}\n${f.lastModified}`);

  /** What a field holds, as a list of texts. */
  const now = ([first, ...rest]) => {
    if (first.type === "file") return prints(first.files);
    if (isPicked(first)) return [first, ...rest].filter((c) => c.checked).map((c) => c.value);
    if (first.options) return [...first.selectedOptions].map((o) => o.value);
    return [first.value];
  };

  /** What the server put into it. */
  const served = ([first, ...rest]) => {
    if (first.type === "file") return [];
    if (isPicked(first)) {
      return [first, ...rest].filter((c) => c.defaultChecked).map((c) => c.value);
    }
    if (first.options) {
      const chosen = [...first.options].filter((o) => o.defaultSelected);
      return (chosen.length ? chosen : [...first.options].slice(0, 1)).map((o) => o.value);
    }
    // An input puts its value in order (a slider within its ends), which is no edit.
    const probe = first.cloneNode();
    probe.value = first.defaultValue;
    return [probe.value];
  };

  /** Make that what the server put into it; what is in it stays. */
  const serve = (controls, values) => {
    const held = now(controls);
    const [first] = controls;
    if (isPicked(first)) {
      for (const control of controls) control.defaultChecked = values.includes(control.value);
    } else if (first.options) {
      for (const option of first.options) option.defaultSelected = values.includes(option.value);
    } else {
      first.defaultValue = values[0] ?? "";
    }
    put(controls, held);
  };

  const same = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);
  const touched = (controls) => !same(now(controls), served(controls));

  /** Give a field values; of options only those it has. A file never comes back from a text. */
  const put = (controls, values) => {
    const [first] = controls;
    if (first.type === "file") return;
    if (isPicked(first)) {
      const known = controls.filter((control) => values.includes(control.value));
      if (values.length && !known.length) return;
      for (const control of controls) control.checked = known.includes(control);
    } else if (first.options) {
      const known = [...first.options].filter((option) => values.includes(option.value));
      if (known.length) for (const option of first.options) option.selected = known.includes(option);
    } else {
      first.value = values[0] ?? "";
    }
  };

  /** Whether a list of ids names a field; a list of rows names all its cells. */
  const covers = (ids, name) => ids.some((id) => name === `f.${id}` || name.startsWith(`f.${id}/`));

  /** Whether the server says that it holds the secret or the file of a field. */
  const isKept = ([control]) =>
    control
      .closest(".ui-field")
      ?.querySelector(control.type === "password" ? '[id$="-hint"]' : "input[type=hidden]") != null;

  /** Lay what a person typed over the next markup, but for the fields that the server wrote. */
  const carry = (frame, next, written, sent) => {
    const mine = fieldsOf(frame);
    for (const [name, controls] of fieldsOf(next)) {
      const typed = mine.get(name);
      if (!typed || covers(written, name) || !touched(typed)) continue;
      if (isSecret(typed) !== isSecret(controls) || isFile(typed) !== isFile(controls)) continue;
      if (isSecret(typed) || isFile(typed)) {
        // It arrived: sending it again with every press would only show it longer.
        if (isKept(controls) && sent && same(sent.get(name) ?? [], now(typed))) continue;
      }
      if (isFile(typed)) controls[0].files = typed[0].files;
      else put(controls, now(typed));
    }
  };

  // --- drafts: what was typed outlives a reload of this tab ------------------------------------

  const PREFIX = `uicompiler:${location.pathname}:`;
  const store = {
    get: (id) => {
      try {
        return JSON.parse(sessionStorage.getItem(PREFIX + id)) ?? {};
      } catch {
        return {};
      }
    },
    set: (id, draft) => {
      try {
        if (Object.keys(draft).length) sessionStorage.setItem(PREFIX + id, JSON.stringify(draft));
        else sessionStorage.removeItem(PREFIX + id);
      } catch {
        // Storage may be off or full; the draft is still in the page.
      }
    },
  };

  /**
   * Note every touched field, with what it stood on; never a secret, never a file. What was typed
   * into a field that is not shown any more stays noted: it comes back with its field.
   */
  const save = (frame) => {
    const fields = fieldsOf(frame);
    const noted = Object.entries(store.get(frame.dataset.surface));
    const draft = Object.fromEntries(noted.filter(([name]) => !fields.has(name)));
    for (const [name, controls] of fields) {
      if (isSecret(controls) || isFile(controls) || !touched(controls)) continue;
      draft[name] = { typed: now(controls), over: served(controls) };
    }
    store.set(frame.dataset.surface, draft);
  };

  /** What was sent is the server's to show again. */
  const forget = (frame, sent) => {
    const noted = Object.entries(store.get(frame.dataset.surface));
    const mine = noted.filter(([name, { typed }]) => !same(sent.get(name) ?? [], typed ?? []));
    store.set(frame.dataset.surface, Object.fromEntries(mine));
  };

  /** Bring back what was typed over values that the server has not changed since. */
  const restore = (frame, shownBefore = new Map()) => {
    const draft = store.get(frame.dataset.surface);
    for (const [name, controls] of fieldsOf(frame)) {
      if (shownBefore.has(name)) continue;
      const { typed, over } = draft[name] ?? {};
      if (!Array.isArray(typed) || !Array.isArray(over)) continue;
      if (isSecret(controls) || isFile(controls) || touched(controls)) continue;
      if (same(over, served(controls))) put(controls, typed);
    }
  };

  const unsaved = new Set();
  let saving = 0;
  const saveSoon = (frame) => {
    unsaved.add(frame);
    saving ||= setTimeout(saveNow, 200);
  };
  const saveNow = () => {
    clearTimeout(saving);
    saving = 0;
    for (const frame of unsaved) if (frame.isConnected) save(frame);
    unsaved.clear();
  };

  // --- dressing: what the script adds to markup -------------------------------------------------

  /** Tabs: panels below each other become one at a time (ARIA Authoring Practices, Tabs). */
  const dressTabs = (root, chosen, toError) => {
    for (const box of root.querySelectorAll(".ui-tabs")) {
      const panels = [...box.children].filter((child) => child.matches(".ui-tab"));
      if (!panels.length || box.querySelector(":scope > [role=tablist]")) continue;
      const list = made("div", { class: "ui-tablist", role: "tablist" });
      if (box.id) list.id = `${box.id}-list`;
      if (box.dataset.label) list.setAttribute("aria-label", box.dataset.label);
      for (const panel of panels) list.append(tabOf(panel));
      box.prepend(list);
      const wrong = panels.filter(isWrong);
      const open = panels.find((panel) => chosen.has(panel.id)) ?? panels[0];
      choose((toError && wrong.length && !wrong.includes(open) ? wrong[0] : open).id, root);
    }
  };

  const isWrong = (panel) =>
    panel.matches(".ui-invalid") || panel.querySelector("[aria-invalid=true]") !== null;

  const tabOf = (panel) => {
    const title = panel.querySelector(":scope > .ui-title");
    const tab = made("button", {
      type: "button",
      role: "tab",
      class: "ui-tab-button",
      id: `${panel.id}-tab`,
      "aria-controls": panel.id,
    });
    if (title) {
      tab.append(...title.cloneNode(true).childNodes);
      tab.dir = title.dir;
      title.hidden = true;
    }
    if (isWrong(panel)) {
      tab.classList.add("ui-invalid");
      tab.append(made("span", { class: "ui-visually-hidden" }, ` (${say("error")})`));
    }
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    // A panel takes the focus itself only where nothing in it does.
    if (!panel.querySelector("input, select, textarea, button, a[href], summary, [tabindex]")) {
      panel.tabIndex = 0;
    }
    return tab;
  };

  const choose = (panelId, root = document) => {
    const panel = root.querySelector(`#${CSS.escape(panelId)}`);
    for (const tab of panel.parentElement.querySelectorAll(":scope > [role=tablist] > [role=tab]")) {
      const is = tab.getAttribute("aria-controls") === panelId;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      root.querySelector(`#${CSS.escape(tab.getAttribute("aria-controls"))}`).hidden = !is;
    }
  };

  const chosenIn = (root) =>
    new Set(
      [...root.querySelectorAll("[role=tab][aria-selected=true]")].map((tab) =>
        tab.getAttribute("aria-controls"),
      ),
    );

  /** A disclosure stays as its reader left it, until the server wants it otherwise than before. */
  const dressDisclosures = (root, frame) => {
    for (const details of root.querySelectorAll("details[id]")) {
      const wanted = String(details.open);
      const before = frame && frame.querySelector(`#${CSS.escape(details.id)}`);
      if (before && before.dataset.served === wanted) details.open = before.open;
      details.dataset.served = wanted;
    }
  };

  const dressSliders = (root) => {
    for (const slider of root.querySelectorAll("input[type=range][id]")) {
      const output = root.querySelector(`output[for="${CSS.escape(slider.id)}"]`);
      if (output) output.textContent = slider.value;
    }
  };

  /**
   * @param {Element} root markup to dress
   * @param {Element | null} frame the surface it will become, with what its reader did
   * @param {boolean} own whether it answers a press here, so that an error may come to the front
   */
  const dress = (root, frame, own) => {
    dressTabs(root, frame ? chosenIn(frame) : new Set(), own);
    dressDisclosures(root, frame);
    dressSliders(root);
  };

  // --- morph: one tree becomes another, keeping the elements that stay --------------------------

  /** What an element is known by: its id, its field, or the first id inside. */
  const keyOf = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    return node.id || (node.dataset?.field ?? "") || (node.querySelector("[id]")?.id ?? "");
  };

  const CONTROLS = "input, select, textarea, button, details, video, audio";

  const alike = (a, b) => {
    if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
    if (a.nodeType !== Node.ELEMENT_NODE || !a.matches(CONTROLS)) return true;
    return a.id === b.id && a.type === b.type && a.getAttribute("name") === b.getAttribute("name");
  };

  const morph = (old, next) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
      return;
    }
    // Options may move from `next` into `old`, and attributes change properties: look first.
    const state = stateOf(next);
    for (const { name } of [...old.attributes]) {
      if (!next.hasAttribute(name) && !staysOn(old, name)) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    morphChildren(old, next);
    setState(old, state);
  };

  /** Turbo's own notes on a frame, and what lets a heading hold the focus it was given. */
  const staysOn = (element, name) =>
    (element.matches("turbo-frame") && ["aria-busy", "busy", "complete", "src"].includes(name)) ||
    (name === "tabindex" && element === document.activeElement);

  const morphChildren = (old, next) => {
    const children = [...next.childNodes];
    const wanted = new Set(children.map(keyOf).filter(Boolean));
    const known = new Map();
    for (const child of old.childNodes) if (keyOf(child)) known.set(keyOf(child), child);
    let at = old.firstChild;
    for (const child of children) {
      let stays = known.get(keyOf(child));
      if (!stays && at && !wanted.has(keyOf(at))) stays = at;
      if (!stays || !alike(stays, child)) {
        old.insertBefore(child, at);
        continue;
      }
      at = bring(old, stays, at);
      morph(stays, child);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  };

  /** Put a child where it now belongs, and give what follows. An element that moves loses focus. */
  const bring = (parent, child, at) => {
    const between = [];
    for (let node = at; node && node !== child; node = node.nextSibling) between.push(node);
    const follows = child.parentNode === parent && between.at(-1)?.nextSibling === child;
    if (child === at) return child.nextSibling;
    if (follows && !between.some((node) => node.contains(document.activeElement))) {
      // They come back when it is their turn: `known` holds them.
      for (const node of between) node.remove();
      return child.nextSibling;
    }
    parent.insertBefore(child, at);
    return at;
  };

  const stateOf = (element) => {
    if (element instanceof HTMLInputElement) {
      if (element.type === "file") return { files: element.files };
      return isPicked(element) ? { checked: element.checked } : { value: element.value };
    }
    if (element instanceof HTMLTextAreaElement) return { value: element.value };
    return element instanceof HTMLSelectElement ? { options: now([element]) } : {};
  };

  const setState = (element, { value, checked, files, options }) => {
    // Only what differs: setting a value moves the caret and ends what an input method composes.
    if (value !== undefined && element.value !== value) element.value = value;
    if (checked !== undefined && element.checked !== checked) element.checked = checked;
    if (files && !same(prints(files), prints(element.files))) element.files = files;
    if (options) {
      for (const option of element.options) {
        const is = options.includes(option.value);
        if (option.selected !== is) option.selected = is;
      }
    }
  };

  // --- messages ---------------------------------------------------------------------------------

  /** Surfaces taken away, by name: their epoch, since a late message must not bring one back. */
  const gone = new Map();
  /** Surfaces to take away, unless the same batch shows them anew (a reset). */
  const leaving = new Map();

  /** While an input method composes a text, its surface waits: changing it would break the text. */
  let composing = null;
  let compositions = 0;
  const waiting = [];
  const isComposing = (frame) => composing?.isConnected && frame?.contains(composing);
  const whenCalm = (frame, step) => {
    if (isComposing(frame)) waiting.push(step);
    else step();
  };

  /** What says the same again is old, unless it writes nothing: a refusal may say more. */
  const isOld = (frame, id, rev, written) => {
    const { name, epoch } = split(id);
    if (epoch <= (gone.get(name) ?? 0)) return true;
    if (!frame) return false;
    const shown = split(frame.dataset.surface).epoch;
    const known = Number(frame.dataset.rev);
    if (epoch !== shown) return epoch < shown;
    return written?.length === 0 ? rev < known : rev <= known;
  };

  /**
   * Do what a message says.
   *
   * @param {object} message one line of an answer or a push
   * @param {object | null} press the press it answers, or null
   */
  const apply = (message, press) => {
    const { replace: shown, remove: taken, rev: raised } = message;
    const about = shown ?? taken ?? raised;
    if (about) {
      whenCalm(frameOf(split(about.surface).name), () => {
        if (shown) replace(shown, press);
        else if (taken) remove(taken.surface, press);
        else raise(raised, press);
      });
    } else if (message.effect?.kind === "toast") {
      toast(message.effect.data.text, message.effect.data.level);
    } else if (message.fallback) {
      toast(message.fallback.text, "error");
    } else if (message.back) {
      for (const button of document.querySelectorAll(".ui-back > button")) {
        button.hidden = !message.back[button.value];
      }
    } else if (message.said) {
      const you = made("bdi", { class: "ui-visually-hidden" }, `${say("you")}: `);
      logBox().append(made("p", { class: "ui-said ui-mine", dir: "auto" }, you, message.said.text));
    } else if (message.text) {
      logBox().append(made("p", { class: "ui-said", dir: "auto" }, message.text));
    }
  };

  const replace = ({ surface, html, written }, press) => {
    const parsed = new DOMParser().parseFromString(html, "text/html").querySelector(SURFACE);
    if (!parsed) return;
    const next = document.adoptNode(parsed);
    const { name } = split(surface);
    const frame = frameOf(name);
    if (isOld(frame, surface, Number(next.dataset.rev), written)) {
      // The push of what this press did was faster than its answer.
      if (frame && press) land(frame, press);
      return;
    }
    clearTimeout(leaving.get(name));
    leaving.delete(name);
    show(next, frame, written ?? [], press);
  };

  /** Show markup of a surface in place of what is there. */
  const show = (next, frame, written, press) => {
    if (!frame) {
      dress(next, null, false);
      dressed.add(next);
      (document.querySelector(".ui-surfaces") ?? main()).append(next);
      restore(next);
      dressSliders(next);
      if (press) land(next, press);
      return;
    }
    const focused = frame.contains(document.activeElement) ? document.activeElement : null;
    const known = press ?? pressOn(frame);
    const before = frame.dataset.surface;
    const shownBefore = fieldsOf(frame);
    save(frame);
    if (known) forget(frame, known.sent);
    carry(frame, next, written, known?.sent);
    dress(next, frame, Boolean(known));
    if (pressOn(frame)) mark(next, pressOn(frame));
    morph(frame, next);
    if (before !== frame.dataset.surface) store.set(before, {});
    restore(frame, shownBefore);
    dressSliders(frame);
    save(frame);
    const lost = focused !== null && !frame.contains(document.activeElement);
    if (lost) here(focused.id)?.focus({ preventScroll: true });
    if (press) land(frame, press, lost);
    else if (lost && isNowhere()) aim(frame);
  };

  /** Whether nothing has the focus. */
  const isNowhere = () => [document.body, null].includes(document.activeElement);

  /** After a press: to the summary of errors, else to where the view begins if it is another one. */
  const land = (frame, press, lost = false) => {
    const summary = frame.querySelector(".ui-summary");
    if (summary) aim(summary, true);
    else if (isNowhere() && (lost || !here(press.button))) {
      aim(frame.querySelector("h1, h2, h3, h4, h5, h6") ?? frame, true);
    }
  };

  const aim = (element, scroll = false) => {
    if (element.tabIndex < 0) element.tabIndex = -1; // only what takes no focus by itself
    element.focus({ preventScroll: true });
    if (scroll) element.scrollIntoView({ block: "nearest" });
  };

  const remove = (surface, press) => {
    const { name, epoch } = split(surface);
    const frame = frameOf(name);
    if (frame && split(frame.dataset.surface).epoch > epoch) return;
    clearTimeout(leaving.get(name));
    // A push comes message by message: what replaces a reset surface is a moment behind.
    leaving.set(name, setTimeout(() => leave(name, epoch), press ? 0 : 100));
  };

  const leave = (name, epoch) => {
    leaving.delete(name);
    gone.set(name, epoch);
    const frame = frameOf(name);
    if (!frame) return;
    const focused = frame.contains(document.activeElement);
    store.set(frame.dataset.surface, {});
    noteOf(name)?.remove();
    frame.remove();
    if (focused) aim(main());
  };

  const raise = ({ surface, rev }, press) => {
    const frame = frameOf(split(surface).name);
    if (!frame || frame.dataset.surface !== surface || isOld(frame, surface, rev)) return;
    frame.dataset.rev = String(rev);
    const input = frame.querySelector('input[name="_rev"]');
    if (input) input.value = String(rev);
    if (press) learned(frame, press.sent);
  };

  /** The server has what was sent: from now on that is what it put into the fields. */
  const learned = (frame, sent) => {
    for (const [name, controls] of fieldsOf(frame)) {
      const values = sent.get(name);
      if (values && !isSecret(controls) && !isFile(controls)) serve(controls, values);
    }
    save(frame);
  };

  // --- texts and toasts -------------------------------------------------------------------------

  const logBox = () => {
    const found = document.querySelector(".ui-log");
    if (found) return found;
    const box = made("section", { class: "ui-log", role: "log" });
    main().prepend(box);
    return box;
  };

  const LEVELS = { info: "info", success: "success", warning: "warning", error: "error-tone" };
  const TOAST_MS = 10_000;
  const MOST_TOASTS = 3;

  const toast = (text, level) => {
    let box = document.querySelector(".ui-toasts");
    if (!box) document.body.append((box = made("div", { class: "ui-toasts", role: "status" })));
    box.classList.add("ui-floating");
    const close = made("button", { type: "button", class: "ui-toast-close", "aria-label": say("close") });
    const tone = Object.hasOwn(LEVELS, level) ? level : "info";
    const item = made(
      "div",
      { class: `ui-toast ui-${LEVELS[tone]}` },
      made("p", { dir: "auto" }, String(text)),
      close,
    );
    close.addEventListener("click", () => item.remove());
    box.append(item);
    while (box.children.length > MOST_TOASTS) box.firstElementChild.remove();
    // What went wrong stays until it was read; nothing goes while somebody is at it.
    const fade = () => {
      if (item.matches(":hover, :focus-within")) setTimeout(fade, 2_000);
      else item.remove();
    };
    if (tone === "info" || tone === "success") setTimeout(fade, TOAST_MS);
  };

  /** Toasts that came with the page get what every other has: a way to close them. */
  const dressToasts = () => {
    for (const line of document.querySelectorAll(".ui-toasts > .ui-toast:not(:has(button))")) {
      line.remove();
      const levels = Object.keys(LEVELS).filter((level) => line.classList.contains(`ui-${level}`));
      toast(line.textContent, levels[0]);
    }
  };

  // --- presses ----------------------------------------------------------------------------------

  /** Presses on their way, by surface name, or by the form where there is none. */
  const presses = new Map();
  /** The last press that failed, by the same: what was sent with which key. */
  const failures = new Map();
  /** Forms that go the plain way next, since the answer made no sense here. */
  const plain = new WeakSet();

  const placeOf = (form) => {
    const frame = form.closest(SURFACE);
    return frame ? split(frame.dataset.surface).name : form;
  };
  const pressOn = (frame) => presses.get(split(frame.dataset.surface).name);

  /** A version 4 UUID; `randomUUID` is not there on plain http. */
  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  const dataOf = (form, button) => {
    const data = new FormData(form);
    if (button?.name) data.append(button.name, button.value);
    return data;
  };

  /** Everything a post says, so that a second one can be told from a repeat. */
  const signatureOf = (data) =>
    JSON.stringify(
      [...data]
        .filter(([name]) => name !== "_csrf" && name !== "_key")
        .map(([name, value]) => [name, value instanceof File ? prints([value]) : value]),
    );

  /** Show that a form is on its way: its buttons do nothing meanwhile, but keep their focus. */
  const mark = (root, press) => {
    for (const button of root.querySelectorAll("button[type=submit], button:not([type])")) {
      button.setAttribute("aria-disabled", "true");
      if (press && button.value === press.value) button.classList.add("ui-busy");
    }
  };
  const unmark = (root) => {
    for (const button of root.querySelectorAll("button[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("ui-busy");
    }
  };

  /** Say that something takes a while, once it does: aloud, and in a line that a form has for it. */
  const sayBusy = (form) => {
    const own = form.querySelector(".ui-waits");
    const line = own ?? made("p", { class: "ui-visually-hidden", role: "status" });
    if (!own) document.body.append(line);
    const timer = setTimeout(() => (line.textContent = say(own ? "answering" : "busy")), 500);
    return () => {
      clearTimeout(timer);
      if (own) own.textContent = "";
      else line.remove();
    };
  };

  /** The box of a form in which a person writes to the assistant. */
  const boxOf = (form) => form.querySelector("textarea[name=message]");

  const send = async (form, button) => {
    const place = placeOf(form);
    if (presses.has(place)) return;
    const data = dataOf(form, button);
    const signature = signatureOf(data);
    const failed = failures.get(place);
    const key = failed?.signature === signature ? failed.key : uuid();
    const sent = new Map([...fieldsOf(form)].map(([name, controls]) => [name, now(controls)]));
    const press = { button: button?.id, value: button?.value ?? "", sent, signature, key };
    presses.set(place, press);
    mark(form, press);
    const done = sayBusy(form);
    const said = boxOf(form)?.value;
    let answer = null;
    try {
      answer = await post(form, button, data, key);
    } catch {
      // No answer: it may have arrived or not, and the key makes sure that it counts once.
    }
    done();
    presses.delete(place);
    const frame = typeof place === "string" ? frameOf(place) : null;
    unmark(frame ?? form);
    if (answer?.goes) return location.assign(answer.goes);
    if (answer?.lines) {
      failures.delete(place);
      noteOf(place)?.remove();
      for (const line of answer.lines) apply(line, press);
      // What was written meanwhile stays, and so does what was refused.
      const arrived = answer.lines.some((line) => line.said);
      if (arrived && boxOf(form)?.value === said) boxOf(form).value = "";
      if (arrived) logBox().lastElementChild?.scrollIntoView({ block: "nearest" });
      return;
    }
    failures.set(place, press);
    if (answer) plain.add(form);
    offer(place, form, button);
  };

  /** Post a form; gives the lines of the answer, or where it leads. */
  const post = async (form, button, data, key) => {
    const to = button?.getAttribute("formaction") ?? form.getAttribute("action");
    const answer = await fetch(new URL(to || location.href, document.baseURI), {
      method: "POST",
      body: form.enctype === "multipart/form-data" ? data : new URLSearchParams(data),
      headers: { Accept: "application/x-ndjson", "Idempotency-Key": key },
      credentials: "same-origin",
    });
    const kind = answer.headers.get("content-type") ?? "";
    if (!kind.startsWith("application/x-ndjson")) {
      // A gateway's word says nothing of the press, which may have been done: ask again by its key.
      return answer.status >= 500 ? null : { goes: answer.redirected && answer.url };
    }
    const text = await answer.text();
    const lines = text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
    return lines.length || answer.ok ? { lines } : {};
  };

  // --- when sending failed ----------------------------------------------------------------------

  const notes = new Map();
  const noteOf = (place) => notes.get(place);

  /** Say that a press did not get through, and offer to send it again. */
  const offer = (place, form, button) => {
    noteOf(place)?.remove();
    const again = made("button", { type: "button", class: "ui-button" }, say("again"));
    const note = made(
      "div",
      { class: "ui-notice ui-error-tone ui-failed", role: "alert" },
      made("div", {}, made("p", { class: "ui-text", dir: "auto" }, say("failed")), again),
    );
    again.addEventListener("click", () => {
      const pressed = button && (here(button.id) ?? button);
      if (!form.isConnected) note.remove();
      else if (plain.has(form)) form.requestSubmit(pressed?.form === form ? pressed : undefined);
      else send(form, pressed);
    });
    // Beside the surface, not in it: what is pushed meanwhile leaves it alone.
    (form.closest(SURFACE) ?? form).after(note);
    notes.set(place, note);
    note.scrollIntoView({ block: "nearest" });
  };

  // --- events -----------------------------------------------------------------------------------

  const SENT = ".ui-form, .ui-turns, .ui-back, .ui-message";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches(SENT) || plain.has(form)) return;
    if (boxOf(form)?.value.trim() === "") {
      event.preventDefault();
      boxOf(form).focus();
    } else if (form.matches(".ui-first")) {
      go(form, event);
    } else {
      event.preventDefault();
      send(form, event.submitter);
    }
  });

  /** Forms whose answer is another page, while it is waited for. */
  const going = new Map();
  const go = (form, event) => {
    if (going.has(form)) return event.preventDefault();
    mark(form, { value: "" });
    going.set(form, sayBusy(form));
  };

  /** Enter sends a message, with Shift it begins a line; it also ends what an input method shows. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    const form = event.target.closest?.(".ui-message");
    if (!form || event.target !== boxOf(form)) return;
    event.preventDefault();
    form.requestSubmit();
  });

  const onEdit = (event) => {
    const frame = event.target.closest?.(SURFACE);
    if (!frame) return;
    if (event.target.type === "range") dressSliders(frame);
    saveSoon(frame);
  };
  document.addEventListener("input", onEdit);
  document.addEventListener("change", onEdit);

  document.addEventListener("compositionstart", (event) => {
    composing = event.target;
    compositions += 1;
  });
  document.addEventListener("compositionend", () => {
    const ended = compositions;
    // Some browsers write the text only after this event.
    setTimeout(() => {
      if (ended !== compositions) return;
      composing = null;
      for (const step of waiting.splice(0)) step();
    });
  });

  /** Bring what a link of the summary leads to before its reader: tabs and disclosures open. */
  const reveal = (target) => {
    for (let at = target; at; at = at.parentElement) {
      if (at.matches("details")) at.open = true;
      if (at.matches("[role=tabpanel]") && at.hidden) choose(at.id);
    }
  };

  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (tab) choose(tab.getAttribute("aria-controls"));
    const link = event.target.closest?.(".ui-summary a[href^='#']");
    const target = link && here(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    reveal(target);
    const control = target.matches("fieldset") ? target.querySelector("input, select, textarea") : null;
    aim(control ?? target);
    (target.closest("[data-field]") ?? target).scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (!tab || event.altKey || event.ctrlKey || event.metaKey) return;
    const tabs = [...tab.parentElement.children];
    const forward = getComputedStyle(tab.parentElement).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const from = tabs.indexOf(tab);
    const to = { [forward]: from + 1, [backward]: from - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs.at(to % tabs.length);
    choose(next.getAttribute("aria-controls"));
    next.focus();
  });

  // --- pushes -----------------------------------------------------------------------------------

  let stream = null;
  /** The last event, where a stream that is opened anew goes on. */
  let heard = "";

  /** An event's name is the key of its message, but for those that show surfaces. */
  const READ = {
    html: (content) => content,
    text: (content) => content,
    effect: (content) => ({ effect: content }),
    fallback: (content) => ({ fallback: content }),
  };

  const listen = () => {
    const address = main().dataset.stream;
    if (!address || typeof EventSource === "undefined") return;
    if (stream?.address === address && stream.source.readyState !== EventSource.CLOSED) return;
    stream?.source.close();
    const url = new URL(address, document.baseURI);
    if (heard && stream?.address === address) url.searchParams.set("after", heard);
    stream = { address, source: new EventSource(url) };
    for (const [name, read] of Object.entries(READ)) {
      stream.source.addEventListener(name, (event) => {
        heard = event.lastEventId || heard;
        apply(read(JSON.parse(event.data)), null);
      });
    }
  };

  // --- Turbo: its renders keep drafts too ---------------------------------------------------------

  /** What an element says the server wrote: ids as a JSON list in `data-written`. */
  const writtenIn = (element) => {
    try {
      return [].concat(JSON.parse(element.dataset.written ?? "[]"));
    } catch {
      return [];
    }
  };

  const showFor = (given, frame, written) => {
    const next = document.importNode(given, true);
    whenCalm(frame, () => show(next, frame, written, null));
  };

  document.addEventListener("turbo:before-stream-render", (event) => {
    const element = event.detail.newStream ?? event.target;
    const render = event.detail.render;
    const next = element.querySelector("template")?.content.querySelector(SURFACE);
    const frame = next && here(next.id);
    if (!frame) return;
    event.detail.render = async (given) => {
      if (["replace", "update"].includes(element.getAttribute("action"))) {
        showFor(next, frame, writtenIn(element));
      } else {
        await render(given);
      }
    };
  });

  document.addEventListener("turbo:before-frame-render", (event) => {
    const frame = event.target;
    if (!frame.matches?.(SURFACE)) return;
    event.detail.render = (current, next) => showFor(next, current, writtenIn(next));
  });

  // --- start --------------------------------------------------------------------------------------

  const dressed = new WeakSet();

  const start = () => {
    const frames = [...document.querySelectorAll(SURFACE)].filter((frame) => !dressed.has(frame));
    for (const frame of frames) {
      dressed.add(frame);
      dress(frame, null, Boolean(frame.querySelector(".ui-summary")));
      restore(frame);
      dressSliders(frame);
    }
    const summary = frames.map((frame) => frame.querySelector(".ui-summary")).find(Boolean);
    if (summary) aim(summary, true);
    dressToasts();
    listen();
  };

  addEventListener("pagehide", () => {
    saveNow();
    stream?.source.close();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) listen();
    for (const [form, done] of going) {
      done();
      unmark(form);
    }
    going.clear();
  });
  document.addEventListener("turbo:load", start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
