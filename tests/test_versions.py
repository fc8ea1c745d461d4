"""Versions that drift: what a comparison of two states of a text names as gained and lost. Texts that ScanCode lacks are read where they are."""

import needs
import pytest

from corpus import catalog, scancode
from corpus.cutting import all_terms
from corpus.segment import segment
from corpus.types import Clause, Document, Origin, Term
from rag import compare


class Shelf:
    """The two texts of a comparison."""

    def __init__(self, *ids: str) -> None:
        self.documents = {id: self._read(id) for id in ids}

    @staticmethod
    def _read(id: str) -> Document:
        known = catalog.load()
        if id not in known.pinned:
            return known.describe(scancode.read(id))
        text = (needs.TEXTS / f"{id}.txt").read_text(encoding="utf-8")
        return Document(id, known.pinned[id].entry.title, "license", text, None, id, Origin("test", "0" * 64))

    def clauses(self, id: str) -> tuple[Clause, ...]:
        """Return the clauses of a document."""
        return segment(self.documents[id])

    def terms(self, id: str) -> tuple[Term, ...]:
        """Return the terms of a document."""
        return all_terms(self.documents[id], self.clauses(id))


def _said(facts: tuple[compare.Fact, ...]) -> set[str]:
    """Return facts as `act modality exact amount clause`, what is empty left out."""
    return {
        " ".join(filter(None, (f.act, f.modality, *f.exact, f"{f.amount:.0f}" if f.amount else "", f"@{f.clause}")))
        for f in facts
    }


def _holds(first: str, second: str, lost: set[str], gained: set[str], kept: set[str]) -> None:
    found = compare.compare(Shelf(first, second), first, second)
    less, more = _said(found.lost), _said(found.gained)
    assert lost <= less, (lost - less, less)
    assert gained <= more, (gained - more, more)
    changed = {fact.act for fact in (*found.lost, *found.gained)}
    assert not kept & changed, kept & changed


@needs.texts
@pytest.mark.parametrize(
    ("first", "second", "lost", "gained", "kept"),
    [
        (
            "minimax-m2-launch-2025-10-27",
            "minimax-m2",
            set(),
            {
                "threshold-display must MiniMax M2 100000000 @p6",
                "threshold-display must MiniMax M2 30000000 @p6",
                "naming must MiniMax M2 @p6",
            },
            {"sell", "redistribute", "license-copy"},
        ),
        (
            "minimax-m2.5-launch-2026-02-13",
            "minimax-m2.5-model",
            {"sell permitted @p3", "sublicense permitted @p3", "naming must MiniMax M2.5 @p6"},
            {"use-policy must @2.b.iii", "state-changes must @2.b.i", "patent-retaliation prohibited @5.c", "indemnity must @5.c"},
            {"redistribute", "modify", "commercial-use"},
        ),
        (
            "tongyi-qianwen-first-2023-08-03",
            "tongyi-qianwen-2023",
            set(),
            set(),
            {"train-on-outputs", "threshold", "commercial-use", "redistribute"},
        ),
        (
            "gemma-tou-2024-02-21",
            "gemma-tou-2024-04-01",
            {"remote-restriction must @4.1"},
            set(),
            {"redistribute", "use-policy", "flow-down", "commercial-use"},
        ),
        (
            "llama-2-license-2023",
            "llama-3",
            set(),
            {"naming must Llama 3 @1.b.i", "naming must Built with Meta Llama 3 @1.b.i"},
            {"threshold", "train-on-outputs", "use-policy"},
        ),
        (
            "llama-3",
            "llama-3.1-license-2024",
            {"naming must Llama 3 @1.b.i", "train-on-outputs prohibited @1.b.v"},
            {"naming must Llama @1.b.i", "naming must Built with Llama @1.b.i", "train-on-outputs permitted-if Llama @1.b.i"},
            {"threshold", "redistribute", "commercial-use"},
        ),
        (
            "yi-series-1.0",
            "yi-series-2.0",
            {"noncommercial prohibited @2", "commercial-use prohibited @2"},
            set(),
            {"train-on-outputs", "attribution", "modify"},
        ),
    ],
)  # fmt: skip
def test_states_of_a_text_that_scancode_lacks(
    first: str, second: str, lost: set[str], gained: set[str], kept: set[str]
) -> None:
    _holds(first, second, lost, gained, kept)


@pytest.mark.parametrize(
    ("first", "second", "lost", "gained", "kept"),
    [
        (
            "llama-license-2023",
            "llama-2-license-2023",
            {"noncommercial prohibited @1.a", "commercial-use prohibited @2.a"},
            {"train-on-outputs prohibited @1.b.v", "threshold requires-separate-license 700000000 @2", "use-policy must @1.b.iv"},
            set(),
        ),
        ("llama-3.1-license-2024", "llama-3.2-license-2024", set(), set(), {"naming", "train-on-outputs", "threshold"}),
        ("llama-3.2-license-2024", "llama-3.3-license-2024", set(), set(), {"naming", "train-on-outputs", "threshold"}),
        (
            "llama-3.3-license-2024",
            "llama-4-cla-2025",
            set(),
            set(),
            {"naming", "train-on-outputs", "threshold", "redistribute"},
        ),
        (
            "gemma-tou-2024-04-01",
            "gemma-tou-2025-03-24",
            set(),
            set(),
            {"redistribute", "flow-down", "use-policy", "train-on-outputs"},
        ),
        (
            "tongyi-qianwen-2023",
            "qwen-2024",
            {"train-on-outputs prohibited @5.b"},
            {"train-on-outputs permitted-if Built with Qwen @5.b", "naming must Built with Qwen @5.b"},
            {"threshold", "redistribute"},
        ),
    ],
)  # fmt: skip
def test_states_of_a_text_that_scancode_has(
    first: str, second: str, lost: set[str], gained: set[str], kept: set[str]
) -> None:
    _holds(first, second, lost, gained, kept)


def test_the_gemma_texts_differ_in_what_gemma_is() -> None:
    found = compare.compare(
        Shelf("gemma-tou-2024-04-01", "gemma-tou-2025-03-24"), "gemma-tou-2024-04-01", "gemma-tou-2025-03-24"
    )
    changed = {
        c.after.path: "".join(p.text for p in c.words if p.op == "insert") for c in found.changes if c.after and c.words
    }
    assert "Appendix" in changed["1.1.c"]
