// Shortcuts and the command palette. The list of shortcuts is the one that the help shows; every page works without.

const help = document.getElementById("keys-help");
const palette = document.getElementById("palette");
const search = palette.querySelector("input");
const options = palette.querySelector("[role=listbox]");
const none = palette.querySelector("[data-none]");
const PAUSE = 1500;
const TYPED = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

function areOn() {
  try { return localStorage.getItem("keys") !== "off"; } catch { return true; }
}

// The same keys of the keyboard, whatever the language it types.
function keyOf(event) {
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return "?";
  if (event.key === "/" || event.code === "Slash") return "/";
  return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
}

const actions = {
  search() {
    const field = document.querySelector("main input[type=search]");
    if (field) { field.focus(); field.select(); } else openPalette();
  },
  help: () => help.showModal(),
};
const shortcuts = new Map();
for (const row of help.querySelectorAll("[data-keys]")) {
  const { keys, href, action } = row.dataset;
  shortcuts.set(keys, href ? () => location.assign(href) : actions[action]);
}
// The code page has a list of its own: there it is the only one.
const onCode = document.querySelector(".keys-dialog:not(#keys-help)");
if (onCode) {
  shortcuts.delete("?");
  onCode.querySelector("dl").append(...[...help.querySelectorAll("dl > div:not([data-keys='?'])")].map((row) => row.cloneNode(true)));
}

let first = "", typedAt = 0;
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(TYPED);
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && event.target.matches?.("textarea")) send(event);
    else if (keyOf(event) === "k" && !field && !event.shiftKey && !event.altKey && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      openPalette();
    }
    return;
  }
  if (event.altKey || event.isComposing || field || document.querySelector("dialog[open]") || !areOn()) return;
  const key = keyOf(event);
  const typed = event.timeStamp - typedAt < PAUSE && first ? `${first} ${key}` : key;
  const run = shortcuts.get(typed);
  first = "";
  if (run) run();
  else if ([...shortcuts.keys()].some((keys) => keys.startsWith(`${key} `))) { first = key; typedAt = event.timeStamp; }
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// Ctrl+Enter sends the form that is typed into, as its first button does.
function send(event) {
  const form = event.target.form;
  const button = form && [...form.elements].find((each) => each.type === "submit" && !each.disabled);
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
}

// The palette: pages and one's own tracks, which are read from the home page.
let isFilled = false;
async function fill() {
  isFilled = true;
  const answer = await fetch("/", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const home = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = new Set([...options.children].map((option) => option.dataset.href));
  for (const link of home.querySelectorAll("main a[href^='/tracks/']")) {
    const href = link.getAttribute("href");
    if (known.has(href) || !/^\/tracks\/\d+$/.test(href)) continue;
    known.add(href);
    const option = document.createElement("li");
    option.role = "option";
    option.dir = "auto";
    option.dataset.href = href;
    option.textContent = link.textContent.trim();
    options.append(option);
  }
  show();
}
const shown = () => [...options.children].filter((option) => !option.hidden);
function choose(option) {
  for (const each of options.children) each.setAttribute("aria-selected", String(each === option));
  search.setAttribute("aria-activedescendant", option ? option.id : "");
  option?.scrollIntoView({ block: "nearest" });
}
function show() {
  const words = search.value.toLocaleLowerCase().split(/\s+/);
  [...options.children].forEach((option, index) => {
    option.id = `command-${index}`;
    option.hidden = !words.every((word) => option.textContent.toLocaleLowerCase().includes(word));
  });
  none.hidden = shown().length > 0;
  choose(shown()[0]);
}
function openPalette() {
  search.value = "";
  show();
  palette.showModal();
  search.focus();
  if (!isFilled && document.body.dataset.user) fill().catch(() => { isFilled = false; });
}
search.addEventListener("input", show);
search.addEventListener("keydown", (event) => {
  const all = shown(), here = all.findIndex((option) => option.ariaSelected === "true");
  if (event.key === "ArrowDown") choose(all[(here + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(here - 1 + all.length) % all.length]);
  else if (event.key === "Enter" && all[here]) location.assign(all[here].dataset.href);
  else return;
  event.preventDefault();
});
options.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) location.assign(option.dataset.href);
});
for (const dialog of [palette, help]) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

// Whether single keys are shortcuts is remembered by the browser.
for (const box of document.querySelectorAll(".keys-switch")) {
  box.checked = areOn();
  box.closest("[data-needs-script]")?.removeAttribute("hidden");
  box.addEventListener("change", () => {
    try { localStorage.setItem("keys", box.checked ? "on" : "off"); } catch { /* Storage may be forbidden. */ }
    for (const other of document.querySelectorAll(".keys-switch")) other.checked = box.checked;
  });
}
