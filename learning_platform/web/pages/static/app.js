// What makes pages live: countdowns, messages as they come, forms sent once. Every page works without it.

import { restoreAll } from "./drafts.js";
import "./keys.js";

const body = document.body;
const units = body.dataset.units.split("|");
const sizes = [86400, 3600, 60, 1];
// Deadlines go by the server's clock: a browser whose clock is wrong still shows the right time left.
const ahead = Date.parse(body.dataset.now) - Date.now();
const now = () => Date.now() + ahead;

function formatted(milliseconds) {
  let seconds = Math.max(Math.floor(milliseconds / 1000), 0);
  const parts = [];
  for (let index = 0; index < sizes.length; index++) {
    const count = Math.floor(seconds / sizes[index]);
    seconds %= sizes[index];
    if (count || (index === 3 && !parts.length)) parts.push(units[index].replace("{count}", count));
    if (parts.length && (!seconds || parts.length === 2 || index === 2)) break;
  }
  return parts.join(" ");
}

// Not all of a large group in the same instant, and no request for a page that is not visible.
function soon(action, least) {
  setTimeout(() => {
    if (!document.hidden) action();
    else document.addEventListener("visibilitychange", action, { once: true });
  }, least + 2000 * Math.random());
}

// A deadline that passes changes the page; a user who is typing gets a message, and chooses when to reload.
function passed() {
  const typing = [...document.querySelectorAll("main textarea, main input:not([type=hidden])")]
    .some((field) => field.value !== field.defaultValue);
  if (!typing) return location.reload();
  const place = document.querySelector("[data-passed]");
  if (!place.firstChild) place.append(document.getElementById("passed").content.cloneNode(true));
}

// "2 h left" becomes "Deadline passed": the words around the time go, what stands in elements beside it stays.
function replaceSentence(time, text) {
  for (const node of [...time.parentNode.childNodes]) if (node.nodeType === Node.TEXT_NODE) node.remove();
  time.textContent = text;
}

function countDown() {
  let late = false;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Date.parse(time.dateTime) - now();
    if (left <= 0 && !time.dataset.past && time.dataset.seen) late = true;
    time.dataset[left <= 0 ? "past" : "seen"] = "1";
    if (left > 0) time.textContent = formatted(left);
    else replaceSentence(time, body.dataset.timeUp);
  }
  // The server is asked a second later, when the deadline has passed there too.
  if (late) soon(passed, 1000);
}
countDown();
setInterval(countDown, 1000);

// A page that only shows takes over what a message changed, unless the user is in the middle of something on it.
async function renew() {
  const main = document.querySelector("main[data-renewed]");
  const isBusy = () => main.querySelector("details[open]") || main.querySelector(":focus");
  if (!main || isBusy()) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-renewed]");
  if (!fresh || isBusy()) return;
  main.replaceChildren(...fresh.childNodes);
  restoreAll();
  countDown();
}

// Code that is being fetched: its state is looked up until it is there.
async function lookAgain() {
  const waiting = document.querySelector("[data-waiting]");
  if (!waiting || document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(waiting.id);
  if (fresh && fresh.innerHTML !== waiting.innerHTML) waiting.replaceWith(fresh);
}
if (document.querySelector("[data-waiting]")) setInterval(() => lookAgain().catch(() => {}), 5000);
let isStale = false;
function renewSoon() {
  if (isStale) return;
  isStale = true;
  soon(() => {
    isStale = false;
    renew().catch(() => {});
  }, 200);
}

// Messages. The session's cookie opens the socket; the page itself never holds a token.
const title = document.title;
let unread = Number(body.dataset.unread || 0);
let newest = Number(body.dataset.newest || 0);
let pause = 1000;
// The server says how many are unread up to an id; what came after it is counted here.
let countedUpTo = 0;
let received = [];

function count(change) {
  unread += change;
  for (const badge of document.querySelectorAll("[data-count]")) {
    badge.hidden = unread === 0;
    badge.firstChild.textContent = unread;
  }
  document.title = unread ? `(${unread}) ${title}` : title;
}

// Tabs of this browser say to each other what is unread: one may have marked messages as read.
const tabs = new BroadcastChannel(`unread-${body.dataset.user}`);
let countedAt = Date.parse(body.dataset.now);
tabs.onmessage = ({ data }) => {
  if (data.countedAt <= countedAt) return;
  countedAt = data.countedAt;
  newest = Math.max(newest, data.newest);
  count(data.unread - unread);
  renewSoon();
};

// A message that is opened has been read.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-reads]");
  if (!link) return;
  fetch(`/notifications/${link.dataset.reads}/read`, {
    method: "POST",
    keepalive: true,
    headers: { Accept: "text/html" },
    body: new URLSearchParams({ read: "yes" }),
  }).catch(() => {});
});

function showMessage(message) {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  const link = toast.querySelector("a");
  link.textContent = message.text;
  link.href = message.url;
  document.querySelector(".toasts").append(toast);
  setTimeout(() => toast.remove(), 12000);
}

function receive(event) {
  const message = JSON.parse(event.data);
  if (message.type === "unread") return recount(message);
  if (message.id <= newest) return;
  newest = message.id;
  countedAt = Math.max(countedAt, now());
  received.push(message.id);
  if (message.id > countedUpTo) count(1);
  showMessage(message);
  renewSoon();
}

// Messages were marked as read or unread on another device, or while the connection was lost.
function recount(stored) {
  countedUpTo = Math.max(countedUpTo, stored.up_to);
  received = received.filter((id) => id > countedUpTo);
  const change = stored.count + received.length - unread;
  if (change === 0) return;
  countedAt = Math.max(countedAt, now());
  count(change);
  renewSoon();
}

function listen() {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/live?unread=1&after=${newest}`);
  socket.onopen = () => { pause = 1000; };
  socket.onmessage = receive;
  socket.onclose = (event) => {
    if (event.code === 4403) return;
    setTimeout(listen, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, 60000);
  };
}
if ("live" in body.dataset) {
  count(0);
  tabs.postMessage({ unread, newest, countedAt });
  listen();
}

// Forms are sent once; the button says that it is busy.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// The browser knows its time zone; the person need not look for it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-zone]")) field.value = zone;
for (const button of document.querySelectorAll("[data-use-zone]")) {
  const field = document.getElementById(button.dataset.useZone);
  if (!zone || field.value === zone) continue;
  button.querySelector("span").textContent = zone;
  button.hidden = false;
  button.onclick = () => { field.value = zone; button.hidden = true; };
}

// Open menus and questions close when something else is meant.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]:not(.in-place)")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
for (const toast of document.querySelectorAll(".toast")) setTimeout(() => toast.remove(), 8000);

// The rubric by keyboard: digits give points, left and right change them, up and down change the criterion.
for (const form of document.querySelectorAll(".rubric")) {
  const criteria = [...form.querySelectorAll(".criterion")];
  const list = form.querySelector("[data-missing-list]");
  const score = (criterion) => criterion.querySelector("input:checked, input[type=number]")?.value ?? "";
  const overall = form.querySelector("#comment");
  const link = (criterion, wish) => {
    const to = document.createElement("a");
    to.href = `#${criterion.id}`;
    to.textContent = `${criterion.dataset.criterion} (${wish})`;
    return to;
  };
  const check = () => {
    const missing = [];
    for (const criterion of criteria) {
      if (score(criterion) === "") missing.push(link(criterion, form.dataset.needScore));
      else if (Number(score(criterion)) < Number(criterion.dataset.max) && !criterion.querySelector("textarea").value.trim() && !overall.value.trim()) {
        missing.push(link(criterion, form.dataset.needReason));
      }
    }
    const text = missing.length ? `${form.dataset.missing} ${missing.map((each) => each.textContent).join(", ")}` : form.dataset.ready;
    list.hidden = false;
    // Said only when it changes: screen readers read the whole of it.
    if (list.textContent === text) return;
    list.replaceChildren(missing.length ? `${form.dataset.missing} ` : text, ...missing.flatMap((each, index) => index ? [", ", each] : [each]));
  };
  list.addEventListener("click", (event) => {
    const criterion = event.target.hash && form.querySelector(event.target.hash);
    if (!criterion) return;
    event.preventDefault();
    const needsReason = score(criterion) !== "";
    (needsReason ? criterion.querySelector("textarea") : criterion.querySelector("input:not([type=hidden])")).focus();
  });
  form.addEventListener("input", check);
  check();
  let digits = "", typedAt = 0;
  form.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || event.ctrlKey || event.altKey || event.metaKey) return;
    const here = event.target.closest(".criterion");
    const radios = [...here.querySelectorAll("input[type=radio]")];
    const give = (radio) => {
      if (!radio) return;
      radio.checked = true;
      radio.focus();
      radio.dispatchEvent(new Event("input", { bubbles: true }));
    };
    if (/^[0-9]$/.test(event.key)) {
      digits = event.timeStamp - typedAt < 700 ? digits + event.key : event.key;
      typedAt = event.timeStamp;
      give(radios.find((radio) => radio.value === digits) ?? radios.find((radio) => radio.value === event.key));
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = criteria[criteria.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)];
      (next?.querySelector("input:checked") ?? next?.querySelector("input:not([type=hidden])"))?.focus();
    } else return;
    event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A secret is copied with a button, where the browser allows it.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}

// On a phone, the tab of this page may be beyond the edge.
document.querySelector(".board-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A filter applies when it is chosen; without this script there is a button.
for (const filter of document.querySelectorAll(".filters select")) {
  filter.addEventListener("change", () => filter.form.requestSubmit());
}

// One box for every row of this page, shown where there is script.
for (const label of document.querySelectorAll("[data-checks]")) {
  const all = label.querySelector("input");
  const rows = [...all.form.querySelectorAll(`input[name="${label.dataset.checks}"]`)];
  const count = () => {
    const checked = rows.filter((row) => row.checked).length;
    all.checked = checked === rows.length;
    all.indeterminate = checked > 0 && checked < rows.length;
  };
  all.addEventListener("change", () => rows.forEach((row) => { row.checked = all.checked; }));
  all.form.addEventListener("change", count);
  label.hidden = false;
  count();
}
