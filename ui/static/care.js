// What Chainlit's page leaves out for who reads it by ear or goes by keyboard: names, roles, and references to nothing.
"use strict";
(() => {
  // Said whatever a button says itself: a letter, a word of another page.
  const SAID = [
    ["#sidebar-trigger-button", "Show or hide your conversations"],
    ["#search-chats-button", "Search your conversations"],
    ["#new-chat-button", "New question"],
    ["#user-nav-button", "Who is logged in"],
    ["form button:has(svg.lucide-eye)", "Show the password"],
    ["form button:has(svg.lucide-eye-off)", "Hide the password"],
  ];
  const UNNAMED = [
    ["#chat-settings-open-modal", "Settings"],
    ["#chat-submit", "Send"],
    ["#stop-button", "Stop"],
    ["#side-view-title button", "Close"],
    ["#upload-button", "Attach a file"],
    ["#theme-toggle", "Light or dark"],
    ["button:has(> svg.lucide-copy)", "Copy the answer"],
    ["button:has(> svg.lucide-check)", "Copied"],
    ["button:has(> svg.lucide-arrow-down)", "Go to the end"],
    ["button:has(> svg.lucide-x)", "Close"],
  ];
  const ROLES = [
    // A link in a button is a link.
    ["#header button:has(> a)", { role: "group", tabindex: "-1", "aria-label": "Another part of the site" }],
    // The link around it is what opens the conversation; a button between the two would hide the menu.
    ["a > [data-sidebar=menu-button]", { role: "link", tabindex: "-1" }],
    // The menu of a conversation is no button to a keyboard, and the list is none to a screen reader.
    ["#thread-options", { role: "button", tabindex: "0", "aria-label": "What to do with this conversation" }],
    ["ul[data-sidebar=menu]", { role: "group" }],
    ["ul[data-sidebar=menu] li", { role: "presentation" }],
  ];
  const named = (button) => button.textContent.trim() || button.hasAttribute("aria-label") || button.hasAttribute("aria-labelledby");

  let frames = 0;

  function mend() {
    waiting = false;
    for (const [selector, name] of SAID) for (const each of document.querySelectorAll(selector)) each.setAttribute("aria-label", name);
    for (const [selector, name] of UNNAMED) {
      for (const button of document.querySelectorAll(selector)) if (!named(button)) button.setAttribute("aria-label", name);
    }
    for (const [selector, told] of ROLES) {
      for (const each of document.querySelectorAll(`${selector}:not([role])`)) {
        for (const [name, value] of Object.entries(told)) each.setAttribute(name, value);
      }
    }
    for (const each of document.querySelectorAll("[aria-controls], [data-controls]")) {
      // A list to choose from is there only while it is open; its frame always is.
      const frame = each.closest("[cmdk-root]");
      const now = each.getAttribute("aria-controls");
      if (now && now !== frame?.id) each.dataset.controls = now;
      const { controls } = each.dataset;
      const right = document.getElementById(controls) ? controls : frame && (frame.id ||= `frame-${(frames += 1)}`);
      if (right && right !== now) each.setAttribute("aria-controls", right);
      else if (!right) each.removeAttribute("aria-controls");
    }
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(mend);
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["aria-controls"] });
})();
