// Completes names while @ is being typed. The names are in the page, without a script they are typed in full.
const list = document.getElementById("names");
const BEGUN = /(?<![\w.@-])@([\w.-]{0,32})$/;
const MAX_SHOWN = 8;
let field = null;
let chosen = 0;

const begun = () => field.value.slice(0, field.selectionStart).match(BEGUN);
const shown = () => [...list.children].filter((option) => !option.hidden);

function close() {
  list.hidden = true;
  field?.removeAttribute("aria-activedescendant");
}

function choose(number) {
  const options = shown();
  chosen = (number + options.length) % options.length;
  options.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
  field.setAttribute("aria-activedescendant", options[chosen].id);
}

function complete() {
  const found = field.selectionStart === field.selectionEnd && begun();
  if (!found) return close();
  const typed = found[1].toLowerCase();
  let count = 0;
  for (const option of list.children) {
    const name = option.dataset.name.toLowerCase();
    option.hidden = !name.startsWith(typed) || name === typed || ++count > MAX_SHOWN;
  }
  if (!shown().length) return close();
  if (list.previousElementSibling !== field) field.after(list);
  list.hidden = false;
  choose(0);
}

function insert(option) {
  const found = begun();
  if (found) {
    const end = field.selectionStart;
    field.setRangeText(`@${option.dataset.name} `, end - found[0].length, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  close();
}

function move(event) {
  if (list.hidden || event.isComposing) return;
  const acts = {
    ArrowDown: () => choose(chosen + 1),
    ArrowUp: () => choose(chosen - 1),
    Enter: () => insert(shown()[chosen]),
    Tab: () => insert(shown()[chosen]),
    Escape: close,
  };
  if (!acts[event.key] || event.shiftKey) return;
  event.preventDefault();
  acts[event.key]();
}

if (list) {
  for (const area of document.querySelectorAll("form[data-mentions] textarea")) {
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", list.id);
    area.addEventListener("input", () => {
      field = area;
      complete();
    });
    area.addEventListener("keydown", move);
    area.addEventListener("blur", close);
  }
  // The text keeps the focus.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) insert(option);
  });
}
