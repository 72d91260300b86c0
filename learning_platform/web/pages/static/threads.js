// Comments on code are saved on the server while they are typed, beside what drafts.js keeps in the browser.

import { forget } from "./drafts.js";

const PAUSE_MILLISECONDS = 1000;
const saving = new WeakMap(); // By form: the request under way.
const timers = new Map(); // By form: when it is saved next.

const draftForm = (element) => element?.closest?.("form")?.dataset.draft ? element.closest("form") : null;

// Whether there is nothing in a form for a new comment, here or on the server.
export const isBlank = (form) => !form.elements.text.value.trim() && !form.elements.version;

function say(form, name) {
  const status = form.querySelector("[data-saving]");
  if (status) status.textContent = name ? status.dataset[name] : "";
}

function setVersion(form, version) {
  let field = form.elements.version;
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "version";
    form.append(field);
  }
  field.value = version;
}

// A new comment is a draft from now on: sending the form changes it, and a reload shows it at its place.
function becomeDraft(form, id) {
  if (form.dataset.draft === `/threads/${id}/draft`) return;
  forget(form);
  form.dataset.draft = `/threads/${id}/draft`;
  form.action = `/threads/${id}/edit`;
  const address = new URL(location);
  address.searchParams.delete("comment");
  history.replaceState(history.state, "", address);
}

async function send(form) {
  const response = await fetch(form.dataset.draft, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "text/html" },
    keepalive: true,
  });
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  if (!response.ok || !isJson) throw new Error(response.status);
  const { id, version } = await response.json();
  setVersion(form, version);
  becomeDraft(form, id);
}

async function save(form) {
  clearTimeout(timers.get(form));
  timers.delete(form);
  if (saving.has(form)) return later(form);
  if (!form.elements.text.value.trim() || form.dataset.sent) return;
  say(form, "saving");
  const request = send(form).then(() => "saved", () => "notSaved");
  saving.set(form, request);
  const result = await request;
  saving.delete(form);
  say(form, result);
  return result;
}

function later(form) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(save, PAUSE_MILLISECONDS, form));
}

document.addEventListener("input", (event) => {
  const form = draftForm(event.target);
  if (!form) return;
  say(form, "");
  later(form);
});
// What was typed before this script had come is saved as well.
const typing = draftForm(document.activeElement);
if (typing && typing.elements.text.value !== typing.elements.text.defaultValue) later(typing);
// A page that is left or hidden saves what it has.
for (const name of ["visibilitychange", "pagehide"]) {
  addEventListener(name, () => {
    if (name === "pagehide" || document.hidden) for (const form of [...timers.keys()]) save(form);
  }, true);
}
// The button waits for a request under way, after which the form leads elsewhere.
document.addEventListener("submit", (event) => {
  const form = draftForm(event.target);
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.delete(form);
  if (!saving.has(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  saving.get(form).then(() => setTimeout(() => form.requestSubmit(event.submitter)));
}, true);

// A comment that is cancelled stays as a draft, which the page then shows with a button to delete it.
async function leave(form, address) {
  await saving.get(form);
  if (form.elements.text.value.trim() && await save(form) !== "saved") return;
  forget(form);
  history.replaceState(history.state, "", address);
  location.reload();
}
document.addEventListener("click", (event) => {
  const cancel = event.target.closest?.("[data-cancel]");
  if (!cancel || isBlank(cancel.closest("form")) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  leave(cancel.closest("form"), cancel.href);
});

// A suggestion starts from the lines as they are.
function suggest(button) {
  const text = button.closest("form").elements.text;
  const block = `\`\`\`suggestion\n${button.dataset.suggest}\n\`\`\`\n`;
  const before = text.value && !text.value.endsWith("\n") ? "\n" : "";
  text.setRangeText(before + block, text.selectionEnd, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-suggest]");
  if (button) suggest(button);
});
// Forms that a script puts into the page later, too.
function enable(root) {
  for (const button of root.querySelectorAll?.("[data-suggest][hidden]") ?? []) button.hidden = false;
}
enable(document);
new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(enable)))
  .observe(document.querySelector("main"), { childList: true, subtree: true });
