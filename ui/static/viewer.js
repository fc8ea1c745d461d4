// Comfort for the viewer: keys, filter, copied citations. The page reads without it.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const article = document.querySelector("article[data-document]");
  const clauses = all(".clause");
  const filter = document.getElementById("filter");
  const matches = document.getElementById("matches");
  const said = document.getElementById("said");
  const links = new Map(all(".outline li").map((item) => [item.dataset.for, item]));

  all(".filter, .keys, .copy").forEach((element) => { element.hidden = false; });

  function say(text) { if (said) said.textContent = text; }

  // The clause that the reader looks at: the one reached by link or key, else the first below the top bar.
  let chosen = null;
  function current() {
    if (chosen && !chosen.hidden) {
      const box = chosen.getBoundingClientRect();
      if (box.bottom > 60 && box.top < window.innerHeight) return chosen;
    }
    return clauses.find((clause) => !clause.hidden && clause.getBoundingClientRect().bottom > 84) || clauses[0];
  }

  function go(clause) {
    if (!clause) return;
    chosen = clause;
    // Replaced, not pushed: reading on must not fill the way back. Setting the address also sets :target.
    location.replace(`#${encodeURIComponent(clause.id)}`);
    clause.focus({ preventScroll: true });
    tell();
  }

  function step(by) {
    const shown = clauses.filter((clause) => !clause.hidden);
    const at = shown.indexOf(current());
    go(shown[Math.min(Math.max(at + by, 0), shown.length - 1)]);
  }

  let told = null;
  function tell() {
    const now = current();
    if (!now || now === told) return;
    if (told && links.get(told.id)) links.get(told.id).firstElementChild.removeAttribute("aria-current");
    const item = links.get(now.id);
    if (item) {
      item.firstElementChild.setAttribute("aria-current", "location");
      const outline = item.closest(".outline");
      const top = item.offsetTop - outline.offsetTop;
      if (top < outline.scrollTop + 60 || top > outline.scrollTop + outline.clientHeight - 60) {
        outline.scrollTop = top - outline.clientHeight / 2;
      }
    }
    told = now;
  }

  // Offsets count code points, as everywhere in Clausewise; a browser's strings count UTF-16 units.
  const points = (text) => [...text].length;

  function offset(clause, node, index) {
    const range = document.createRange();
    range.setStart(clause.querySelector(".text"), 0);
    range.setEnd(node, index);
    return Number(clause.dataset.start) + points(range.toString());
  }

  // What is quoted: the reader's selection in this clause, else the highlighted passage in it, else the whole clause.
  function quoted(clause) {
    const text = clause.querySelector(".text");
    const selection = window.getSelection();
    if (selection.rangeCount && !selection.isCollapsed) {
      const range = selection.getRangeAt(0);
      if (text.contains(range.startContainer) && text.contains(range.endContainer)) {
        return span(clause, offset(clause, range.startContainer, range.startOffset), range.toString());
      }
    }
    const marks = all("mark", text);
    if (marks.length) {
      const first = offset(clause, marks[0], 0);
      return span(clause, first, marks.map((mark) => mark.textContent).join(""));
    }
    const own = [...text.textContent].slice(0, Number(clause.dataset.end) - Number(clause.dataset.start)).join("");
    return span(clause, Number(clause.dataset.start), own);
  }

  function span(clause, start, text) {
    const trimmed = text.trim();
    const from = start + points(text.slice(0, text.length - text.trimStart().length));
    return { quote: trimmed, start: from, end: from + points(trimmed) };
  }

  function citation(clause) {
    const { quote, start, end } = quoted(clause);
    const { document: id, title, version } = article.dataset;
    const link = `${location.origin}/source/${encodeURIComponent(id)}?start=${start}&end=${end}#${encodeURIComponent(clause.id)}`;
    return `${title}${version ? ` (${version})` : ""}, clause ${clause.dataset.label}: “${quote}” ${link}`;
  }

  async function copy(clause) {
    const button = clause.querySelector(".copy");
    try {
      await navigator.clipboard.writeText(citation(clause));
      button.firstChild.data = "Copied";
      say("Citation copied");
    } catch {
      button.firstChild.data = "Copying is not allowed here";
      say("Copying is not allowed here");
    }
    window.setTimeout(() => { button.firstChild.data = "Copy citation"; say(""); }, 2000);
  }

  function narrow() {
    const wanted = filter.value.trim().toLowerCase();
    const rows = article ? clauses : all("[data-row]");
    let shown = 0;
    for (const row of rows) {
      const text = article ? `${row.id} ${row.querySelector(".text").textContent}` : row.textContent;
      row.hidden = wanted !== "" && !text.toLowerCase().replace(/\s+/g, " ").includes(wanted);
      if (links.get(row.id)) links.get(row.id).hidden = row.hidden;
      shown += row.hidden ? 0 : 1;
    }
    all(".group").forEach((group) => { group.hidden = !group.querySelector("[data-row]:not([hidden])"); });
    matches.textContent = wanted === "" ? "" : `${shown} of ${rows.length}`;
  }

  function unfilter() {
    filter.value = "";
    narrow();
    filter.blur();
  }

  const keys = { j: () => step(1), n: () => step(1), k: () => step(-1), p: () => step(-1), c: () => copy(current()) };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === filter) {
      if (event.key === "Escape") unfilter();
      if (event.key === "Enter" && article) { filter.blur(); go(clauses.find((clause) => !clause.hidden)); }
      return;
    }
    if (event.target.matches("input, textarea, select")) return;
    if (event.key === "/" && filter) {
      event.preventDefault();
      filter.focus();
      filter.select();
    } else if (article && keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  if (filter) filter.addEventListener("input", narrow);
  if (!article) return;

  article.addEventListener("click", (event) => {
    if (event.target.closest(".copy")) copy(event.target.closest(".clause"));
  });

  function arrive() {
    const clause = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (clause && clause.classList.contains("clause")) {
      if (clause.hidden) unfilter();
      chosen = clause;
    }
    tell();
  }
  window.addEventListener("hashchange", arrive);
  document.addEventListener("scroll", () => { chosen = chosen === current() ? chosen : null; tell(); }, { passive: true });
  arrive();

  // A link names a passage: in a long clause it may lie below the fold.
  const mark = document.querySelector("mark");
  if (mark) {
    const box = mark.getBoundingClientRect();
    if (box.top < 70 || box.bottom > window.innerHeight) mark.scrollIntoView({ block: "center" });
  }
})();
