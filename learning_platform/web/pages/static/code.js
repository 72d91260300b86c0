// Makes the code page quick to use: keys, files and forms in place, ranges of lines. It works without.

import { isBlank } from "./threads.js";

const page = document.querySelector(".code-page");
const list = page.querySelector(".file-list");
const tree = page.querySelector(".files > details");
const filter = page.querySelector(".tree-filter");
const dialog = document.querySelector(".keys-dialog");
const help = page.querySelector(".keys-help");
const files = () => [...list.querySelectorAll(".file")];
const lineOf = (link) => link.closest("tr");
const linksOf = (row) => row.querySelectorAll(".ln a");
const LINE = /^(f[0-9a-f]+)-([LR])(\d+)(?:-(\d+))?$/;

// With j and k a reader goes from line to line: the tab key then need not stop at every line.
function prepare(root) {
  for (const link of root.querySelectorAll(".ln a")) link.tabIndex = -1;
  for (const button of root.querySelectorAll(".fold")) button.hidden = false;
}

// Without a connection the page stays as it is and says so: a browser's error page would take its place.
let toast = null;
function sayOffline() {
  toast?.remove();
  toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = page.dataset.offline;
  document.querySelector(".toasts").append(toast);
  setTimeout((shown) => shown.remove(), 8000, toast);
  return null;
}

// Part of the page as the server shows it at another address; null without a connection.
async function fetched(address, selector) {
  const response = await fetch(address, { headers: { Accept: "text/html" } }).catch(sayOffline);
  if (response && !response.ok) throw new Error(response.status);
  const text = response && await response.text().catch(sayOffline);
  if (text === null) return null;
  const part = new DOMParser().parseFromString(text, "text/html").querySelector(selector);
  if (!part) throw new Error("not there");
  return document.adoptNode(part);
}

// The whole file in the place of a part of it.
async function showWhole(link) {
  const file = link.closest(".file");
  link.setAttribute("aria-busy", "true");
  try {
    const whole = await fetched(link.href, `[id="${file.id}"]`);
    if (!whole) return link.removeAttribute("aria-busy");
    file.replaceWith(whole);
    prepare(whole);
    (whole.querySelector("h2 a, .fold") ?? whole).focus({ preventScroll: true });
  } catch {
    location.assign(link.href);
  }
}

// The form for a comment below its line, with the range that was chosen.
async function openForm(address, id) {
  const row = document.getElementById(id)?.closest("tr");
  if (!row) return location.assign(address);
  try {
    const talk = await fetched(address, `[data-form="${new URL(address).searchParams.get("comment")}"]`);
    if (!talk) return;
    const known = document.getElementById(talk.id);
    if (known) known.replaceWith(talk);
    else {
      let last = row;
      while (last.nextElementSibling?.matches(".talk")) last = last.nextElementSibling;
      last.after(talk);
    }
    document.dispatchEvent(new CustomEvent("code:form", { detail: talk }));
    talk.querySelector("textarea")?.focus();
  } catch {
    location.assign(address);
  }
}

// Closes the form for a comment in which nothing is typed, and goes back to its line.
function closeForm(cancel) {
  cancel.closest(".talk").remove();
  history.replaceState(history.state, "", cancel.href);
  goTo(document.getElementById(cancel.hash.slice(1))?.closest("tr"));
}

let chosen = null; // The line at which a range begins: [file, side, number].
function commentOn(link, withRange) {
  const address = new URL(link.href);
  const [, file, side, number] = LINE.exec(address.searchParams.get("comment"));
  let place = `${file}-${side}${number}`;
  if (withRange && chosen && chosen[0] === file && chosen[1] === side && chosen[2] !== Number(number)) {
    const [from, to] = [chosen[2], Number(number)].sort((one, other) => one - other);
    place = `${file}-${side}${from}-${to}`;
    address.hash = `${file}-${side}${to}`;
  }
  chosen = [file, side, Number(number)];
  address.searchParams.set("comment", place);
  mark(lineOf(link));
  if (page.dataset.comments === undefined) return history.replaceState(history.state, "", `#${address.hash.slice(1)}`);
  openForm(address.href, address.hash.slice(1));
}

function mark(row) {
  for (const other of list.querySelectorAll("tr.here")) other.classList.remove("here");
  row?.classList.add("here");
}

// A file is folded by its button; one that is marked as viewed folds by itself.
function fold(file, isFolded) {
  const button = file.querySelector(".fold");
  button.setAttribute("aria-expanded", String(!isFolded));
  file.querySelector(".file-body").hidden = isFolded;
}

async function toggleViewed(form) {
  const button = form.querySelector(".viewed");
  const file = form.closest(".file");
  const isViewed = button.getAttribute("aria-pressed") !== "true";
  const data = new URLSearchParams(new FormData(form));
  data.set(button.name, button.value);
  const response = await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { Accept: "text/html" } }).catch(sayOffline);
  if (!response) return;
  if (!response.ok) return form.submit();
  button.setAttribute("aria-pressed", String(isViewed));
  button.value = isViewed ? "no" : "yes";
  file.classList.toggle("is-viewed", isViewed);
  fold(file, isViewed);
  const link = page.querySelector(`.files a[href$="#${file.id}"]`);
  link?.classList.toggle("seen-file", isViewed);
  const tick = link?.querySelector(".tick");
  if (tick) tick.hidden = !isViewed;
}

list.addEventListener("click", (event) => {
  const link = event.target.closest("a, button");
  if (!link || event.ctrlKey || event.metaKey || event.button) return;
  if (link.matches(".ln a")) commentOn(link, event.shiftKey);
  else if (link.matches("a[data-whole]")) showWhole(link);
  else if (link.matches(".fold")) fold(link.closest(".file"), link.getAttribute("aria-expanded") === "true");
  else if (link.matches(".talk [data-cancel]") && isBlank(link.closest("form"))) closeForm(link);
  else return;
  event.preventDefault();
});
list.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest(".comment-form");
  if (form && isBlank(form)) form.querySelector("[data-cancel]").click();
});
list.addEventListener("submit", (event) => {
  if (!event.target.matches(".viewed-form")) return;
  event.preventDefault();
  toggleViewed(event.target);
});

// The list of files: by a part of the path, and with the file marked that is being read.
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  const unchanged = page.querySelector("details.unchanged");
  if (unchanged && wanted) unchanged.open = true;
  for (const entry of page.querySelectorAll(".files li[data-path]")) entry.hidden = !entry.dataset.path.includes(wanted);
  for (const folder of [...page.querySelectorAll(".files .dir")].reverse()) {
    folder.hidden = !folder.querySelector("li[data-path]:not([hidden])");
  }
});
filter.addEventListener("keydown", (event) => {
  if (event.key === "Enter") page.querySelector(".files li[data-path]:not([hidden]) a")?.click();
  else if (event.key === "Escape") { filter.value = ""; filter.dispatchEvent(new Event("input")); filter.blur(); }
});
function markFile() {
  const current = files().findLast((file) => file.getBoundingClientRect().top < 120) ?? files()[0];
  for (const link of page.querySelectorAll(".files li a[aria-current]")) link.removeAttribute("aria-current");
  if (current) page.querySelector(`.files a[href$="#${current.id}"]`)?.setAttribute("aria-current", "true");
}
let isWaiting = false;
addEventListener("scroll", () => {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => { isWaiting = false; markFile(); });
}, { passive: true });

// Keys.
const rows = () => [...list.querySelectorAll(".file-body:not([hidden]) .lines tr:not(.talk, .gap)")];
function currentRow() {
  return list.querySelector("tr.here") ?? rows().find((row) => row.getBoundingClientRect().top > 60);
}
function goTo(row) {
  if (!row) return;
  mark(row);
  row.scrollIntoView({ block: "nearest" });
  linksOf(row)[linksOf(row).length - 1]?.focus({ preventScroll: true });
}
function step(by) {
  const all = rows();
  const here = list.querySelector("tr.here");
  goTo(here ? all[all.indexOf(here) + by] : currentRow());
}
function stepFile(by) {
  const all = files();
  const here = list.querySelector("tr.here")?.closest(".file") ?? all.findLast((file) => file.getBoundingClientRect().top < 60);
  const next = all[all.indexOf(here) + by];
  if (!next) return;
  next.scrollIntoView();
  mark(null);
  (next.querySelector(".fold") ?? next).focus({ preventScroll: true });
  const first = next.querySelector(".lines tr:not(.talk, .gap)");
  if (first) mark(first);
}
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "]": () => stepFile(1),
  "[": () => stepFile(-1),
  c: () => { const links = linksOf(currentRow() ?? list); if (links.length) commentOn(links[links.length - 1], false); },
  v: () => (currentRow()?.closest(".file") ?? files()[0])?.querySelector(".viewed")?.click(),
  t: () => { tree.open = true; filter.focus(); },
  "?": () => dialog.showModal(),
};
function areKeysOn() {
  try { return localStorage.getItem("keys") !== "off"; } catch { return true; }
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || dialog.open || !areKeysOn()) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
help.addEventListener("click", () => dialog.showModal());

// A draft beside the scores leads to its place on this page, if it is here.
const review = page.querySelector(".review-beside");
review?.addEventListener("click", (event) => {
  const thread = document.getElementById(event.target.closest("[data-thread]")?.dataset.thread);
  if (!thread) return;
  event.preventDefault();
  const file = thread.closest(".file");
  if (file) fold(file, false);
  thread.scrollIntoView({ block: "center" });
});
// The links to the form unfold it; whether it is folded is remembered.
document.addEventListener("click", (event) => {
  if (event.target.closest("a[href='#review']")) review.querySelector("details").open = true;
});
review?.querySelector("details").addEventListener("toggle", ({ target }) => {
  try { localStorage.setItem("code-review", target.open ? "open" : "folded"); } catch { /* Storage may be forbidden. */ }
});
try { if (review && localStorage.getItem("code-review") === "folded") review.querySelector("details").open = false; } catch { /* As above. */ }

prepare(list);
filter.hidden = help.hidden = false;
if (matchMedia(review ? "(width < 1400px)" : "(width < 64rem)").matches) tree.open = false;
tree.parentElement.dataset.ready = "";
markFile();
