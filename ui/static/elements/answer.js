// The view of an answer: the verdict first, then what it rests on. React escapes every word of it.
"use strict";
(() => {
  const { clausewise } = window;
  const { send } = clausewise;
  const h = (...given) => clausewise.h(...given);
  const { Copy } = clausewise;

  function Markers({ numbers, view }) {
    return numbers.map((n) => {
      const of = view.citations.get(n);
      if (!of) return null;
      const sound = of.state === "verified";
      const name = `Source ${n}: ${of.place}; ${of.means}`;
      return h("button", { key: n, type: "button", className: `cw-marker${sound ? "" : " cw-unsound"}`, title: name, "aria-label": name,
        onClick: () => view.open(n) }, `[${n}]`);
    });
  }

  function Mark({ of }) {
    return h("span", { className: `cw-mark cw-mark-${of.source}`, title: of.means }, of.mark);
  }

  function Badge({ verdict }) {
    return h("span", { className: `cw-badge cw-${verdict.name}` }, verdict.word);
  }

  function Head({ props, view }) {
    const depends = props.depends.length ? ` It depends ${props.depends.join(", ").replace(/, ([^,]*)$/, " and $1")}.` : "";
    return h("header", { className: "cw-head" },
      h("p", { className: "cw-verdict" }, h("span", { className: "cw-quiet" }, "Verdict: "), h(Badge, props),
        h("span", { className: "cw-basis" }, `${props.basis.charAt(0).toUpperCase()}${props.basis.slice(1)}.${depends}`)),
      h("p", { className: "cw-first" }, props.first.text, " ", h(Markers, { numbers: props.first.citations, view }), " ", h(Mark, { of: props.first })),
      props.rewritten && h("p", { className: "cw-soft" }, `Read as: ${props.rewritten}`),
      props.scope.length > 0 && h("p", { className: "cw-soft" }, `Limited by your settings to: ${props.scope.join(", ")}.`),
      props.disagreement.length > 0 && h("p", { className: "cw-callout", role: "note" },
        h("strong", null, "The engines disagree. "), `The model reads it as “${props.disagreement[0]}”, the rules as “${props.disagreement[1]}”. Read the clauses before you rely on either.`));
  }

  /** What a reviewer has signed off on the same acts under the same licenses, and what has changed since. */
  function Positions({ positions }) {
    if (!positions.length) return null;
    return h("section", { className: "cw-positions", "aria-label": "Positions" }, positions.map((each) => h("p", { key: each.url }, each.line, " ",
        h("a", { href: each.url, target: "_blank", rel: "noopener" }, "Open", h("span", { className: "cw-quiet" }, " the position")))),
      h("p", { className: "cw-soft" }, h("a", { href: "/positions", target: "_blank", rel: "noopener" }, "All positions")));
  }

  function Table({ table, view }) {
    if (!table) return null;
    const head = ["License", ...(table.acts ? ["Act"] : []), "Verdict", "Why", "Sources"];
    return h("section", null, h("h3", null, table.title),
      h("div", { className: "cw-wide", tabIndex: 0, role: "region", "aria-label": table.title }, h("table", null,
        h("thead", null, h("tr", null, head.map((name) => h("th", { key: name, scope: "col" }, name)))),
        h("tbody", null, table.rows.map((row, at) => h("tr", { key: at },
          h("th", { scope: "row" }, row.title, row.version && h("span", { className: "cw-soft" }, ` ${row.version}`)),
          table.acts && h("td", null, row.act),
          h("td", null, h(Badge, row)), h("td", { className: "cw-why" }, row.basis),
          h("td", { className: "cw-cited" }, h(Markers, { numbers: row.citations, view }))))))));
  }

  function Statement({ of, view }) {
    const marks = [h(Markers, { key: "m", numbers: of.citations, view }), " ", h(Mark, { key: "s", of })];
    return of.quote
      ? h("li", null, h("span", { className: "cw-lead" }, of.text), " ", marks, h("blockquote", null, `“${of.quote}”`))
      : h("li", null, of.text, " ", marks);
  }

  function Groups({ groups, view }) {
    if (!groups.length) return null;
    const lists = groups.map((group, at) => {
      const list = h("ul", { className: "cw-statements" }, group.statements.map((of, each) => h(Statement, { key: each, of, view })));
      return groups.length === 1 ? h("div", { key: at }, list)
        : h("details", { key: at, open: group.open }, h("summary", null, group.title || "Beside the texts"), list);
    });
    return h("section", null, h("h3", null, "What the texts say"), lists);
  }

  function Conditions({ conditions, view }) {
    if (!conditions.length) return null;
    return h("section", null, h("h3", null, "Conditions"), h("ul", { className: "cw-conditions" }, conditions.map((of, at) => h("li", { key: at },
      h("label", null, h("input", { type: "checkbox" }), h("span", null, of.text)), " ", h(Markers, { numbers: of.citations, view }),
      of.exact && h("div", { className: "cw-exact" }, h("code", null, of.exact), h(Copy, { words: of.exact, label: "Copy", name: `Copy: ${of.exact}` })),
      h("dl", null,
        of.under.length > 0 && [h("dt", { key: "t" }, "Under"), h("dd", { key: "d" }, of.under.join("; "))],
        of.who && [h("dt", { key: "t" }, "Who"), h("dd", { key: "d" }, of.who)],
        of.when && [h("dt", { key: "t" }, "When"), h("dd", { key: "d" }, `on ${of.when}`)],
        h("dt", null, "Otherwise"), h("dd", null, of.consequence))))));
  }

  function Sources({ props }) {
    if (!props.coverage && !props.texts.length) return null;
    return h("section", { className: "cw-coverage" },
      props.coverage && h("p", null, props.coverage),
      props.texts.length > 0 && h("details", null, h("summary", null, `Texts and quotations (${props.texts.length} and ${props.citations.length})`),
        h("ul", null, props.texts.map((of) => h("li", { key: of.url }, h("a", { href: of.url, target: "_blank", rel: "noopener" }, of.title),
          h("span", { className: "cw-soft" }, `${of.version && ` version ${of.version}`}${of.retrieved ? `, retrieved ${of.retrieved}` : ""}, `,
            h("code", { title: of.sha256 }, `sha256 ${of.sha256.slice(0, 12)}…`))))),
        h("ul", null, props.citations.map((of) => h("li", { key: of.n }, `[${of.n}] ${of.place}: `, h("span", { className: "cw-soft" }, of.means))))));
  }

  function Notes({ notes }) {
    if (!notes.length) return null;
    return h("section", null, h("h3", null, "Notes"), h("ul", { className: "cw-notes" }, notes.map((note, at) => h("li", { key: at }, note))));
  }

  const thread = (id) => id.split(".")[0];

  function Leave({ id }) {
    if (!id) return null;
    return h("p", { className: "cw-leave" }, "Memo: ", [["docx", "Word"], ["pdf", "PDF"], ["md", "Markdown"]].map(([form, name]) =>
      h("a", { key: form, href: `/memo/${id}.${form}`, download: true }, name)),
      h("a", { href: `/memo/${id}`, target: "_blank", rel: "noopener" }, "Read and sign off"),
      h("a", { href: `/memo/thread/${thread(id)}`, target: "_blank", rel: "noopener" }, "Memo of the whole conversation"));
  }

  /** What Chainlit shows beside the conversation. It is no part of it: nothing of a clause is stored with an answer. */
  function panel(id, clause) {
    const element = { id: `${id}-${clause.n}`, type: "custom", name: "ClauseView", display: "side", forId: "", props: clause };
    return { title: `Source ${clause.n}`, elements: [element] };
  }

  /** Let the address name the conversation, so that a reload and a bookmark lead back to it; Chainlit's stays at a new one. */
  function name(id) {
    const base = document.querySelector("meta[property='og:root_path']").content;
    if (id && location.pathname.replace(/\/$/, "") === base) history.replaceState(history.state, "", `${base}/thread/${thread(id)}`);
  }

  function AnswerView({ props, callAction, require: parts }) {
    const { React } = clausewise;
    const [said, say] = React.useState("");
    const beside = parts("recoil").useSetRecoilState(parts("@chainlit/react-client").sideViewState);
    const view = {
      citations: new Map(props.citations.map((of) => [of.n, of])),
      open: async (n) => {
        clausewise.opened = document.activeElement;
        const reply = await send(callAction, "clausewise_clause", { id: props.id, n });
        say(reply.line ?? "");
        if (reply.clause) beside(panel(props.id, reply.clause));
      },
    };
    const whole = React.useRef(null);
    React.useEffect(() => name(props.id), []);
    React.useEffect(() => {
      // Chainlit keeps the end of what streams in view; of a whole answer the verdict is read first, wherever it was asked.
      const all = document.querySelectorAll(".cw-answer");
      if (whole.current !== all[all.length - 1]) return;
      if (clausewise.asked || whole.current.getBoundingClientRect().top < 60) whole.current.scrollIntoView({ block: "start" });
      clausewise.asked = false;
    }, []);
    return h("article", { ref: whole, className: "cw-answer", "aria-label": `Answer: ${props.verdict.word}`, "data-verdict": props.verdict.name },
      h(Head, { props, view }),
      h(Positions, props),
      h(Table, { table: props.table, view }),
      h(Conditions, { conditions: props.conditions, view }),
      h(clausewise.Facts, { props, callAction }),
      h(Groups, { groups: props.groups, view }),
      h(Notes, { notes: props.notes }),
      h(Sources, { props }),
      h("p", { className: "cw-said", role: "status" }, said),
      h("footer", null,
        h(Leave, { id: props.id }),
        h(clausewise.Rating, { id: props.id, callAction }),
        h("p", { className: "cw-foot" }, props.model && `Written by ${props.model}, each quotation checked. `, h("span", null, props.footer))));
  }

  clausewise.views.AnswerView = AnswerView;
})();
