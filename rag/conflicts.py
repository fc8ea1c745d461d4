"""Texts that cannot all be met: two licenses that each want another word at the beginning of the same name."""

from dataclasses import replace

from rag.case import Case, Evidence, Outcome

# What makes one model of several: then the names that they prescribe meet in one name.
_MADE = frozenset(("train-on-outputs", "fine-tune"))


def prefixes(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Return the outcomes with those refused whose licenses prescribe different beginnings for one name; unchanged otherwise."""
    acts = {a.name for o in outcomes for a in o.case.question.acts}
    wanted = {i: found for i, o in enumerate(outcomes) if (found := prefix(o.case)) is not None}
    words = {prefix.casefold() for prefix, _ in wanted.values()}
    if len(words) < 2 or not acts & _MADE:
        return outcomes
    named = " and ".join(f"“{prefix}”" for prefix, _ in wanted.values())
    headline = f"one name cannot begin with {named} at once, and each license asks for its own word at the beginning"
    refused = {
        i: replace(
            outcomes[i],
            verdict="no",
            basis="noncompliant-as-described",
            headline=headline,
            evidence=(line,),
            duty_lines=(),
        )
        for i, (_, line) in wanted.items()
    }
    return tuple(refused.get(i, o) for i, o in enumerate(outcomes))


def prefix(case: Case) -> tuple[str, Evidence] | None:
    """Return the word that a license wants at the beginning of the name of a model made with it, and the line that says so."""
    for line in case.all("naming", "must"):
        for term in line.line.terms:
            for condition in term.conditions:
                if condition.kind == "name-prefix" and condition.exact:
                    return condition.exact, line
    return None
