// The catalogue follows its filters: the list is fetched when one changes, and the address with it, to be shared.

const form = document.querySelector("form[data-filters]");
const address = () => {
  const chosen = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return form.getAttribute("action") + (chosen.length ? `?${new URLSearchParams(chosen)}` : "");
};

// The newest answer wins; without one the page is loaded as a whole, and says what is wrong.
let asked = 0;
async function filter() {
  const number = ++asked, wanted = address();
  const answer = await fetch(wanted, { headers: { Accept: "text/html" } }).catch(() => null);
  if (number !== asked) return;
  const page = answer?.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page && page.getElementById("results");
  if (number !== asked) return;
  if (!fresh) return location.assign(wanted);
  for (const part of ["results", "filters-count"]) document.getElementById(part).replaceWith(page.getElementById(part));
  document.querySelector("[data-said]").textContent = document.querySelector("[data-count-text]").textContent;
  history.replaceState(null, "", wanted);
}

let waiting;
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, event.target.type === "search" ? 300 : 0);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  filter();
});
// Browsers fill in what was chosen before when the user comes back; the list has to agree.
addEventListener("pageshow", () => {
  if (address() !== location.pathname + location.search && !/[?&](before|similar)=/.test(location.search)) filter();
});
