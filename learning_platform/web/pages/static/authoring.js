// The form of a track, alive. The server moves rows, counts dates and renders Markdown, with scripts as without;
// the page asks it in the background and takes over what it answers.

import { announce, draftOf, isUnsaved, keep } from "./drafts.js";

const form = document.querySelector("form[data-track]");
const typed = (wish) => {
  const fields = new URLSearchParams(new FormData(form));
  if (wish) fields.set("rows", wish);
  return fields;
};

async function ask(fields) {
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-track]");
  if (!page) throw new Error(`no form in the answer (${answer.status})`);
  return page;
}

const state = form.querySelector("[data-state]");
function showState() {
  const text = isUnsaved(form) ? state.dataset.state : "";
  if (state.textContent !== text) state.textContent = text;
}

// What would come of it: the newest answer wins.
let asked = 0;
async function look() {
  const number = ++asked;
  const page = await ask(typed("preview")).catch(() => null);
  if (!page || number !== asked) return;
  for (const seen of form.querySelectorAll("[data-seen]")) {
    const fresh = page.querySelector(`#${seen.id}`);
    if (fresh && fresh.innerHTML !== seen.innerHTML) seen.replaceChildren(...fresh.childNodes);
  }
}
let waiting;
form.addEventListener("input", () => {
  showState();
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
});

// Rows: a list is replaced as a whole, and the field or button to go on with is in it.
function take(page, name) {
  const list = form.querySelector(`[data-rows=${name}]`), fresh = page.querySelector(`[data-rows=${name}]`);
  list.replaceWith(fresh);
  for (const grip of fresh.querySelectorAll("[data-grip]")) grip.hidden = false;
  return fresh;
}

async function rearrange(wish) {
  const name = wish.split(" ")[0];
  const list = form.querySelector(`[data-rows=${name}]`);
  const fields = typed(wish);
  list.inert = true;
  try {
    take(await ask(fields), name).querySelector("[autofocus]")?.focus();
    keep(form);
    showState();
    look();
  } catch {
    // The ordinary way says what is wrong.
    list.inert = false;
    list.querySelector(`[value="${wish}"]`)?.closest("form").requestSubmit(list.querySelector(`[value="${wish}"]`));
  }
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=rows]");
  if (!button || button.value === "preview") return;
  event.preventDefault();
  rearrange(button.value);
});

// Whether a row is folded moves with it.
form.addEventListener("toggle", ({ target }) => {
  if (target.matches("[data-fold]")) target.parentNode.querySelector("[data-open]").value = target.open ? "yes" : "no";
}, true);

// By mouse: a row is taken by its grip and dropped on another of its list, whose place it takes.
let dragged = null;
const target = (event) => {
  const row = event.target.closest?.("[data-row]");
  return dragged && row && row.parentNode === dragged.parentNode ? row : null;
};
const number = (row) => Number(row.dataset.row);
const unmark = () => {
  for (const row of form.querySelectorAll(".before, .after")) row.classList.remove("before", "after");
};
form.addEventListener("dragstart", (event) => {
  if (!event.target.closest?.("[data-grip]")) return;
  dragged = event.target.closest("[data-row]");
  dragged.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(dragged, 20, 20);
});
form.addEventListener("dragover", (event) => {
  const row = target(event);
  if (!row) return;
  event.preventDefault();
  unmark();
  if (row !== dragged) row.classList.add(number(row) > number(dragged) ? "after" : "before");
});
form.addEventListener("drop", (event) => {
  const row = target(event);
  if (!row) return;
  event.preventDefault();
  if (row !== dragged) rearrange(`${dragged.closest("[data-rows]").dataset.rows} move ${number(dragged)} ${number(row)}`);
});
form.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  unmark();
});

// A track takes an evening to write: a draft comes back with its rows, which the server draws.
async function restore() {
  const draft = "restored" in form.dataset && draftOf(form);
  if (!draft) return;
  // Drafts from before times had days, hours and minutes hold one number each, in the unit that ends its name.
  const parted = (name) => name.replace(/(?<=(?:review|iteration|duration)_)hours$|(?<=appeal_)days$/, "$&-$&");
  const fields = new URLSearchParams(draft.values.map(([name, value]) => [parted(name), value]));
  fields.set("rows", "preview");
  const page = await ask(fields).catch(() => null);
  if (!page) return;
  for (const field of page.querySelectorAll("[autofocus]")) field.removeAttribute("autofocus");
  for (const name of ["criteria", "assignments"]) take(page, name);
  const times = ["review_hours", "iteration_hours", "appeal_days"];
  for (const field of ["title", "description", "required_participants", "track_visibility", "start-rule", "language", "level", "tags", "effort",
    "start-at", "start-min_participants", "start-time_zone", "start-from_hour", "start-until_hour",
    ...times.flatMap((time) => ["days", "hours", "minutes"].map((part) => `${time}-${part}`))]) {
    form.elements[field].value = fields.get(field) ?? "";
  }
  form.elements.show_repository.checked = fields.get("show_repository") === "true";
  for (const folded of form.querySelectorAll(".optional-part")) folded.open = true;
  announce(form, draft, () => location.assign(location.pathname));
  showState();
  look();
}
form.querySelector("[data-look]").hidden = true;
for (const grip of form.querySelectorAll("[data-grip]")) grip.hidden = false;
showState();
restore();
