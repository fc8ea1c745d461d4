// Search within the text. Hits are painted over it (CSS highlights): the text's own elements are not touched.

const LONGEST = 200;
const MOST = 5000; // hits; a single letter in a long text has more, and nobody goes through them
const PLAIN = { "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "\u2010": "-", "\u2011": "-", "–": "-", "\u00a0": " " };

// One character for one, so that places stay places; white space counts as one space however the text breaks its lines.
function plain(char) {
  const lower = (PLAIN[char] || char).toLowerCase();
  return lower.length === 1 ? lower : char;
}

function folded(text) {
  let letters = "";
  const places = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = /\s/.test(text[at]) ? " " : plain(text[at]);
    if (char === " " && letters.endsWith(" ")) continue;
    letters += char;
    places.push(at);
  }
  places.push(text.length);
  return { letters, places };
}

export class Find {
  // `clauses` are searched; `reached(clause)` is called when the reader goes to a hit in one.
  constructor(clauses, links, reached) {
    this.clauses = clauses;
    this.links = links;
    this.reached = reached;
    this.field = document.getElementById("find");
    this.count = document.getElementById("found");
    this.hits = [];
    this.at = -1;
    this.texts = null;
    this.field.closest(".find").hidden = false;
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.key(event));
    document.getElementById("found-before").addEventListener("click", () => this.step(-1));
    document.getElementById("found-after").addEventListener("click", () => this.step(1));
  }

  get active() { return this.hits.length > 0; }

  open() {
    this.field.focus();
    this.field.select();
  }

  key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.field.value = "";
      this.search();
      this.field.blur();
    }
  }

  search() {
    const wanted = folded(this.field.value.trim().slice(0, LONGEST)).letters;
    this.texts ||= this.clauses.map((clause) => folded(clause.querySelector(".text").textContent));
    this.hits = [];
    this.at = -1;
    this.clauses.forEach((clause, n) => {
      const { letters, places } = this.texts[n];
      let hits = 0;
      for (let at = wanted ? letters.indexOf(wanted) : -1; at >= 0 && this.hits.length < MOST; at = letters.indexOf(wanted, at + wanted.length)) {
        this.hits.push({ clause, start: places[at], end: places[at + wanted.length] });
        hits += 1;
      }
      const item = this.links.get(clause.id);
      if (item && hits) item.dataset.hits = hits;
      else if (item) delete item.dataset.hits;
    });
    this.paint();
    this.tell(wanted);
  }

  step(by) {
    if (!this.hits.length) return;
    const from = this.at >= 0 ? this.at + by : this.nearest(by);
    this.at = (from + this.hits.length) % this.hits.length;
    const hit = this.hits[this.at];
    this.paint();
    const range = this.range(hit);
    const box = range.getBoundingClientRect();
    if (box.top < 120 || box.bottom > window.innerHeight - 40) window.scrollTo({ top: window.scrollY + box.top - window.innerHeight / 3 });
    this.reached(hit.clause);
    this.tell("hit");
  }

  // The first hit below the reader's eye, or the last above it.
  nearest(by) {
    const below = this.hits.findIndex((hit) => hit.clause.getBoundingClientRect().bottom > 84);
    if (below < 0) return by > 0 ? 0 : this.hits.length - 1;
    return by > 0 ? below : below - 1;
  }

  range(hit) {
    const range = document.createRange();
    const walker = document.createTreeWalker(hit.clause.querySelector(".text"), NodeFilter.SHOW_TEXT);
    let before = 0;
    while (walker.nextNode()) {
      const { data } = walker.currentNode;
      if (hit.start >= before && hit.start < before + data.length) range.setStart(walker.currentNode, hit.start - before);
      if (hit.end <= before + data.length) {
        range.setEnd(walker.currentNode, hit.end - before);
        break;
      }
      before += data.length;
    }
    return range;
  }

  paint() {
    if (!window.CSS || !CSS.highlights) {
      if (this.at >= 0) {
        window.getSelection().removeAllRanges();
        window.getSelection().addRange(this.range(this.hits[this.at]));
      }
      return;
    }
    CSS.highlights.delete("found");
    CSS.highlights.delete("found-here");
    if (!this.hits.length) return;
    CSS.highlights.set("found", new Highlight(...this.hits.map((hit) => this.range(hit))));
    if (this.at >= 0) {
      const here = new Highlight(this.range(this.hits[this.at]));
      here.priority = 1;
      CSS.highlights.set("found-here", here);
    }
  }

  tell(wanted) {
    const all = this.hits.length;
    const more = all === MOST ? " and more" : "";
    this.count.parentElement.hidden = !wanted;
    if (!wanted) this.count.textContent = "";
    else if (!all) this.count.textContent = "Not in this text";
    else this.count.textContent = this.at < 0 ? `${all}${more} found` : `${this.at + 1} of ${all}${more}`;
  }
}
