// What a defined term means, in the text's own words, beside the place where it is used. Without a script the term is a
// link to the clause that defines it; the words also stand in the page's list of defined terms, to which it refers.

const SHOW_MS = 120;
const HIDE_MS = 180;

export function meanings(article) {
  const card = document.createElement("div");
  card.className = "meaning";
  card.hidden = true;
  card.setAttribute("aria-hidden", "true"); // a screen reader has the same words by the link's description
  document.body.append(card);
  let shown = null;
  let waiting = 0;

  function show(term) {
    window.clearTimeout(waiting);
    if (shown === term) return;
    const words = document.getElementById(term.getAttribute("aria-describedby"));
    if (!words) return;
    shown = term;
    const name = document.createElement("p");
    name.className = "name";
    name.textContent = words.previousElementSibling.textContent;
    card.replaceChildren(name, ...[...words.childNodes].map((node) => node.cloneNode(true)));
    for (const link of card.querySelectorAll("a")) link.tabIndex = -1;
    card.hidden = false;
    const box = term.getClientRects()[0];
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(box.left, wide - card.offsetWidth - 8));
    const under = box.bottom + 6 + card.offsetHeight <= window.innerHeight || box.top < card.offsetHeight + 90;
    card.style.left = `${left + window.scrollX}px`;
    card.style.top = `${window.scrollY + (under ? box.bottom + 6 : box.top - card.offsetHeight - 6)}px`;
  }

  function hide() {
    window.clearTimeout(waiting);
    card.hidden = true;
    shown = null;
  }

  function later(call, wait) {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(call, wait);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const term = event.target.closest(".term");
    if (term) later(() => show(term), SHOW_MS);
    else if (card.contains(event.target)) window.clearTimeout(waiting);
    else later(hide, HIDE_MS);
  });
  article.addEventListener("focusin", (event) => {
    const term = event.target.closest(".term");
    if (term && term.matches(":focus-visible")) show(term);
    else if (!card.contains(event.target)) hide();
  });
  article.addEventListener("focusout", (event) => { if (event.target.closest(".term")) later(hide, HIDE_MS); });
  // A finger cannot hover: the first tap shows the words, the link among them leads on.
  let finger = false;
  article.addEventListener("pointerdown", (event) => { finger = event.pointerType === "touch"; });
  article.addEventListener("click", (event) => {
    const term = event.target.closest(".term");
    if (term && finger && shown !== term) {
      event.preventDefault();
      show(term);
    } else hide();
  });
  card.addEventListener("click", (event) => { if (event.target.closest("a")) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".meaning, .term")) hide(); });
}
