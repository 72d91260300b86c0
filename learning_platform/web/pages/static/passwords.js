// Password fields: what is typed can be shown, and a new password is rated in words. Nothing leaves the browser.

const MIN_LENGTH = 8;
const RUNS = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];
const KINDS = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[а-яё]/, 33], [/[А-ЯЁ]/, 33], [/[^A-Za-z0-9А-Яа-яЁё]/, 33]];

// A character that repeats the one before it, or follows it on the keyboard or in the alphabet, adds little.
function isExpected(before, character) {
  const pair = before + character;
  const mirrored = character + before;
  return before === character || RUNS.some((run) => run.includes(pair) || run.includes(mirrored));
}

function bits(password) {
  const pool = KINDS.reduce((size, [kind, count]) => size + (kind.test(password) ? count : 0), 0);
  const folded = [...password.toLowerCase()];
  const counted = folded.filter((character, index) => !index || !isExpected(folded[index - 1], character)).length;
  const distinct = new Set(folded).size;
  return Math.min(counted, 2 * distinct) * Math.log2(pool || 1);
}

// 0 too short, 1 weak, 2 fair, 3 strong.
function rating(password, names) {
  if ([...password].length < MIN_LENGTH) return 0;
  const rest = names.reduce((text, name) => text.replaceAll(name, ""), password.toLowerCase());
  const found = bits(rest === password.toLowerCase() ? password : rest);
  return found < 40 ? 1 : found < 60 ? 2 : 3;
}

function namesIn(form) {
  const typed = ["username", "email"].map((name) => form.elements[name]?.value.toLowerCase() ?? "");
  return [...typed, typed[1].split("@")[0]].filter((name) => name.length > 2);
}

for (const meter of document.querySelectorAll("[data-strength]")) {
  const field = document.getElementById(meter.dataset.strength);
  const words = meter.dataset.words.split("|");
  const rate = () => {
    meter.hidden = !field.value;
    const word = field.value ? words[rating(field.value, namesIn(field.form))] : "";
    // Said only when it changes: screen readers read each change.
    const shown = meter.querySelector("b");
    if (shown.textContent !== word) shown.textContent = word;
  };
  field.form.addEventListener("input", rate);
  rate();
}

function reveal(button, shows) {
  const field = document.getElementById(button.dataset.reveal);
  if ((field.type === "text") === shows) return;
  field.type = shows ? "text" : "password";
  const label = button.firstElementChild;
  [label.textContent, button.dataset.other] = [button.dataset.other, label.textContent];
}

const buttons = [...document.querySelectorAll("[data-reveal]")];
for (const button of buttons) {
  button.hidden = false;
  button.onclick = () => reveal(button, document.getElementById(button.dataset.reveal).type === "password");
}
// Browsers keep what was typed into fields of text, and offer it to the next person.
const hideAll = () => { for (const button of buttons) reveal(button, false); };
document.addEventListener("submit", hideAll);
addEventListener("pagehide", hideAll);
