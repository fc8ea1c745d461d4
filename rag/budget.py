"""How much fits: the clauses that a model's context holds, counted in tokens. Whole clauses are left out, the least telling first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.errors import PromptTooLong
from rag import prompts
from rag.model_server import Known, Remote
from rag.prompts import Piece

_FRAME = 96  # tokens of the chat template around the messages
_RETRY = 400  # tokens that a second attempt adds
_SHARE = 3  # a reply may take a third of a short context


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of one request: `part` shrinks what is asked for after a server refused it as too long."""

    remote: Remote
    known: Known
    part: float = 1.0

    @property
    def reply(self) -> int:
        """Return the most tokens of the reply."""
        return min(self.remote.settings.reply, self.known.context // _SHARE)

    @property
    def prompt(self) -> int:
        """Return the most tokens of the prompt."""
        return int((self.known.context - self.reply) * self.part) - _FRAME - min(_RETRY, self.known.context // 10)

    def halved(self) -> "Budget":
        """Return half of it."""
        return replace(self, part=self.part / 2)

    def tokens(self, text: str) -> int:
        """Return the tokens of a text."""
        return self.remote.tokens(text, self.known.name)


def fit(everything: Sequence[Piece], asked: Callable[[Sequence[Piece]], str], budget: Budget) -> tuple[Piece, ...]:
    """Return the clauses that fit, in their order.

    Raise PromptTooLong if not even one does.
    """
    chosen = tuple(everything)
    room = budget.prompt - budget.tokens(prompts.words()["system"])
    words, documents = asked(chosen), budget.tokens(prompts.documents(chosen))
    # No tokenizer makes more tokens than there are bytes: where there is room enough, the question need not be counted.
    if documents + len(words.encode()) <= room:
        return chosen
    room -= budget.tokens(words)
    if documents <= room:
        return chosen
    costs = {p.key: budget.tokens(p.shown) + 1 for p in chosen}
    frame = budget.tokens(prompts.documents(chosen[:1])) - costs[chosen[0].key] if chosen else 0
    titles = {p.sheet.document.id: len(p.sheet.document.title.encode()) for p in chosen}
    left = room - frame - sum(titles.values())
    kept = set()
    for piece in sorted(chosen, key=lambda p: (-p.score, p.key)):
        if costs[piece.key] > left:
            break
        left -= costs[piece.key]
        kept.add(piece.key)
    if not kept:
        raise PromptTooLong("no clause fits the model's context; serve it with a longer one")
    return tuple(p for p in chosen if p.key in kept)
