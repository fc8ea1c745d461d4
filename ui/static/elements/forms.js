// The forms in an answer: the facts, which ask again, and what its reader says of it.
"use strict";
(() => {
  const { clausewise } = window;
  const { send } = clausewise;
  const h = (...given) => clausewise.h(...given);
  let made = 0;

  function Field({ of, at, value, change }) {
    const common = { id: at, value, onChange: (event) => change(event.target.value), "aria-describedby": `${at}-note` };
    if (of.kind === "shown") return h("output", { id: at }, of.value);
    if (of.options.length) {
      return h("select", common, h("option", { value: "" }, "Not known"), of.options.map((each) => h("option", { key: each.value, value: each.value }, each.label)));
    }
    return h("input", { ...common, type: "text", placeholder: of.hint, autoComplete: "off", inputMode: of.kind === "number" ? "text" : undefined });
  }

  function Row({ of, at, value, change }) {
    return h("div", { className: "cw-field" },
      h("label", { htmlFor: at }, of.ask || of.label),
      h(Field, { of, at, value, change }),
      h("p", { id: `${at}-note`, className: "cw-soft" }, of.flips ? [h("strong", { key: "s" }, "The answer flips: "), of.flips, "."] : of.origin));
  }

  clausewise.Facts = function Facts({ props, callAction }) {
    const { React } = clausewise;
    const { given, assumed, missing } = props.facts;
    const fields = [...missing, ...given];
    const start = Object.fromEntries(fields.filter((of) => of.kind !== "shown").map((of) => [of.key, of.value]));
    const [values, set] = React.useState(start);
    const [said, say] = React.useState({ line: "", bad: false });
    const [busy, wait] = React.useState(false);
    const [name] = React.useState(() => `cw-facts-${(made += 1)}`);
    if (!fields.length && !assumed.length) return null;
    const changed = Object.keys(start).some((key) => values[key] !== start[key]);
    const ask = async (event) => {
      event.preventDefault();
      if (busy) return;
      if (!changed) return say({ line: "Fill in or change a fact first.", bad: true });
      wait(true);
      say({ line: "Asking again …", bad: false });
      clausewise.asked = true;
      const reply = await send(callAction, "clausewise_again", { id: props.id, facts: values });
      say({ line: reply.line ?? "Asked again; the new answer stands below.", bad: Boolean(reply.line) });
      if (reply.line) clausewise.asked = false;
      wait(false);
    };
    const row = (of) => h(Row, { key: of.key, of, at: `${name}-${of.key}`, value: values[of.key] ?? "", change: (value) => set({ ...values, [of.key]: value }) });
    return h("section", null, h("h3", null, "Facts"),
      h("form", { className: "cw-facts", onSubmit: ask },
        missing.length > 0 && h("fieldset", null, h("legend", null, "Missing"), missing.map(row)),
        assumed.length > 0 && h("p", null, h("strong", null, "Assumed: "), assumed.map((of) => `${of.label}: ${of.value}`).join("; "), "."),
        given.length > 0 && h("fieldset", null, h("legend", null, "Given"), given.map(row)),
        Object.keys(start).length > 0 && props.id && h("div", { className: "cw-row" },
          h("button", { type: "submit", className: "cw-button", "aria-disabled": busy || undefined }, "Ask again with these facts"),
          h("span", { role: said.bad ? "alert" : "status", className: said.bad ? "cw-bad" : "cw-soft" }, said.line))));
  };

  const VERDICTS = [["", "Not said"], ["yes", "Yes"], ["conditional", "On conditions"], ["no", "No"], ["unclear", "Unclear"],
    ["informational", "What the text says"], ["abstain", "No answer"]];

  const THUMB = "M1 9h4v11H1zM7 9l4-8c1.8 0 2.8 1 2.8 2.8V8h5.4c1.5 0 2.5 1.4 2 2.8l-2.2 7.4c-.4 1.1-1.3 1.8-2.4 1.8H7z";

  function Thumb({ down }) {
    return h("svg", { className: "cw-thumb", viewBox: "0 0 22 21", "aria-hidden": true }, h("path", { d: THUMB, transform: down ? "rotate(180 11 10.5)" : undefined }));
  }

  clausewise.Rating = function Rating({ id, callAction }) {
    const { React } = clausewise;
    const [open, show] = React.useState(false);
    const [done, end] = React.useState(false);
    const [line, say] = React.useState("");
    const [said, set] = React.useState({ reason: "", verdict: "", clause: "" });
    const [name] = React.useState(() => `cw-rating-${(made += 1)}`);
    const told = React.useRef(null);
    // The form that was in view is gone, and the button that had the focus: what was said of it takes their place.
    React.useEffect(() => {
      if (!done) return;
      told.current.focus({ preventScroll: true });
      told.current.scrollIntoView({ block: "center" });
    }, [done]);
    if (!id) return null;
    const rate = async (rating) => {
      const reply = await send(callAction, "clausewise_rate", { id, rating, ...(rating === "down" ? said : {}) });
      say(reply.line ?? "");
      if (reply.done) end(true), show(false);
    };
    const field = (key) => ({ id: `${name}-${key}`, value: said[key], onChange: (event) => set({ ...said, [key]: event.target.value }) });
    return h("div", { className: "cw-rating" },
      !done && h("div", { className: "cw-row" },
        h("button", { type: "button", className: "cw-plain", onClick: () => rate("up") }, h(Thumb), "Right"),
        h("button", { type: "button", className: "cw-plain", "aria-expanded": open, onClick: () => show(!open) }, h(Thumb, { down: true }), "Not right")),
      open && h("form", { onSubmit: (event) => { event.preventDefault(); rate("down"); } },
        h("p", { className: "cw-soft" }, "Kept with question and answer in the inbox on this machine, for a person to review; nothing is sent anywhere."),
        h("label", { htmlFor: `${name}-reason` }, "What is wrong with it?"), h("textarea", { rows: 3, ...field("reason") }),
        h("label", { htmlFor: `${name}-verdict` }, "The right verdict"),
        h("select", field("verdict"), VERDICTS.map(([value, label]) => h("option", { key: value, value }, label))),
        h("label", { htmlFor: `${name}-clause` }, "The clause that decides"),
        h("textarea", { rows: 2, placeholder: "Paste a citation, as “Copy citation” gives it", ...field("clause") }),
        h("div", { className: "cw-row" }, h("button", { type: "submit", className: "cw-button" }, "Keep this"),
          h("button", { type: "button", className: "cw-plain", onClick: () => show(false) }, "Cancel"))),
      h("p", { ref: told, role: "status", tabIndex: -1, className: "cw-soft" }, line));
  };
})();
