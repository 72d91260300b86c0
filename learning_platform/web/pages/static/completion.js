// A list of names that is too long for the page is looked up while one is being typed.

for (const field of document.querySelectorAll("[data-completes]")) {
  let asked = 0, waiting;
  const look = async () => {
    const number = ++asked;
    const answer = await fetch(`${location.pathname}?${new URLSearchParams({ named: field.value })}`, { headers: { Accept: "text/html" } });
    if (!answer.ok || number !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(field.list.id);
    if (found) field.list.replaceChildren(...found.children);
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => {}), 200);
  });
}
