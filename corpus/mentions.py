"""Finds the names of licenses, models and families in free text: the longest, in order, never two on the same characters."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.catalog import Catalog
from corpus.license_names import LicenseFound, LicenseNames
from corpus.likenesses import likenesses
from corpus.mention import Mention
from corpus.model_names import ModelFound, ModelNames, Resolved
from corpus.model_rows import Rows
from corpus.names import Token, Words, begins, forms, number, starts_sentence, tokens
from corpus.nearest import Nearest, models_like
from corpus.typos import Speller

_HUB_ID = re.compile(r"(?<![\w/.@-])([A-Za-z0-9][\w.-]*)/(?=[A-Za-z0-9])")
_AND = re.compile(r"[\s,]*(?:and|or|vs\.?|versus|to|/|,|&)\s*(?:and|or)?\s*v?", re.IGNORECASE)
_VERSION_BEFORE = re.compile(r"\bv(?:ersion)?\s?([0-9]+(?:\.[0-9]+)*)\s+of\s+(?:the\s+)?$", re.IGNORECASE)
_THIRD_PARTY = 0.9


@dataclass(frozen=True, slots=True)
class _Hit:
    """A mention with the tokens it covers; `series` or `stem` let 'and 3.2' be read after it."""

    start: int
    end: int
    mention: Mention
    series: str | None = None
    stem: tuple[str, ...] = ()


class Finder:
    """Looks for all names of the catalog and of the models file."""

    def __init__(self, catalog: Catalog, rows: Rows, words: Words) -> None:
        self._catalog, self._rows, self._words = catalog, rows, words
        self._models, self._licenses = ModelNames(rows, words), LicenseNames(catalog, words)
        self._decoys: dict[str, list[tuple[str, ...]]] = {}
        for decoy in (forms(name, words) for name in rows.decoys):
            self._decoys.setdefault(decoy[0], []).append(decoy)
        self._orgs = frozenset(org.lower() for series in rows.series.values() for org in series.orgs)
        self._speller = Speller((*(start.forms for start in self._models.starts), *self._licenses.sequences), words)
        self._families = _family_licenses(catalog, rows)
        self.nearest = Nearest(catalog, rows, words)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return all mentions of `text` in order."""
        read = tokens(text, self._words)
        hits = self._scan(text, read)
        hits += self._misspelled(text, read, hits)
        hits.sort(key=lambda hit: hit.start)
        mentions = [self._unbracketed(hit.mention) for hit in hits] + self._continued(text, read, hits)
        for start, end in likenesses(text, [(mention.start, mention.end) for mention in mentions], self._words):
            written = text[start:end]
            mentions.append(Mention(start, end, written, "unknown", written, near=self.nearest.ids(written), score=0.5))
        return tuple(sorted(mentions, key=lambda mention: mention.start))

    def _unbracketed(self, mention: Mention) -> Mention:
        """Return an unknown name that runs into a bracket without its end as what stands before the bracket, if that is known."""
        before, bracket, _ = mention.text.partition("(")
        if mention.kind != "unknown" or not bracket or ")" in mention.text:
            return mention
        known = self._scan(before, tokens(before, self._words))
        if len(known) != 1 or known[0].mention.kind == "unknown":
            return mention
        found = known[0].mention
        return replace(found, start=mention.start + found.start, end=mention.start + found.end)

    def _scan(self, text: str, read: Sequence[Token]) -> list[_Hit]:
        hub_ids = self._hub_ids(text, read)
        hits: list[_Hit] = []
        i = 0
        while i < len(read):
            named = hub_ids.get(i)
            hit = self._at(text, read, named) if named is not None else None
            if hit is not None:
                hits.append(self._with_org(text, read, i, hit))
                i = hit.end
                continue
            decoys = self._decoys.get(read[i].text, ())
            decoy = max((len(name) for name in decoys if begins(read, i, name)), default=0)
            hit = self._at(text, read, i)
            if hit is not None and hit.end > i + decoy:
                hit = self._further(text, read, i, hit)
                hits.append(self._looked_back(text, read, hit, hits))
                i = hit.end
            else:
                i += max(decoy, 1)
        return hits

    def _further(self, text: str, read: Sequence[Token], i: int, hit: _Hit) -> _Hit:
        """Return a known name that starts inside a hit and goes on behind it, or the hit: in 'the original Llama 2' the second one."""
        for k in range(i + 1, hit.end):
            later = self._at(text, read, k)
            if later is not None and later.end > hit.end and later.mention.kind == "model" and later.mention.licenses:
                return later
        return hit

    def _at(self, text: str, read: Sequence[Token], i: int) -> _Hit | None:
        """Return the longest name that starts at token `i`.

        A model goes before a license of the same length; one model also before several licenses whose name is longer
        only by the word 'license'.
        """
        model = self._models.at(read, i)
        if model is not None and not self._stands_out(text, read, model):
            model = None
        license = self._licenses.at(text, read, i)
        if license is None:
            return self._model_hit(text, read, model) if model else None
        one = model is not None and len(model.resolved.models) == 1 and (license.several or not license.licenses)
        if model is not None and model.end >= (license.name_end if one else license.end):
            return self._model_hit(text, read, model)
        return self._license_hit(text, read, license)

    def _stands_out(self, text: str, read: Sequence[Token], found: ModelFound) -> bool:
        """Return False if the name is an ordinary word here ('the bloom of spring', 'whisper it')."""
        sequence = found.begin.forms
        if not all(word in self._words.ordinary for word in sequence):
            return True
        if found.resolved.models and found.end > found.start + len(sequence):
            return True
        first, last = read[found.start], read[found.start + len(sequence) - 1]
        word = text[first.start : last.end]
        if not word[0].isupper():
            return False
        if found.end > found.start + len(sequence) or not text[: first.start].strip() + text[last.end :].strip(" .?!"):
            return True
        following = read[found.end].text if found.end < len(read) and read[found.end].joined else ""
        if (word.isupper() and len(word) > 2) or following in self._words.context:
            return True
        return not starts_sentence(text, first.start)

    def _model_hit(self, text: str, read: Sequence[Token], found: ModelFound) -> _Hit:
        start = read[found.start].start
        end = _closed(text, start, read[found.end - 1].end)
        series = found.begin.group.series
        mention = self._resolved(start, end, text[start:end], found.resolved)
        if found.qualifiers.empty and len(found.resolved.models) != 1:
            mention = replace(mention, kind="family", name=series.title)
            if series.name == series.family:
                near = tuple(row.id for row in self._rows.models.values() if row.family == series.family)
                mention = replace(mention, licenses=self._families[series.family], near=near)
        return _Hit(found.start, found.end, mention, series=series.name)

    def _resolved(self, start: int, end: int, written: str, resolved: Resolved) -> Mention:
        rows = resolved.models
        if not rows:
            return Mention(start, end, written, "unknown", written, near=models_like(written, resolved.near))
        if len(rows) == 1:
            row, score = rows[0], resolved.score
            return Mention(start, end, written, "model", row.name, row.licenses, row.id, row.near, score, row.missing)
        licenses = tuple(dict.fromkeys(id for row in rows for id in row.licenses))
        return Mention(start, end, written, "family", written, licenses, near=tuple(row.id for row in rows))

    def _license_hit(self, text: str, read: Sequence[Token], found: LicenseFound) -> _Hit:
        start = read[found.start].start
        end = _closed(text, start, read[found.end - 1].end)
        written = text[start:end]
        if not found.licenses:
            mention = Mention(start, end, written, "unknown", written, near=found.near)
        elif len(found.licenses) > 1 or found.several:
            near = self._called(found.stem)
            mention = Mention(start, end, written, "family", found.title or written, found.licenses, near=near)
        else:
            id = found.licenses[0]
            entry = self._catalog.get(id)
            title = entry.title if entry is not None else written
            missing = title if id in self._catalog.pinned else None
            mention = Mention(start, end, written, "license", title, found.licenses, missing=missing)
        return _Hit(found.start, found.end, mention, stem=found.stem)

    def _called(self, stem: tuple[str, ...]) -> tuple[str, ...]:
        """Return the models whose license goes by this name ('modified MIT')."""
        named = {row.id: forms(row.license_name, self._words) for row in self._rows.models.values() if row.license_name}
        return tuple(id for id, name in named.items() if name[: len(stem)] == stem)

    def _hub_ids(self, text: str, read: Sequence[Token]) -> dict[int, int]:
        """Return, for each token at which an id such as `meta-llama/Llama-3.1-8B` starts, the token of its name."""
        starts = [token.start for token in read]
        found: dict[int, int] = {}
        for match in _HUB_ID.finditer(text):
            first, name = bisect_left(starts, match.start()), bisect_left(starts, match.end())
            if first >= name or name >= len(read) or read[first].start != match.start():
                continue
            org = self._at(text, read, first)
            if match.group(1).lower() in self._orgs or org is None or org.end < name:
                found[first] = name
        return found

    def _with_org(self, text: str, read: Sequence[Token], i: int, hit: _Hit) -> _Hit:
        start, mention = read[i].start, hit.mention
        own = text[start : mention.start].rstrip("/").lower() in self._orgs
        score = mention.score if own else min(mention.score, _THIRD_PARTY)
        return replace(hit, start=i, mention=replace(mention, start=start, text=text[start : mention.end], score=score))

    def _looked_back(self, text: str, read: Sequence[Token], hit: _Hit, hits: Sequence[_Hit]) -> _Hit:
        """Return the hit with a size ('the 7B Llama 2') or version ('version 3 of the GPL') that stands before it."""
        free, free_from = (hits[-1].end, hits[-1].mention.end) if hits else (0, 0)
        before = read[hit.start - 1] if hit.start > free and read[hit.start].joined else None
        if hit.series is not None and before is not None and before.kind == "size":
            found = self._models.at(read, hit.start)
            sized = self._models.with_size(found, before.text) if found else None
            if sized is not None:
                mention = self._model_hit(text, read, sized).mention
                wider = replace(mention, start=before.start, text=text[before.start : mention.end])
                return replace(hit, start=hit.start - 1, mention=wider)
        window = max(free_from, hit.mention.start - 40)
        match = _VERSION_BEFORE.search(text[window : hit.mention.start]) if hit.mention.kind == "family" else None
        licenses = self._licenses.version_of(hit.stem, number(match.group(1))) if match else ()
        if match is None or len(licenses) != 1:
            return hit
        start, end = window + match.start(), hit.mention.end
        return replace(hit, mention=self._of_license(start, end, text[start:end], licenses[0]))

    def _of_license(self, start: int, end: int, written: str, id: str) -> Mention:
        return Mention(start, end, written, "license", self._catalog.licenses[id].title, (id,))

    def _continued(self, text: str, read: Sequence[Token], hits: Sequence[_Hit]) -> list[Mention]:
        """Return the versions that go on from a name: the '3.2' of 'Llama 3.1 and 3.2'."""
        found: list[Mention] = []
        for place, hit in enumerate(hits):
            limit = hits[place + 1].start if place + 1 < len(hits) else len(read)
            i, end = _next_figure(read, hit.end, limit), hit.mention.end
            while i < limit and _AND.fullmatch(text[end : read[i].start]):
                token = read[i]
                dotted = "." in text[token.start : token.end]
                mention = (
                    self._version(text, token, hit) if dotted or text[token.end : token.end + 1] in ",.?);:" else None
                )
                if mention is None:
                    break
                found.append(mention)
                i, end = _next_figure(read, i + 1, limit), token.end
        return found

    def _version(self, text: str, token: Token, hit: _Hit) -> Mention | None:
        written = text[token.start : token.end]
        licenses = self._licenses.version_of(hit.stem, token.text)
        if len(licenses) == 1:
            return self._of_license(token.start, token.end, written, licenses[0])
        resolved = self._models.version_of(hit.series, token.text) if hit.series else None
        return self._resolved(token.start, token.end, written, resolved) if resolved else None

    def _misspelled(self, text: str, read: Sequence[Token], hits: Sequence[_Hit]) -> list[_Hit]:
        """Return the names that appear once typing errors are mended."""
        taken = {i for hit in hits for i in range(hit.start, hit.end)}
        mended, scores = self._speller.mend(text, read, taken)
        found: list[_Hit] = []
        free = 0
        for i in sorted({j for k in scores for j in range(max(0, k - 2), k + 1)}):
            hit = self._at(text, mended, i) if i >= free and i not in taken else None
            span = range(i, hit.end) if hit else range(0)
            slips = [k for k in span if k in scores]
            if hit is None or not slips or hit.mention.kind == "unknown" or not taken.isdisjoint(span):
                continue
            if self._speller.sure(text, mended, span, slips):
                score = min(hit.mention.score, *(scores[k] for k in slips))
                found.append(replace(hit, mention=replace(hit.mention, score=score)))
                free = hit.end
        return found


def _next_figure(read: Sequence[Token], i: int, limit: int) -> int:
    """Return the first number after at most two words such as 'and', or `limit`."""
    return next((j for j in range(i, min(i + 3, limit)) if read[j].kind == "number"), limit)


def _closed(text: str, start: int, end: int) -> int:
    """Return the end of a name with the bracket that closes one opened in it ('FLUX.1 [dev]')."""
    for opening, closing in ("()", "[]"):
        if text.count(opening, start, end) > text.count(closing, start, end) and text[end : end + 1] == closing:
            return end + 1
    return end


def _family_licenses(catalog: Catalog, rows: Rows) -> dict[str, tuple[str, ...]]:
    """Return the licenses of each family of models: the catalog's in version order, then others that its models have."""
    found: dict[str, tuple[str, ...]] = {}
    for name in {series.family for series in rows.series.values()}:
        family = catalog.families.get(name)
        ids = [id for id in family.members if catalog.licenses[id].belongs_to is None] if family else []
        ids += [id for row in rows.models.values() if row.family == name for id in row.licenses]
        found[name] = tuple(dict.fromkeys(ids))
    return found
