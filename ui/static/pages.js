// Comfort for the catalog, the matrix and the questions: rows that answer while one types. The pages work without it.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("form[data-live]");
  const rows = all("[data-row]");
  const count = document.getElementById("count");
  const none = document.getElementById("none");

  all("[data-plain]").forEach((element) => { element.hidden = true; });

  // The same rule as on the server: every field that is set must hold for a row.
  function passes(row, fields) {
    for (const [name, value] of fields) {
      if (value.trim() === "" || name === "license" || name === "sort" || name === "dir") continue;
      if (name === "q") {
        if (!value.toLowerCase().split(/\s+/).every((word) => row.dataset.text.includes(word))) return false;
      } else if (name.includes("/")) {
        if (row.dataset.words.split(" ").includes(name) !== (value === "with")) return false;
      } else if (row.dataset[name] !== value) return false;
    }
    return true;
  }

  function filled() {
    return [...new FormData(form)].filter(([name, value]) => String(value).trim() !== "" && name !== "license");
  }

  function narrow() {
    const fields = filled();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !passes(row, fields);
      shown += row.hidden ? 0 : 1;
    }
    if (count) count.textContent = String(shown);
    if (none) none.hidden = shown > 0;
    // The address says what is shown, so that it can be kept and sent; what was chosen by hand stays in it.
    const address = new URLSearchParams(fields);
    new URLSearchParams(location.search).getAll("license").forEach((id) => address.append("license", id));
    const query = address.toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    // Links that save or sort take along what is asked for; their own order stays.
    for (const link of all("a[data-query]")) {
      const wanted = new URLSearchParams(query);
      const own = new URLSearchParams(link.search);
      for (const name of ["sort", "dir"]) if (own.has(name)) wanted.set(name, own.get(name));
      link.search = wanted.toString();
    }
    tell();
  }

  // Of rows that are chosen by hand the button says how many there are.
  function tell() {
    const chosen = all("input[name=license]:checked").length;
    all("[data-chosen]").forEach((button) => {
      button.disabled = chosen < Number(button.dataset.chosen);
      const number = button.querySelector("span");
      if (number) number.textContent = chosen ? ` (${chosen})` : "";
    });
  }

  if (form) {
    form.addEventListener("input", (event) => { if (event.target.name !== "license") narrow(); });
    form.addEventListener("submit", () => {
      // What is empty says nothing and need not stand in the address.
      all("select, input[type=search]", form).forEach((field) => { if (field.value === "") field.disabled = true; });
    });
    window.addEventListener("pageshow", () => {
      all("select, input[type=search]", form).forEach((field) => { field.disabled = false; });
      tell();
    });
    document.addEventListener("change", (event) => { if (event.target.name === "license") tell(); });
  }

  const search = document.querySelector("input[type=search]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !search) return;
    if (event.key === "/" && !event.target.matches("input, textarea, select")) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape" && event.target === search) {
      search.value = "";
      if (form) narrow();
      search.blur();
    }
  });

  // Questions that an answer makes needless are not shown; those that it calls for are.
  const tree = document.querySelector("form[data-tree]");
  function grow() {
    const given = new FormData(tree);
    all("fieldset[data-when]", tree).forEach((step) => {
      const [name, options] = step.dataset.when.split("=");
      const put = given.getAll(name).some((id) => options.split(" ").includes(id));
      step.hidden = !put;
      step.disabled = !put;
    });
  }
  if (tree) {
    tree.addEventListener("change", grow);
    grow();
  }
})();
