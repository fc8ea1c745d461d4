"""Understanding: from the words of a question to its kind, acts, topics, uses, facts and names. Printable, testable, no retrieval."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.registry import Mention, Registry
from rag import facts
from rag.lexicon import Act, Lexicon, Topic, Use, asks_outright, lexicon, stands
from rag.types import Request, Value

# Words that carry sentences of English: a question with hardly any of them is in another language.
_ENGLISH = frozenset(
    "the a an of to in is are we i you it our my can may must do does what which who how if for on and or with under that this be not "
    "have has use from by at as about when where license licence allowed".split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """The result of understanding. `kind` is permission, lookup, compare or classify; `duty` tells a question about what must be done.

    `outside` names the reason why texts cannot answer (law, technology, drafting, business, injection); `carried` what came from history.
    """

    text: str
    kind: str
    duty: bool = False
    mentions: tuple[Mention, ...] = ()
    acts: tuple[Act, ...] = ()
    topics: tuple[Topic, ...] = ()
    uses: tuple[Use, ...] = ()
    omission: bool = False
    substitution: bool = False
    facts: Mapping[str, Value] = field(default_factory=dict)
    quoted: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    outside: str | None = None
    carried: tuple[str, ...] = ()
    english: bool = True

    @property
    def rest(self) -> str:
        """Return the question without the names in it: those have picked the documents, and would rank their titles first."""
        text = self.text
        for m in sorted(self.mentions, key=lambda m: -m.start):
            if text[m.start : m.end] == m.text:
                text = text[: m.start] + " " + text[m.end :]
        return text if any(map(str.isalnum, text)) else self.text


# What goes with other acts says little by itself.
_SECONDARY = frozenset(("use", "commercial-use", "sell"))
_OUTWARD = frozenset(("redistribute", "sell", "embed-in-product", "host-as-service"))
_DENIED = re.compile(
    r"\b(don.t|do not|doesn.t|does not|did not|didn.t|never|won.t|will not|without|nobody|nothing|no one|no|neither|nor)( \w+){0,2} ?$",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(can|may|must|allowed|permitted|why|whether|if)\b[^.;]{0,20}$", re.IGNORECASE)
_NOTHING = re.compile(r"^\w* (nothing|none)\b", re.IGNORECASE)


def _asserted(what: re.Pattern[str], text: str) -> bool:
    """Return True if the text says or asks about something, and does not merely rule it out: `we don't compete`, `sell nothing`."""
    for found in what.finditer(text):
        before = text[max(0, found.start() - 30) : found.start()]
        denied = _DENIED.search(before)
        ruled_out = denied is not None and not _ASKING.search(before[: denied.start()])
        if not ruled_out and not _NOTHING.search(text[found.end() : found.end() + 12]):
            return True
    return False


def _kind(words: Lexicon, text: str, documents: int, plan: bool) -> str:
    """Return the kind of the question; comparing takes more than one document. `plan`: acts or uses are described."""
    if stands(words.kinds["labelled"], text):
        return "classify"
    permission = stands(words.kinds["permission"], text)
    if stands(words.kinds["meaning"], text) and documents < 2 and not asks_outright(text):
        permission = False
    if stands(words.kinds["compare"], text) and not (permission and documents < 2):
        return "compare"
    if permission:
        return "permission"
    if stands(words.kinds["meaning"], text):
        return "lookup"
    if stands(words.kinds["classify"], text):
        return "classify"
    # A plan told without any question word asks whether it may go on.
    return "lookup" if stands(words.kinds["lookup"], text) or not plan else "permission"


def _carried_kind(words: Lexicon, text: str, earlier: str, kind: str) -> str:
    """Return the kind of the turn before where the text only changes its case ("and if we charge for it?")."""
    if kind != "lookup" or not earlier or not stands(words.kinds["again"], text):
        return kind
    return "permission" if _kind(words, earlier, 1, True) == "permission" else kind


def _mask(text: str, mentions: tuple[Mention, ...]) -> str:
    """Return the text with the names blanked, so that `Gemma Terms of Use` is not read as a question about use."""
    for m in mentions:
        text = text[: m.start] + "~" * (m.end - m.start) + text[m.end :]
    return text


def _outside(words: Lexicon, text: str, topics: tuple[Topic, ...], named: bool) -> str | None:
    for reason, patterns in words.scopes:
        if stands(patterns, text) and not (reason == "business" and topics) and not (reason == "no-license" and named):
            return reason
    return None


def _english(text: str) -> bool:
    words = re.findall(r"\w+", text.lower())
    return len(words) < 5 or sum(w in _ENGLISH for w in words) / len(words) >= 0.12


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(m.group(1).strip() for m in re.finditer(r"[“\"]([^”\"]{2,80})[”\"]", text))


def _references(text: str) -> tuple[str, ...]:
    """Return the parts of a document that the question names, as clause paths: `section 2(b)` is `2.b`, `Attachment C` is `attachment-c`."""
    found = []
    for m in re.finditer(
        r"\b(section|sec\.|§|clause|paragraph|article|art\.)\s*(\d+[\w.()]*)|\b(attachment|exhibit|appendix|annex|schedule) ([A-Z]|\d+)\b",
        text,
        re.IGNORECASE,
    ):
        if m.group(2):
            found.append(".".join(re.findall(r"[0-9]+|[a-z]+", m.group(2).lower())))
        else:
            found.append(f"{m.group(3).lower()}-{m.group(4).lower()}")
    return tuple(found)


def _stripped(words: Lexicon, text: str) -> str:
    for p in words.strip:
        text = p.sub(" ", text)
    return text.strip()


def _carry(request: Request, registry: Registry) -> tuple[tuple[Mention, ...], str]:
    """Return the names of the last turn that has any (the user's turns first), and the text of the user's last turn."""
    turns = request.history[::-1]
    last = next((t.content for t in turns if t.role == "user"), "")
    for role in ("user", "assistant"):
        for turn in turns:
            mentions = registry.mentions(turn.content) if turn.role == role else ()
            if mentions:
                return mentions, last
    return (), last


def understand(request: Request, registry: Registry) -> Question:
    """Return the question as understood: the request's own words first, then what its history and its given facts add."""
    words = lexicon()
    text = " ".join(request.question.split())
    attacked = _outside(words, text, (), True) == "injection" or _stripped(words, text) != text
    body = _stripped(words, text) if attacked else text
    mentions = registry.mentions(body)
    own = bool(mentions)
    carried: list[str] = []
    earlier = ""
    if request.history:
        past, earlier = _carry(request, registry)
        if not own and past:
            mentions = past
            carried.extend(sorted({m.name for m in past}))
    if attacked and not mentions:
        # An instruction that names the license still tells which one the rest is about.
        mentions = registry.mentions(text)
        carried.extend(sorted({m.name for m in mentions}))
    masked = _mask(body, mentions) if own else body
    acts = tuple(a for a in words.acts if any(_asserted(p, masked) for p in a.patterns))
    topics = tuple(t for t in words.topics if stands(t.patterns, masked))
    if any(a.name == "publish-benchmarks" for a in acts):
        # What is published are figures, not the material.
        acts = tuple(a for a in acts if a.name not in ("redistribute", "relicense"))
    if earlier and not [a for a in acts if a.name not in _SECONDARY] and not topics:
        acts = (*acts, *(a for a in words.acts if a not in acts and stands(a.patterns, earlier)))
        topics = tuple(t for t in words.topics if stands(t.patterns, earlier))
        if facts.given(body).get("distribution") == "internal":
            # What now stays inside is no longer handed to anybody.
            acts = tuple(a for a in acts if a.name not in _OUTWARD)
    known = {**(facts.given(earlier) if earlier and not own else {}), **facts.given(body), **request.facts}
    outside = _outside(words, masked, topics, bool(mentions))
    if outside in ("technology", "business", "prices") and mentions and stands(words.kinds["permission"], masked):
        outside = None
    if attacked and not (mentions and (acts or topics)):
        outside = "injection"
    elif outside == "injection":
        outside = None
    sets = {frozenset(m.licenses) for m in mentions}
    # A family named beside one of its versions is no second text.
    named = {one for one in sets if not any(other < one for other in sets if other)}
    uses = tuple(u for u in words.uses if _asserted(u.question, masked))
    return Question(
        text=body,
        kind=_carried_kind(words, masked, earlier, _kind(words, masked, len(named), bool(acts or uses))),
        duty=stands(words.kinds["duty"], masked),
        mentions=mentions,
        acts=acts,
        topics=topics,
        uses=uses,
        omission=stands(words.omission, masked),
        substitution=stands(words.substitution, masked),
        facts=known,
        quoted=_quoted(body),
        references=_references(body),
        outside=outside,
        carried=tuple(carried),
        english=_english(text),
    )
