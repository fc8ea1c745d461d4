// Narrows the list of all texts while a name is typed. The page reads without it.
const filter = document.getElementById("filter");
const matches = document.getElementById("matches");
const rows = [...document.querySelectorAll("[data-row]")];

function narrow() {
  const wanted = filter.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().replace(/\s+/g, " ").includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector("[data-row]:not([hidden])");
  matches.textContent = wanted === "" ? "" : `${shown} of ${rows.length}`;
}

filter.closest(".filter").hidden = false;
filter.addEventListener("input", narrow);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === filter && event.key === "Escape") {
    filter.value = "";
    narrow();
    filter.blur();
  } else if (event.key === "/" && !event.target.matches("input, textarea, select")) {
    event.preventDefault();
    filter.focus();
    filter.select();
  }
});
