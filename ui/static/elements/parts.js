// What the views share: elements without a compiler, markers that open their clause, copying, and words to the server.
"use strict";
(() => {
  const { clausewise } = window;

  clausewise.h = (...given) => clausewise.React.createElement(...given);

  /** Send an action of the chat and return what the server says of it; `line` is what a reader has to know. */
  clausewise.send = async (callAction, name, payload) => {
    try {
      const reply = await callAction({ name, payload, label: name, tooltip: "", forId: "", id: "" });
      return reply?.response ?? { line: "This conversation is read only here; open it in the chat." };
    } catch {
      return { line: "The server did not answer. Nothing is lost; try again." };
    }
  };

  /** A button that copies words and says so. */
  clausewise.Copy = function Copy({ words, label, name }) {
    const { h, React } = clausewise;
    const [said, say] = React.useState("");
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(words);
        say("Copied");
      } catch {
        say("Copying is not allowed here");
      }
      window.setTimeout(() => say(""), 2000);
    };
    return h("button", { type: "button", className: "cw-copy", onClick: copy, "aria-label": said || name || label },
      h("span", { "aria-live": "polite" }, said || label));
  };
})();
