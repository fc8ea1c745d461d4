"""Routing: which documents a question is about. Names first (licenses, models, families), then the titles of the user's own files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from corpus.catalog import Catalog, License
from corpus.registry import Mention
from corpus.types import Document
from rag import asof, own
from rag.language import words
from rag.own import Common
from rag.question import Question
from rag.types import Hit, Request

MAX_DOCUMENTS = 12


@dataclass(frozen=True, slots=True)
class Route:
    """Where to look. `licenses` are the texts asked about in order of mention, `bundles` what is read with each of them.

    `unknown` names what has no text on file; `ambiguous` the families that were named without a version; `own` the user's files;
    `quoted` definitions and regulations, which are never applied to a case, `lacking` those that are not on file.
    """

    licenses: tuple[str, ...]
    bundles: Mapping[str, tuple[str, ...]]
    unknown: tuple[Mention, ...] = ()
    missing: tuple[Mention, ...] = ()
    ambiguous: tuple[Mention, ...] = ()
    own: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """Return all documents of the route: each license followed by its bundle, then the user's files, then what is only quoted."""
        ordered = [d for license_id in self.licenses for d in (license_id, *self.bundles.get(license_id, ()))]
        return tuple(dict.fromkeys((*ordered, *self.own, *self.quoted)))

    @property
    def of_one_family(self) -> bool:
        """Return True if all licenses are those of one family that was named without a version."""
        return any(set(self.licenses) <= set(m.licenses) for m in self.ambiguous)


_CONTRAST = re.compile(
    r"\b(the way|like|unlike|similar to|than|instead of|rather than|as with|as in|not)( in| under| with)?( the)?\s*$",
    re.IGNORECASE,
)


def _narrow(text: str, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the mentions that the question is about.

    Left out are families that a more exact mention settles, and names that only stand in contrast ("the way X does"), where another stays.
    """
    asked = tuple(m for m in mentions if not _CONTRAST.search(text[max(0, m.start - 24) : m.start]))
    mentions = asked if any(m.licenses for m in asked) else mentions
    exact = {d for m in mentions if m.kind in ("model", "license") for d in m.licenses}
    return tuple(m for m in mentions if not (m.kind == "family" and exact & set(m.licenses)))


_UNDER = re.compile(r"\b(under|per|of|by)( the| its| their)?( terms of( the)?)?\s*$", re.IGNORECASE)


def _named_outright(text: str, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the mentions without models whose license the question itself names: `X under the Y license` is about Y.

    Only where there is one model or ambiguous family, and one license that stands behind `under` or follows it in brackets.
    """
    outright = [m for m in mentions if len(m.licenses) == 1 and m.kind in ("license", "family")]
    others = [m for m in mentions if m not in outright and m.kind in ("model", "family")]
    if len(outright) != 1 or len(others) != 1:
        return mentions
    under = _UNDER.search(text[max(0, outright[0].start - 24) : outright[0].start])
    apart = not set(others[0].licenses) & set(outright[0].licenses)
    if under or (apart and others[0].kind == "family"):
        return tuple(m for m in mentions if m not in others)
    return mentions


_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def _dated(text: str) -> set[str]:
    """Return the years, and the months of years (`2024-07`), that a text names."""
    found = set(re.findall(r"\b(?:19|20)\d\d\b", text))
    for name, year in re.findall(r"\b([A-Za-z]{3,9})\.?(?: \d{1,2},?)? ((?:19|20)\d\d)\b", text):
        found |= {f"{year}-{n:02d}" for n, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower())}
    return found


def _versions(text: str, mention: Mention, until: int, catalog: Catalog) -> Mention:
    """Return a family's mention narrowed to the members that the words around it tell apart by date or by title.

    `until` is where the next mention begins: what stands behind that speaks of another name.
    """
    # The name itself tells no version apart, though one may be called by it alone.
    around = f"{text[max(0, mention.start - 40) : mention.start]} {text[mention.end : min(until, mention.end + 90)]}"
    dates, said = _dated(around), set(words(around))
    members = [e for d in mention.licenses if (e := catalog.get(d)) is not None]
    if mention.kind == "model":
        return _dated_version(mention, dates, members, catalog)
    shared = set.intersection(*(set(words(e.title)) for e in members)) if members else set()
    found = []
    for entry in members:
        by_date = [d for d in dates if (entry.version_date or "").startswith(d)]
        by_title = {w for w in set(words(entry.title)) - shared if not w.isdigit()} & said
        if by_date or by_title:
            found.append((max(map(len, by_date), default=0), len(by_title), entry.id))
    if not found:
        return _no_such_version(text, mention, members)
    best = max(f[:2] for f in found)
    kept = tuple(d for date, title, d in found if (date, title) == best)
    # Two dates in one breath ("from the 2023 to the 2024 license") name two versions.
    several = tuple(dict.fromkeys(d for date, _, d in found if date >= 4)) if len(dates) > 1 else ()
    return replace(mention, licenses=several if len(several) > 1 else kept)


_OF_YEAR = re.compile(r"^\W{0,3}(of|from|dated)( the)?( [A-Za-z]{3,9}\.?)?( \d{1,2},?)? ((?:19|20)\d\d)\b")


def _no_such_version(text: str, mention: Mention, members: list[License]) -> Mention:
    """Return a family's mention as an unknown name if the words behind it date it to a year of which no version is on file."""
    found = _OF_YEAR.search(text[mention.end : mention.end + 40])
    dates = [e.version_date for e in members]
    if found is None or not all(dates) or any((d or "").startswith(found.group(5)) for d in dates):
        return mention
    named = text[mention.start : mention.end + found.end()]
    return replace(mention, kind="unknown", text=named, licenses=(), near=tuple(e.id for e in members))


def _dated_version(mention: Mention, dates: set[str], members: list[License], catalog: Catalog) -> Mention:
    """Return a model's mention with another version of its license if the words around it state that version's date to the month."""
    exact = [d for d in dates if len(d) > 4]
    families = {e.family for e in members if e.family}
    found = [
        other.id
        for other in catalog.licenses.values()
        if other.family in families
        and other.belongs_to is None
        and any((other.version_date or "").startswith(d) for d in exact)
    ]
    return replace(mention, licenses=tuple(found)) if len(found) == 1 else mention


def route(
    request: Request,
    question: Question,
    catalog: Catalog,
    on_file: Mapping[str, Document],
    common: Common = lambda word: False,
) -> Route:
    """Return the route of a question: what the request fixes, else what it names.

    `on_file` maps the ids of the store's documents; `common` tells words that many of them share.
    Ids in the request are taken as they are; the pipeline has validated them.
    """
    if request.licenses or request.documents:
        fixed = tuple(dict.fromkeys((*request.licenses, *request.documents)))
        return Route(fixed, {d: _bundle(catalog, d, on_file) for d in request.licenses})
    mentions = _narrow(question.text, question.mentions) if question.kind != "compare" else question.mentions
    mentions = tuple(_fetched(m, catalog, on_file) for m in mentions)
    starts = [*(m.start for m in mentions[1:]), len(question.text)][: len(mentions)]
    if all(question.text[m.start : m.end] == m.text for m in mentions):
        mentions = tuple(
            _versions(question.text, m, until, catalog) if m.kind in ("family", "model") else m
            for m, until in zip(mentions, starts, strict=True)
        )
    if request.as_of:
        mentions = tuple(asof.narrow(m, request.as_of, catalog) for m in mentions)
    mentions = _named_outright(question.text, mentions)
    files = _own(request, question, [d for id, d in on_file.items() if catalog.get(id) is None], common)
    if not files and question.outside == "injection":
        # What stands around an instruction may be all that names the file.
        files = own.named(request.question, [d for id, d in on_file.items() if catalog.get(id) is None], common)
    if not files and question.carried:
        files = _own_before(request, on_file, catalog, common, alone=False)
    asking = question.kind == "permission"
    mentions = own.beside(question.text, mentions, [on_file[id] for id in files], asking)
    ids: list[str] = []
    for mention in mentions:
        ids.extend(d for d in mention.licenses if d in on_file and d not in ids)
    # A policy named beside its license is read with it, not as a second license.
    ids = [d for d in ids if not _belongs(catalog, d, ids)][:MAX_DOCUMENTS]
    files = files or (() if ids else _own_before(request, on_file, catalog, common))
    laws = _laws(question.text, catalog)
    return Route(
        licenses=tuple(ids),
        bundles={d: _bundle(catalog, d, on_file) for d in ids},
        unknown=tuple(m for m in mentions if m.kind == "unknown"),
        missing=tuple(m for m in mentions if m.kind in _NAMED and not any(d in on_file for d in m.licenses)),
        ambiguous=tuple(m for m in mentions if m.kind == "family" and len(m.licenses) > 1),
        own=files,
        quoted=tuple(d for d in laws if d in on_file),
        lacking=tuple(d for d in laws if d not in on_file),
    )


def _own(request: Request, question: Question, files: list[Document], common: Common) -> tuple[str, ...]:
    """Return the user's files that the question names outside the names of licenses and models."""
    text = question.text
    here = [m for m in question.mentions if text[m.start : m.end] == m.text]
    for m in sorted(here, key=lambda m: -m.start):
        if m.licenses:
            text = text[: m.start] + " " + text[m.end :]
    return own.named(text, files, common, not here)


def _own_before(
    request: Request, on_file: Mapping[str, Document], catalog: Catalog, common: Common, alone: bool = True
) -> tuple[str, ...]:
    """Return the user's files that the conversation was about, the latest turn that names any first; `alone` if nothing else was named."""
    files = [d for id, d in on_file.items() if catalog.get(id) is None] if request.history else []
    for turn in request.history[::-1]:
        found = own.named(turn.content, files, common, alone)
        if found:
            return found
    return ()


def _laws(text: str, catalog: Catalog) -> tuple[str, ...]:
    """Return the definitions and regulations that a question names; a name inside a longer one ("Article 53 of ...") does not count."""
    found = [
        (match.start(), -match.end(), id)
        for id, law in catalog.by_hand.items()
        for name in (law.entry.title, *law.entry.aliases)
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    ]
    whole = [row for row in found if not any(a <= row[0] and b <= row[1] and (a, b) != row[:2] for a, b, _ in found)]
    return tuple(dict.fromkeys(id for _, _, id in sorted(whole)))


# What one name stands for: if its text is not on file, the answer says so.
_NAMED = frozenset(("model", "license"))


def _belongs(catalog: Catalog, document: str, ids: list[str]) -> bool:
    entry = catalog.get(document)
    return entry is not None and entry.belongs_to is not None and entry.belongs_to in ids


def _bundle(catalog: Catalog, document: str, on_file: Mapping[str, Document]) -> tuple[str, ...]:
    if catalog.get(document) is None:
        return ()
    read = (*catalog.bundle(document), *catalog.policies(document))
    return tuple(d for d in dict.fromkeys(read) if d != document and d in on_file)


def _fetched(mention: Mention, catalog: Catalog, on_file: Mapping[str, Document]) -> Mention:
    """Return a mention with texts that were fetched after all: that of a model's license, and the other states of a family."""
    texts = {id: text for id, text in catalog.pinned.items() if id in on_file}
    if mention.kind == "family":
        families = {e.family for d in mention.licenses if (e := catalog.get(d)) is not None}
        found = {
            id: text.entry for id, text in texts.items() if text.entry.family in families and not text.entry.belongs_to
        }
        both = {**{d: catalog.get(d) for d in mention.licenses}, **found}
        ordered = sorted(both, key=lambda d: (entry.version_date or "") if (entry := both[d]) is not None else "")
        return replace(mention, licenses=tuple(ordered)) if found else mention
    governing = tuple(id for id, text in texts.items() if text.missing and text.missing == mention.missing)
    return replace(mention, licenses=governing) if governing and not mention.licenses else mention


def by_nearness(hits: Iterable[Hit], catalog: Catalog) -> Route:
    """Return the route to the documents of the passages nearest to a question, whatever it names."""
    near = dict.fromkeys(hit.passage.document_id for hit in hits)
    licenses = tuple(d for d in near if catalog.get(d) is not None)
    return Route(licenses, {}, own=tuple(d for d in near if d not in licenses))
