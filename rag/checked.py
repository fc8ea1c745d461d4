"""A whole claim checked: its parts one by one, what the registry knows of models, and the answer with its citations."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from corpus.registry import Mention, Registry
from rag import claims, reading
from rag.case import Case, Evidence, unique
from rag.claims import Judgment
from rag.question import Question
from rag.quotes import cite
from rag.sheet import Sheet
from rag.types import Citation

_WORDS = {
    "supported": "Supported",
    "contradicted": "Contradicted",
    "not_enough_info": "Not enough information",
}
# Of several texts or parts the one that contradicts decides, then the one that is silent.
_ORDER = ("contradicted", "not_enough_info", "supported")
_SUBJECT = "it|they|its|their|you|users?|licensees?|recipients?|anyone|nobody|the|also|does|has|must|requires?|allows?|forbids?"
_BREAK = re.compile(
    r"\s*(?:;|, but\b(?! not)|,? because\b|\bwhile\b|\bwhereas\b|,? and (?=(?:" + _SUBJECT + r")\b))\s*"
)
# "It may be made but not shared": what is denied lacks its subject and its verb.
_BUT_NOT = re.compile(
    r"(?P<subject>[^,;]+?) (?P<modal>may|can|must) (?P<one>(?P<be>be )?[^,;]+?),? but (?:may |can |must |it may )?not (?P<other>[^,;]+)",
    re.IGNORECASE,
)
_REASON = re.compile(r";|\bbecause\b", re.IGNORECASE)
_LEAST_WORDS = 3
_STATES = re.compile(
    r"\b(is|are|was|were|been|comes?|came|ships?|shipped|distribut\w+|releas\w+|publish\w+|licen[sc]e[sd]?|covered|offer\w*|available)\b",
    re.IGNORECASE,
)
_UNDER = re.compile(r"\b(under|by|with)( the| an?| its)*\s*$", re.IGNORECASE)
# A license named at the end of the claim is what the claim says of the model; behind it nothing else may be asserted.
_TAIL = re.compile(r"\W*(?P<more>([A-Z][\w.-]* ){0,3})(licen[sc]es?|terms|agreement)?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with its label, the reason in words, and the citations that show it. `source`: text, or registry."""

    id: str
    claim: str
    label: str
    text: str
    citations: tuple[Citation, ...] = ()
    source: str = "text"
    why: str = ""
    problems: tuple[str, ...] = ()


def _contrasted(claim: str) -> tuple[str, ...]:
    """Return the two sentences that one makes which allows this but not that; none for another claim."""
    found = _BUT_NOT.fullmatch(claim)
    if found is None or not reading.scoped("leads", found.group("other")):
        return ()
    modal = found.group("modal")
    subject, other = found.group("subject"), found.group("other")
    verb = "" if found.group("be") is None or other.startswith("be ") else "be "
    return f"{subject} {modal} {found.group('one')}.", f"{subject} {modal} not {verb}{other.rstrip('.')}."


def parts(claim: str) -> tuple[str, ...]:
    """Return the parts of a claim that assert something each; the claim itself if it is of one piece."""
    contrasted = _contrasted(claim)
    if contrasted:
        return contrasted
    found = [part.strip(" ,;") for part in _BREAK.split(claim)]
    plain = _REASON.search(claim) is None
    whole = all(len(part.split()) >= _LEAST_WORDS and not (plain and reading.stance(part) == "yes") for part in found)
    return tuple(found) if len(found) > 1 and whole else (claim,)


def of_registry(question: Question, registry: Registry) -> Judgment | None:
    """Judge a claim on which license a model is under, or return None for another claim."""
    models = [m for m in question.mentions if m.kind in ("model", "family") and m.near + m.licenses]
    named = [m for m in question.mentions if m.kind in ("license", "family", "unknown")]
    if not models or not named or models[0] is named[-1]:
        return None
    model, license = models[0], named[-1]
    before = question.text[: license.start]
    tail = _TAIL.fullmatch(question.text[license.end :])
    if model.end > license.start or not (_UNDER.search(before) and _STATES.search(before)) or tail is None:
        return None
    # "Mistral Research License": more of a name than is known leads to no text on file.
    if not model.licenses or license.kind == "unknown" or tail.group("more"):
        return Judgment("not_enough_info", f"the text that governs {model.name} or {license.name} is not on file")
    row = registry.model(model.model) if model.model else None
    known = ", ".join(registry.title(id) for id in model.licenses)
    sure = "" if row is None or row.basis != "unverified" else " (unverified)"
    if set(model.licenses) & set(license.licenses):
        return Judgment("supported", f"the registry lists {model.name} under {known}{sure}")
    return Judgment("contradicted", f"the registry lists {model.name} under {known}{sure}, not {license.name}")


def shown(known: Judgment, sheets: Iterable[Sheet]) -> Judgment:
    """Return a judgment of the registry with the line in which the model's license names itself, if it has one."""
    for sheet in sheets:
        name = " ".join(sheet.document.title.partition("(")[0].lower().split()).removesuffix(" agreement")
        for line in sheet.lines:
            text = " ".join(line.unit.span.of(sheet.document.text).lower().split())
            if name in text and " is licensed under " in text:
                return replace(known, evidence=(Evidence(sheet, line, "notice-file"),))
    return known


def check(id: str, question: Question, cases: tuple[Case, ...], understand: Callable[[str], Question]) -> Checked:
    """Return the claim of a question checked against all of its cases, part by part."""
    pieces = parts(question.text)
    judged = [_judge(case, piece, question, understand) for piece in pieces for case in cases]
    by_part = [judged[i * len(cases) : (i + 1) * len(cases)] for i in range(len(pieces))]
    # Of several texts one that says so is enough; of several parts all must hold.
    decided = [_strongest(found) for found in by_part]
    label = min((j.label for j in decided), key=_ORDER.index)
    telling = [j for j in decided if j.label == label]
    return answer(id, question.text, label, telling)


def _judge(case: Case, piece: str, whole: Question, understand: Callable[[str], Question]) -> Judgment:
    if piece == whole.text:
        return claims.judge(case)
    part = understand(piece)
    return claims.judge(Case(part, case.license, case.sheets, case.matches))


def _strongest(found: list[Judgment]) -> Judgment:
    """Return the judgment of the text that speaks most of the claim: what is settled before what is not."""
    settled = [j for j in found if j.label != "not_enough_info"]
    return max(settled or found, key=lambda j: (j.fit, -_ORDER.index(j.label)))


def answer(id: str, claim: str, label: str, judged: Iterable[Judgment], source: str = "text") -> Checked:
    """Return the checked claim with its citations and its text: the label, the reason, the quotations."""
    found = tuple(judged)
    lines = unique(e for j in found for e in j.evidence) if label != "not_enough_info" else ()
    citations = tuple(cite(e, n) for n, e in enumerate(lines, start=1))
    why = "; ".join(dict.fromkeys(j.why for j in found))
    quoted = [f"- {c.title}, {c.clause}: “{' '.join(c.quote.split())}” [{c.n}]" for c in citations]
    text = "\n\n".join(filter(None, [f"{_WORDS[label]}: {why}.", "\n".join(quoted)]))
    return Checked(id, claim, label, text, citations, source, why)


def unanswerable(id: str, claim: str, why: str, mentions: Iterable[Mention] = ()) -> Checked:
    """Return a claim that no text on file settles."""
    names = ", ".join(dict.fromkeys(m.text for m in mentions))
    return Checked(id, claim, "not_enough_info", f"{_WORDS['not_enough_info']}: {why}{f' ({names})' if names else ''}.")


_PUT = re.compile(
    r"[,;.:!]?\s*(is (that|this|it) )?(that.s |am i )?(correct|right|true)( or (not|wrong|false))?\s*\?\s*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(can|may|do|does|is|are|must|will|would|should|what|which|how|who|when|where|if)\b", re.IGNORECASE
)


def stated(question: str) -> str | None:
    """Return the statement that a question only asks to confirm ("It is just Apache, correct?"), or None."""
    found = _PUT.search(question)
    statement = question[: found.start()].strip() if found else ""
    last = re.split(r"(?<=[.!])\s+", statement)[-1]
    return f"{statement}." if statement and "?" not in statement and not _ASKS.search(last) else None
