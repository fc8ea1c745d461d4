// Comfort for the viewer: keys, search, definitions, copied citations. The page reads without it.
import { Find } from "./find.js";
import { meanings } from "./meanings.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const article = document.querySelector("article[data-document]");
const clauses = all(".clause");
const said = document.getElementById("said");
const outline = document.querySelector(".outline");
const links = new Map(all(".outline li").map((item) => [item.dataset.for, item]));
const places = new Map(clauses.map((clause, at) => [clause, at]));

all(".keys, .copy").forEach((element) => { element.hidden = false; });

function say(text) { said.textContent = text; }

// The clause that the reader looks at: the one reached by link, key or search while it is in sight, else the first below the bars.
const BELOW = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) + 4;
let chosen = null;
function current() {
  if (chosen) {
    const box = chosen.getBoundingClientRect();
    if (box.bottom > BELOW - 20 && box.top < window.innerHeight) return chosen;
    chosen = null;
  }
  let low = 0;
  let high = clauses.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (clauses[middle].getBoundingClientRect().bottom > BELOW) high = middle;
    else low = middle + 1;
  }
  return clauses[low];
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
  const at = places.get(current());
  go(clauses[Math.min(Math.max(at + by, 0), clauses.length - 1)]);
}

let told = null;
function tell() {
  const now = current();
  if (!now || now === told) return;
  if (told && links.get(told.id)) links.get(told.id).firstElementChild.removeAttribute("aria-current");
  const item = links.get(now.id);
  if (item) {
    item.firstElementChild.setAttribute("aria-current", "location");
    const top = item.offsetTop - outline.offsetTop;
    if (top < outline.scrollTop + 40 || top > outline.scrollTop + outline.clientHeight - 60) {
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
      return span(offset(clause, range.startContainer, range.startOffset), range.toString());
    }
  }
  const marks = all("mark", text);
  if (marks.length) return span(offset(clause, marks[0], 0), marks.map((mark) => mark.textContent).join(""));
  const own = [...text.textContent].slice(0, Number(clause.dataset.end) - Number(clause.dataset.start)).join("");
  return span(Number(clause.dataset.start), own);
}

function span(start, text) {
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

const find = new Find(clauses, links, (clause) => { chosen = clause; tell(); });
const follow = (rel) => { const link = document.querySelector(`.trail a[rel=${rel}]`); if (link) link.click(); };
const keys = {
  j: () => step(1),
  k: () => step(-1),
  n: () => (find.active ? find.step(1) : step(1)),
  p: () => (find.active ? find.step(-1) : step(-1)),
  c: () => copy(current()),
  "/": () => find.open(),
  "[": () => follow("prev"),
  "]": () => follow("next"),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

article.addEventListener("click", (event) => {
  if (event.target.closest(".copy")) copy(event.target.closest(".clause"));
});
meanings(article);

function arrive() {
  const clause = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (clause && places.has(clause)) chosen = clause;
  tell();
}
window.addEventListener("hashchange", arrive);
let due = false;
document.addEventListener("scroll", () => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; tell(); });
}, { passive: true });

// On a narrow screen the list of clauses would stand before the text.
if (window.matchMedia("(max-width: 60rem)").matches) document.querySelector(".clauses").open = false;
arrive();

// A link names a passage: in a long clause it may lie below the fold.
const mark = document.querySelector("mark");
if (mark) {
  const box = mark.getBoundingClientRect();
  // On a narrow screen the page of the original lies over the foot of the text.
  const over = document.querySelector(".original");
  const low = over && getComputedStyle(over).position === "fixed" ? over.getBoundingClientRect().top : window.innerHeight;
  if (box.top < BELOW || box.bottom > low) mark.scrollIntoView({ block: "center" });
}

const picture = document.querySelector(".original img");
function unshown() {
  picture.hidden = true;
  document.querySelector(".original .unshown").hidden = false;
}
// The marked words may stand at the foot of the page, below what is seen of it: they are looked for by the pen's colour.
function shown() {
  const { naturalWidth: width, naturalHeight: height, parentElement: paper } = picture;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const brush = canvas.getContext("2d");
  brush.drawImage(picture, 0, 0);
  const { data } = brush.getImageData(0, 0, width, height);
  let at = 0;
  while (at < data.length && !(data[at] === 255 && data[at + 1] === 230 && data[at + 2] === 138)) at += 4;
  if (at < data.length) paper.scrollTop = (at / data.length) * picture.clientHeight - paper.clientHeight / 3;
}
if (picture) {
  picture.addEventListener("error", unshown);
  picture.addEventListener("load", shown);
  if (picture.complete) (picture.naturalWidth ? shown : unshown)();
}
