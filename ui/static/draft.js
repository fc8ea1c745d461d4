// What is being typed survives the page: a log-in that has ended, a reload. It stays in this tab of this browser, for who typed it.
"use strict";
(() => {
  const TEXT = "clausewise-draft";
  const BACK = "clausewise-back";
  const WHO = "clausewise-who";
  const CHECK_MS = 60000;
  const OPENING_MS = 5000;
  const ENDED = "Your log-in has ended. What you typed is kept: log in, and it stands in the field again.";
  const alone = document.documentElement.hasAttribute("data-alone");
  const base = document.querySelector("meta[property='og:root_path']").content;
  const field = () => document.getElementById("chat-input");
  const typed = () => (field() ? field().value.trim() : "");
  const atLogin = () => location.pathname === `${base}/login`;

  const keep = () => {
    if (typed()) sessionStorage.setItem(TEXT, field().value);
    else sessionStorage.removeItem(TEXT);
  };

  // Sending empties the field without an event of its own; one that stays full was not sent, and a refusal may come sooner.
  let refused = false;
  const sent = () => setTimeout(() => !refused && field() && !typed() && sessionStorage.removeItem(TEXT), 50);

  // Whoever logs in next in this tab finds nothing of the one before.
  const claimed = async () => {
    if (alone) return true;
    const reply = await fetch(`${base}/user`).catch(() => null);
    const { identifier } = reply && reply.ok ? await reply.json() : {};
    if (!identifier) return false;
    if (sessionStorage.getItem(WHO) !== identifier) for (const each of [TEXT, BACK]) sessionStorage.removeItem(each);
    sessionStorage.setItem(WHO, identifier);
    if (typed()) keep();
    return true;
  };

  const restore = () => {
    const draft = sessionStorage.getItem(TEXT);
    if (!draft || typed()) return;
    field().focus();
    document.execCommand("insertText", false, draft);
  };

  const tell = (form) => {
    if (!sessionStorage.getItem(TEXT) || document.getElementById("ended")) return;
    const note = document.createElement("p");
    note.id = "ended";
    note.setAttribute("role", "status");
    note.textContent = ENDED;
    form.before(note);
  };

  // Whether the log-in still counts; if it does not, the page on which one logs in says what happened.
  const check = async () => {
    if (atLogin() || document.hidden || !field()) return;
    const reply = await fetch(`${base}/user`).catch(() => null);
    if (!reply || reply.status !== 401) return;
    const [, at] = location.pathname.match(/\/thread\/([^/]+)/) || [];
    if (at) sessionStorage.setItem(BACK, at);
    location.assign(`${base}/login`);
  };

  document.addEventListener("input", (event) => event.target.id === "chat-input" && keep());
  document.addEventListener("keydown", (event) => event.key === "Enter" && event.target.id === "chat-input" && sent());
  document.addEventListener("click", (event) => event.target.closest("#chat-submit") && sent());

  // The server did not take a question: its reader is no longer logged in.
  addEventListener("message", (event) => {
    const ended = event.source === window && event.data && event.data.ended;
    if (typeof ended !== "string") return;
    refused = true;
    sessionStorage.setItem(TEXT, ended);
    sessionStorage.setItem(BACK, String(event.data.thread));
    location.assign(`${base}/login`);
  });

  // While a conversation is opened its field is drawn anew, and empty: until then, or until somebody types, it is filled again.
  let touched = false;
  let until = 0;
  let claim = null;
  let mine = false;
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, (event) => (touched ||= event.target.id === "chat-input"), true);

  new MutationObserver((_, watching) => {
    const form = document.querySelector("form:has(#password)");
    if (atLogin() && form) tell(form);
    if (!field()) return;
    until ||= Date.now() + OPENING_MS;
    claim ||= claimed().then((good) => {
      mine = good;
      if (good) opened(watching);
    });
    if (mine) opened(watching);
  }).observe(document, { childList: true, subtree: true });

  function opened(watching) {
    if (!field()) return;
    if (touched || Date.now() > until) return watching.disconnect();
    const back = sessionStorage.getItem(BACK);
    sessionStorage.removeItem(BACK);
    if (back && !location.pathname.endsWith(back)) location.replace(`${base}/thread/${back}`);
    else restore();
  }

  if (!alone) {
    setInterval(check, CHECK_MS);
    document.addEventListener("visibilitychange", check);
  }
})();
