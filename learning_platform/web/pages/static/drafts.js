// What is typed into a form is kept in this browser until it has arrived: it survives a reload, a closed tab and a
// session that has ended. Every form that sends text is kept, by its address; signing out removes everything.

const PREFIX = "draft:";
const KEPT_MILLISECONDS = 60 * 24 * 3600 * 1000;
const TEXT = "textarea, input:not([type]), input[type=text], input[type=url], input[type=email], input[type=number], input[type=search], input[type=date], input[type=datetime-local]";
const NOT_KEPT = ["password", "file", "submit", "button"];
const { user, refused } = document.body.dataset;
const isRefused = refused !== undefined;

// A browser may forbid storage, or have no space left: then nothing is kept, and everything else works.
function stored(kind) {
  const attempt = (action) => (...given) => {
    try { return action(window[kind], ...given); } catch { return null; }
  };
  return {
    get: attempt((storage, key) => JSON.parse(storage.getItem(key))),
    set: attempt((storage, key, value) => storage.setItem(key, JSON.stringify(value))),
    remove: attempt((storage, key) => storage.removeItem(key)),
    keys: attempt((storage) => Object.keys(storage)),
  };
}
const drafts = stored("localStorage"), tab = stored("sessionStorage");
const draftKeys = () => (drafts.keys() ?? []).filter((key) => key.startsWith(PREFIX));

// Not `form.action`: that is a field of this name, where a form has one.
const addressOf = (form) => new URL(form.getAttribute("action") || location.pathname, location);
function keyOf(form) {
  const { pathname, search } = addressOf(form);
  return `${PREFIX}${user}:${pathname}${search}`;
}
const isKept = (form) =>
  user && form?.method === "post" && form.closest("main") && form.querySelector(TEXT) && !form.querySelector(".secret");
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !NOT_KEPT.includes(field.type) && !field.matches("[data-open]"));

// As [name, value] pairs. Hidden fields are kept too, for forms whose rows move, but never restored over newer ones.
function valuesOf(form) {
  const names = new Set(fieldsOf(form).map((field) => field.name));
  return [...new FormData(form)].filter(([name]) => names.has(name) && name !== "version");
}
function initialValuesOf(form) {
  return fieldsOf(form).filter((field) => field.name !== "version").flatMap((field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.defaultChecked ? [[field.name, field.value]] : [];
    if (!field.options) return [[field.name, field.defaultValue]];
    const chosen = [...field.options].filter((option) => option.defaultSelected);
    return (chosen.length ? chosen : [...field.options].slice(0, 1)).map((option) => [field.name, option.value]);
  });
}
const areEqual = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// What the server said when the page came; a form whose rows were moved by a script no longer shows it.
const initial = new WeakMap();
function initialOf(form) {
  if (!initial.has(form)) initial.set(form, initialValuesOf(form));
  return initial.get(form);
}

// Whether a form holds what the server does not have: what was typed, or what it has just refused.
export const isUnsaved = (form) => isRefused || !areEqual(valuesOf(form), initialOf(form));

export function keep(form) {
  if (!isKept(form)) return;
  const values = valuesOf(form), base = initialOf(form);
  if (areEqual(values, base)) drafts.remove(keyOf(form));
  else drafts.set(keyOf(form), { values, base, at: Date.now() });
}

// The draft of a form, unless it says what the form says already.
export function draftOf(form) {
  const draft = isKept(form) && drafts.get(keyOf(form));
  if (!draft) return null;
  if (!areEqual(draft.values, initialOf(form))) return draft;
  if (!isRefused) drafts.remove(keyOf(form));
  return null;
}

export function forget(form) {
  drafts.remove(keyOf(form));
}

// Says that the form shows what was not sent yet; `discard` puts it back. A refused form with an edit conflict shows
// both versions already. Most forms only the user can have saved; others are marked as shared.
export function announce(form, draft, discard) {
  if (form.querySelector("[data-conflict]")) return;
  const note = document.getElementById("kept").content.firstElementChild.cloneNode(true);
  const changed = form.closest("[data-shared]") ? "changed" : "changedOwn";
  const said = areEqual(draft.base, initialOf(form)) ? "unchanged" : changed;
  for (const text of note.querySelectorAll("span")) if (!(said in text.dataset)) text.remove();
  note.querySelector("button").addEventListener("click", () => {
    forget(form);
    note.remove();
    discard();
  });
  form.prepend(note);
}

function fill(form, values) {
  for (const field of fieldsOf(form).filter((each) => each.type !== "hidden")) {
    const given = values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (given.length) [field.value] = given;
  }
}

function restore(form) {
  initialOf(form);
  if (form.matches("[data-track]")) return; // Its rows are the server's to restore: authoring.js.
  const draft = draftOf(form);
  // What was typed before this script had come is kept as well.
  if (!draft) return areEqual(valuesOf(form), initialOf(form)) ? undefined : keep(form);
  fill(form, draft.values);
  const folded = form.closest("details");
  if (folded) folded.open = true;
  announce(form, draft, () => {
    form.reset();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Looks at the forms that are there now: once when the page has come, and again when a part of it is replaced.
export function restoreAll(root = document) {
  for (const form of root.querySelectorAll("main form")) if (isKept(form)) restore(form);
}

// A notice, as a toast or in the page, says that what this tab sent has arrived; without one it may not have. Another
// tab may have typed on meanwhile: that text stays.
const sent = tab.get("sent");
tab.remove("sent");
if (sent && !isRefused && document.querySelector("[data-notice]") && areEqual(drafts.get(sent.key)?.values, sent.values)) {
  drafts.remove(sent.key);
}
// Drafts of a previous user of this browser are deleted when another user signs in, as old ones are.
const isOthers = (key) => user && !key.startsWith(`${PREFIX}${user}:`);
for (const key of draftKeys()) {
  if (isOthers(key) || !(drafts.get(key)?.at > Date.now() - KEPT_MILLISECONDS)) drafts.remove(key);
}
restoreAll();

document.addEventListener("input", (event) => keep(event.target.form));
document.addEventListener("submit", (event) => {
  const form = event.target;
  // On a shared computer nothing typed here is left for the next person.
  if (["/logout", "/settings/delete"].includes(addressOf(form).pathname)) return draftKeys().forEach(drafts.remove);
  if (event.defaultPrevented || !isKept(form)) return;
  keep(form);
  tab.set("sent", { key: keyOf(form), values: valuesOf(form) });
});
