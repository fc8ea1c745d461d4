// What Chainlit's own page says in a script of its own; a page that allows no inline scripts needs it in a file.
"use strict";
const global = globalThis;
window.transports = ["websocket"];
// Light or dark as the system says, until the reader chooses.
if (!localStorage.getItem("vite-ui-theme")) localStorage.setItem("vite-ui-theme", "system");
