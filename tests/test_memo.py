"""The memo as one value: what it says, in which order its notes are numbered, and what has become of its texts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from web_fakes import Replies, Shelf

from corpus.errors import DataError
from rag.answer_json import to_json
from rag.types import Answer, Duty, Facts, Finding, MissingFact, Request, Statement
from ui import memo_build
from ui.memo import Memo, Verdict
from ui.memo_build import Given

BASE = "http://127.0.0.1:8000"
ASKED = Request("May we sell <it> & keep *it*?")


def answer(**changes: Any) -> dict[str, Any]:
    full = replace(
        Replies().answer(ASKED),
        depends_on=("interpretation",),
        findings=(
            Finding("sell", "weights", "acme-open-2", "conditional", "express-grant", (1,)),
            Finding("train", "outputs", "acme-open-1", "unclear", "silent", (2,)),
        ),
        conditions=(
            Duty("display-mark", "Built & sold", "distributor", "distribution", "condition", "Show the mark.", (2,)),
        ),
        facts=Facts(
            given={"commercial": True, "users": 1_000_000},
            assumed={"place": "DE"},
            missing=(MissingFact("place", "Where are you?", "The law changes."),),
        ),
    )
    return to_json(replace(full, **changes))


def memo(*answers: Mapping[str, Any], shelf: Shelf | None = None) -> Memo:
    return memo_build.build([Given(each) for each in answers], shelf or Shelf(), BASE)  # type: ignore[arg-type]


def test_the_memo_holds_what_a_reviewer_needs() -> None:
    made = memo(answer())
    (part,) = made.parts
    assert (part.question, part.verdict) == (ASKED.question, Verdict("conditional", "On conditions"))
    assert part.basis == "The license grants it in so many words. It depends on how the text is read."
    assert part.answer.runs == ("You may sell it", 1, ".")
    assert [(reason.line.runs, reason.source) for reason in part.reasons] == [(("Keep the notices", 2, "."), "text")]
    assert part.facts == (
        ("Given", "Commercial purpose: Yes"),
        ("Given", "Monthly active users: 1,000,000"),
        ("Assumed", "Place: DE"),
        ("Missing", "Where are you? (The law changes)"),
    )
    assert [(row.document, row.act, row.verdict.word, row.notes) for row in part.rows] == [
        ("Acme Open License 2 <beta>", "sell, weights", "On conditions", (1,)),
        ("Acme Open License 1", "train, outputs", "Unclear", (2,)),
    ]
    assert [(each.line.runs, each.exact, each.details) for each in part.conditions] == [
        (
            ("Show the mark.", 2),
            "Built & sold",
            "who: distributor; when: on distribution; otherwise: without it the license does not allow the act",
        )
    ]
    assert made.assumptions[0] == "Place: DE"
    assert len(made.assumptions) == 3
    assert made.counsel[0] == "To be established first: Where are you? (The law changes)"
    assert made.counsel[1].startswith("Acme Open License 1 does not say whether train (outputs) is allowed.")
    assert made.counsel[2].startswith("The answer turns on how the clauses quoted are read.")
    assert made.warnings == ()


def test_notes_quote_to_the_letter_and_lead_to_the_passage() -> None:
    first, second = memo(answer()).notes
    assert first.quote == "You may use, copy & sell the Work <freely>."
    assert (second.lead_in, second.quote) == ("You may not:", "(a) remove *notices* from the Work; or")
    assert first.source == "Acme Open License 2 <beta> (2025-02-03), section 1"
    start = Shelf().documents["acme-open-2"].text.index("You may use")
    assert first.url == f"{BASE}/source/acme-open-2?start={start}&end={start + len(first.quote)}#1"


def test_texts_carry_version_and_hash_and_the_memo_what_made_it() -> None:
    made = memo(answer(documents=("acme-open-2", "acme-policy")))
    shelf, read = Shelf(), "scancode:1.2.3, read on 2026-01-02"
    assert [(text.id, text.version, text.source, text.sha256) for text in made.texts] == [
        ("acme-open-2", "2025-02-03", read, shelf.documents["acme-open-2"].origin.sha256),
        ("acme-policy", "", read, shelf.documents["acme-policy"].origin.sha256),
    ]
    assert "4 texts, built 2026-01-02T03:04:05+00:00 from ScanCode 1.2.3" in made.origin[0]
    assert "a" * 64 in made.origin[1]


def test_an_answer_of_another_day_says_what_gave_it() -> None:
    now = memo(answer()).origin
    old = ("Corpus: 3 texts.", "Engine: Clausewise 0.0.9.")
    given = [Given(answer(), origin=old), Given(answer(), origin=now), Given(answer(), origin=old), Given(answer())]
    made = memo_build.build(given, Shelf(), BASE)  # type: ignore[arg-type]
    assert made.origin == (
        "Answered with: Corpus: 3 texts. Engine: Clausewise 0.0.9.",
        f"Answered with: {' '.join(now)}",
        f"Quotations checked with: {' '.join(now)}",
    )
    assert memo_build.build(given[1::2], Shelf(), BASE).origin == now  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("depends", "told"), [((), ""), (("duties", "facts"), " It depends on duties to be kept and on facts about you.")]
)
def test_a_verdict_is_told_as_in_the_chat(depends: tuple[str, ...], told: str) -> None:
    part = memo(answer(verdict="informational", depends_on=depends)).parts[0]
    assert (part.verdict.word, part.basis) == ("What the text says", f"The clauses that speak of it.{told}")
    claim = memo({**answer(verdict="no", basis="premise-false"), "claim": "contradicted"}).parts[0]
    assert (claim.verdict, claim.basis) == (Verdict("no", "Contradicted"), "A clause says otherwise.")


def test_a_quotation_leaves_the_sentence_for_its_note() -> None:
    grant = Replies().answer(ASKED).citations[0]
    said = Statement(f"Right to sell, section 1: “{grant.quote}”", "text", (1,))
    limit = Statement(
        "Limits, section 2.a (after “You may not:”): “(a) remove *notices* from the Work; or”", "text", (2,)
    )
    part = memo(answer(statements=(said, limit))).parts[0]
    assert part.answer.runs == ("Right to sell, section 1", 1)
    assert part.reasons[0].line.runs == ("Limits, section 2.a", 2)


def test_what_no_sentence_cites_is_quoted_all_the_same() -> None:
    made = memo(answer(statements=(Statement("Yes.", "inference"),), findings=(), conditions=()))
    assert made.parts[0].also == (1, 2)
    assert len(made.notes) == 2


def test_a_conversation_has_one_numbering_and_the_same_words_one_note() -> None:
    other = answer(question="And now?", citations=Replies().answer(ASKED).citations[::-1])
    made = memo(answer(), other)
    assert [heading for heading, _ in made.headed()] == ["Question 1", "Question 2"]
    assert len(made.notes) == 2
    assert len(made.texts) == 1
    assert made.assumptions[0] == "Place: DE (questions 1, 2)"


def changed(shelf: Shelf, text: str) -> Shelf:
    document = shelf.documents["acme-open-2"]
    shelf.documents["acme-open-2"] = replace(document, text=text, origin=replace(document.origin, sha256="e" * 64))
    return shelf


def test_a_text_that_has_changed_is_told_on_top_with_the_notes_that_still_stand() -> None:
    text = Shelf().documents["acme-open-2"].text
    told = memo(answer(), shelf=changed(Shelf(), text.replace("Ōsaka", "Kyōto"))).warnings
    assert told[0].endswith("notes 1 and 2 still stand there. Ask again before you rely on this memo.")
    told = memo(answer(), shelf=changed(Shelf(), text.replace("remove *n", "remove +n"))).warnings
    assert "note 1 still stands there and note 2 no longer stands there" in told[0]
    assert f"sha256 {Shelf().documents['acme-open-2'].origin.sha256[:12]} then, eeeeeeeeeeee now" in told[0]


def test_a_text_that_is_gone_is_told_on_top() -> None:
    shelf = Shelf()
    del shelf.documents["acme-open-2"]
    title = "Acme Open License 2 <beta>"
    assert memo(answer(), shelf=shelf).warnings == (
        f"{title} is no longer on file: notes 1 and 2 could not be checked against its text.",
    )


@pytest.mark.parametrize("change", [{"quote": "You may do anything."}, {"start": 3}, {"end": 10_000}])
def test_words_that_never_stood_there_are_refused(change: dict[str, object]) -> None:
    forged = answer()
    forged["citations"][0].update(change)
    with pytest.raises(DataError, match="quotes words that do not stand in Acme Open License 2"):
        memo(forged)


@pytest.mark.parametrize(
    "lost",
    sorted(to_json(Replies().answer(ASKED)).keys() - {"schema", "id", "text", "timings_ms", "rewritten", "engine"}),
)
def test_what_is_no_answer_is_one_clear_line(lost: str) -> None:
    broken = answer()
    del broken[lost]
    with pytest.raises(DataError, match="cannot be read"):
        memo(broken)


def test_an_answer_of_one_refusal_makes_a_memo() -> None:
    refused = Answer("q", "Who made you?", "abstain", "out-of-scope", "No text answers this.", (), (), ())
    made = memo(to_json(refused))
    assert made.parts[0].answer.runs == ("No text answers this.",)
    assert (made.notes, made.texts, made.counsel) == ((), (), ())
