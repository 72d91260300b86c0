// A folded group of checkboxes shows which are checked.
for (const group of document.querySelectorAll(".by-email")) {
  group.addEventListener("change", () => {
    const names = [...group.querySelectorAll("input:checked")].map((box) => box.parentNode.textContent.trim());
    group.querySelector("[data-checked]").textContent = names.length;
    group.querySelector("[data-chosen]").textContent = names.join(" · ");
  });
}
