// The clause beside the answer: the whole of it, the quoted words marked, and what its terms mean.
"use strict";
(() => {
  const { clausewise } = window;
  const h = (...given) => clausewise.h(...given);

  function citation(of) {
    const version = of.version ? ` (${of.version})` : "";
    return `${of.title}${version}, clause ${of.number}: “${of.quote}” ${location.origin}${of.url}`;
  }

  function ClauseView({ props }) {
    const { React, Copy } = clausewise;
    const top = React.useRef(null);
    React.useEffect(() => {
      const dialog = top.current?.closest("[role=dialog]");
      if (dialog) {
        // On narrow screens Chainlit shows it as a dialog whose name it loses.
        dialog.removeAttribute("aria-labelledby");
        dialog.setAttribute("aria-label", top.current.textContent);
      }
      top.current?.focus({ preventScroll: true });
      top.current?.closest("#side-view-content")?.querySelector("mark")?.scrollIntoView({ block: "center" });
    }, [props.url]);
    React.useEffect(() => () => window.setTimeout(() => {
      // Closed, and not only changed for another clause: the reader goes on at the marker.
      if (!document.querySelector(".cw-clause")) clausewise.opened?.focus();
    }), []);
    const close = (event) => {
      if (event.key === "Escape") document.querySelector("#side-view-title button")?.click();
    };
    return h("section", { className: "cw-clause", onKeyDown: close },
      h("h3", { ref: top, tabIndex: -1 }, `Clause ${props.number}${props.heading ? `, ${props.heading}` : ""}`),
      h("p", { className: "cw-soft" }, `${props.title}${props.version ? `, version ${props.version}` : ""}${props.page ? `, page ${props.page}` : ""}`),
      props.lead_in && h("blockquote", null, `${props.lead_in} …`),
      h("div", { className: "cw-text" }, props.pieces.map((piece, at) => h(piece.marked ? "mark" : "span", { key: at }, piece.text))),
      h("p", { className: "cw-row" },
        h("a", { className: "cw-button", href: props.open, target: "_blank", rel: "noopener" }, "Open in the viewer"),
        h(Copy, { words: citation(props), label: "Copy citation" })),
      props.definitions.length > 0 && h("section", null, h("h4", null, "Defined terms in this clause"),
        h("dl", null, props.definitions.map((of) => [
          h("dt", { key: `${of.term}-t` }, of.term, " ", h("a", { href: of.url, target: "_blank", rel: "noopener" }, `clause ${of.clause}`)),
          h("dd", { key: `${of.term}-d` }, of.text)]))),
      h("p", { className: "cw-hash" }, `${props.retrieved ? `Retrieved ${props.retrieved}. ` : ""}sha256 ${props.sha256}`));
  }

  clausewise.views.ClauseView = ClauseView;
})();
