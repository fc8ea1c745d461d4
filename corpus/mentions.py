"""Finds the names of licenses, models and families in free text: longest first, in order, never two on the same characters."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from corpus.catalog import Catalog
from corpus.license_names import LicenseFound, LicenseNames
from corpus.model_names import Found, ModelNames
from corpus.model_rows import Model, Rows
from corpus.names import Token, Words, forms, tokens

MentionKind = Literal["model", "license", "family", "unknown"]

_HUB_ID = re.compile(r"(?<![\w/.@-])([A-Za-z0-9][\w.-]*)/(?=[A-Za-z0-9])")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n])[\s\"'“‘(\[*#>-]*$")
_AND = re.compile(r"[\s,]*(?:and|or|vs\.?|versus|to|/|,|&)[\s]*(?:and|or)?[\s]*v?", re.IGNORECASE)
_BEFORE = re.compile(r"\bv(?:ersion)?\s?([0-9]+(?:\.[0-9]+)*)\s+of\s+(?:the\s+)?$", re.IGNORECASE)
_LICENSE_WORD = re.compile(
    r"((?:[A-Z][\w.+&-]*\s+){1,4})(?:License|Licence)\b(?:\s+(?:[vV](?:ersion\s+)?)?[0-9]+(?:\.[0-9]+)*)?"
)
_MODEL_WORD = re.compile(r"(?<![\w/.-])[A-Z][\w.]*(?:-[\w.]+)*-[0-9]+(?:\.[0-9]+)?[bB]\b(?:-[\w.]+)*")
_FUZZY_MOST = 48  # words of a text that are compared with all names; the rest must be spelled right
_THIRD_PARTY = 0.9
_GUESS = 0.5


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, `text[start:end]`, and what it leads to.

    `model`: one model (`model` is its id; `licenses` are empty where its license is not on file). `license`: one license or policy of
    the catalog. `family`: several licenses between which the name does not decide, in version order. `unknown`: it looks like a name, but
    nothing of that name and version is known. `near` holds ids of models or licenses that may be meant. `score` is 1.0 for a name
    as listed, 0.9 for someone else's model made from a listed one, less for a typing error, 0.5 for a mere likeness of a name.
    """

    start: int
    end: int
    text: str
    kind: MentionKind
    name: str
    licenses: tuple[str, ...] = ()
    model: str | None = None
    near: tuple[str, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class _Hit:
    """A name in a run of tokens, before it becomes a mention; `stem` lets 'and 3.2' be read after it."""

    start: int
    end: int
    mention: Mention
    series: str | None = None
    stem: tuple[str, ...] = ()


class Finder:
    """Looks for all names of the catalog and of the file of models."""

    def __init__(self, catalog: Catalog, rows: Rows, words: Words) -> None:
        self._catalog, self._rows, self._words = catalog, rows, words
        self._models = ModelNames(rows, words)
        self._licenses = LicenseNames(catalog, rows.phrases, words)
        self._orgs = frozenset(org.lower() for series in rows.series.values() for org in series.orgs)
        known = {text for start in self._models.starts for text in start.forms}
        known |= {text for sequence in self._licenses.sequences for text in sequence}
        self._known = frozenset(known)
        self._spelled = sorted(text for text in known if len(text) > 3 and text.isalpha() and text not in words.generic)
        self._families = _family_licenses(catalog, rows)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return all mentions of `text` in order."""
        read = tokens(text, self._words)
        hits = self._scan(text, read, taken=())
        hits += self._scan_fuzzy(text, read, hits)
        hits.sort(key=lambda hit: hit.start)
        mentions = [hit.mention for hit in hits]
        mentions += self._continued(text, read, hits)
        mentions += _guessed(text, mentions, self._words, self.nearest)
        return tuple(sorted(mentions, key=lambda mention: mention.start))

    def nearest(self, name: str, n: int = 3) -> tuple[str, ...]:
        """Return the ids of the models and licenses whose names are most like `name`."""
        choices = self._choices()
        ranked = process.extract(" ".join(forms(name, self._words)), choices, scorer=fuzz.token_sort_ratio, limit=4 * n)
        return tuple(dict.fromkeys(self._owners[position] for _, _, position in ranked))[:n]

    def _choices(self) -> Sequence[str]:
        if not hasattr(self, "_owners"):
            pairs = [
                (name, model.id) for model in self._rows.models.values() for name in (model.name, *model.aliases[:3])
            ]
            for entry in self._catalog.licenses.values():
                pairs += [(name, entry.id) for name in (entry.title, entry.id, entry.spdx) if name]
            self._owners = tuple(owner for _, owner in pairs)
            self._named = tuple(" ".join(forms(name, self._words)) for name, _ in pairs)
        return self._named

    def _scan(self, text: str, read: Sequence[Token], taken: Iterable[tuple[int, int]]) -> list[_Hit]:
        orgs = self._hub_ids(text, read)
        hits: list[_Hit] = []
        i = 0
        while i < len(read):
            if i in orgs:
                hit = self._at(text, read, orgs[i])
                if hit is not None:
                    hits.append(self._with_org(text, read, i, hit))
                    i = hit.end
                    continue
            hit = self._at(text, read, i)
            if hit is None:
                i += 1
                continue
            hits.append(self._looked_back(text, read, hit, hits))
            i = hit.end
        return hits

    def _at(self, text: str, read: Sequence[Token], i: int) -> _Hit | None:
        """Return the longest name that starts at token `i`; a model goes before a license of the same length."""
        model = self._models.at(read, i)
        if model is not None and not self._stands_out(text, read, model):
            model = None
        license = self._licenses.at(text, read, i)
        if license is not None and (model is None or license.end > model.end):
            return self._license_hit(text, read, license)
        return self._model_hit(text, read, model) if model is not None else None

    def _stands_out(self, text: str, read: Sequence[Token], found: Found) -> bool:
        """Return False if the name is an ordinary word here ('the bloom of spring', 'whisper it')."""
        sequence = found.begin.forms
        if not all(word in self._words.ordinary for word in sequence):
            return True
        if not found.qualifiers.empty and found.resolved.models and found.end > found.start + len(sequence):
            return True
        first, last = read[found.start], read[found.start + len(sequence) - 1]
        word = text[first.start : last.end]
        if not word[0].isupper():
            return False
        if word.isupper() and len(word) > 3:
            return True
        following = read[found.end].text if found.end < len(read) and read[found.end].joined else ""
        return (
            following in self._words.context
            or _SENTENCE_START.search(text[max(0, first.start - 8) : first.start]) is None
        )

    def _model_hit(self, text: str, read: Sequence[Token], found: Found) -> _Hit:
        start, end = read[found.start].start, read[found.end - 1].end
        written = text[start:end]
        series, resolved = found.begin.group.series, found.resolved
        if not resolved.models:
            near = _most_like(written, resolved.near)
            mention = Mention(start, end, written, "unknown", written, near=near)
        elif len(resolved.models) == 1:
            mention = _of_model(start, end, written, resolved.models[0], resolved.score)
        elif found.qualifiers.empty:
            near = tuple(row.id for row in self._rows.models.values() if row.family == series.family)
            mention = Mention(start, end, written, "family", series.title, self._families[series.family], near=near)
        else:
            licenses = tuple(dict.fromkeys(id for row in resolved.models for id in row.licenses))
            near = tuple(row.id for row in resolved.models)
            mention = Mention(start, end, written, "family", written, licenses, near=near)
        return _Hit(found.start, found.end, mention, series=series.name)

    def _license_hit(self, text: str, read: Sequence[Token], found: LicenseFound) -> _Hit:
        start, end = read[found.start].start, read[found.end - 1].end
        written = text[start:end]
        if not found.licenses:
            mention = Mention(start, end, written, "unknown", written, near=found.near)
        elif len(found.licenses) == 1:
            title = self._catalog.licenses[found.licenses[0]].title
            mention = Mention(start, end, written, "license", title, found.licenses)
        else:
            mention = Mention(start, end, written, "family", found.title or written, found.licenses)
        return _Hit(found.start, found.end, mention, stem=found.stem)

    def _hub_ids(self, text: str, read: Sequence[Token]) -> dict[int, int]:
        """Return, for each token at which an id such as `meta-llama/Llama-3.1-8B` starts, the token at which its name starts."""
        starts = [token.start for token in read]
        found: dict[int, int] = {}
        for match in _HUB_ID.finditer(text):
            first, name = bisect_left(starts, match.start()), bisect_left(starts, match.end())
            if first >= name or name >= len(read) or read[first].start != match.start():
                continue
            whole = self._at(text, read, first)
            org = match.group(1).lower()
            if org in self._orgs or whole is None or (whole.end < name and "-" in text[match.end() : match.end() + 40]):
                found[first] = name
        return found

    def _with_org(self, text: str, read: Sequence[Token], i: int, hit: _Hit) -> _Hit:
        mention = hit.mention
        org = text[read[i].start : mention.start].rstrip("/").lower()
        score = mention.score if org in self._orgs else min(mention.score, _THIRD_PARTY)
        start = read[i].start
        return replace(hit, start=i, mention=replace(mention, start=start, text=text[start : mention.end], score=score))

    def _looked_back(self, text: str, read: Sequence[Token], hit: _Hit, hits: Sequence[_Hit]) -> _Hit:
        """Return the hit with a size ('the 7B Llama 2') or version ('version 3 of the GPL') that stands before it."""
        free = hits[-1].end if hits else 0
        mention = hit.mention
        if (
            hit.series is not None
            and hit.start > free
            and read[hit.start].joined
            and read[hit.start - 1].kind == "size"
        ):
            found = self._models.at(read, hit.start)
            sized = self._models.with_size(found, read[hit.start - 1].text) if found else None
            if sized is not None:
                hit = self._model_hit(text, read, sized)
                start = read[hit.start - 1].start
                wider = replace(hit.mention, start=start, text=text[start : hit.mention.end])
                return replace(hit, start=hit.start - 1, mention=wider)
        before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start]) if mention.kind == "family" else None
        if before is not None and hit.stem:
            licenses = self._licenses.version_of(hit.stem, before.group(1).removesuffix(".0"))
            start = max(0, mention.start - 40) + before.start()
            if len(licenses) == 1 and (not hits or hits[-1].mention.end <= start):
                title = self._catalog.licenses[licenses[0]].title
                wider = Mention(start, mention.end, text[start : mention.end], "license", title, licenses)
                return replace(hit, mention=wider)
        return hit

    def _continued(self, text: str, read: Sequence[Token], hits: Sequence[_Hit]) -> list[Mention]:
        """Return the versions that go on from a name: the '3.2' of 'Llama 3.1 and 3.2'."""
        found: list[Mention] = []
        for hit, following in zip(hits, [*hits[1:], None][: len(hits)], strict=True):
            i, end = hit.end, hit.mention.end
            while i < len(read) and (following is None or i < following.start):
                token = read[i]
                if token.kind != "number" or _AND.fullmatch(text[end : token.start]) is None:
                    break
                after = text[token.end : token.end + 1]
                if "." not in text[token.start : token.end] and after not in ("", ".", ",", "?", ")", ";", ":"):
                    break
                mention = self._version(text, token, hit)
                if mention is None:
                    break
                found.append(mention)
                i, end = i + 1, token.end
        return found

    def _version(self, text: str, token: Token, hit: _Hit) -> Mention | None:
        written = text[token.start : token.end]
        if hit.stem:
            licenses = self._licenses.version_of(hit.stem, token.text)
            if len(licenses) == 1:
                title = self._catalog.licenses[licenses[0]].title
                return Mention(token.start, token.end, written, "license", title, licenses)
        if hit.series is None:
            return None
        resolved = self._models.version_of(hit.series, token.text)
        if resolved is None:
            return None
        if len(resolved.models) == 1:
            return _of_model(token.start, token.end, written, resolved.models[0])
        licenses = tuple(dict.fromkeys(id for row in resolved.models for id in row.licenses))
        near = tuple(row.id for row in resolved.models)
        return Mention(token.start, token.end, written, "family", written, licenses, near=near)

    def _scan_fuzzy(self, text: str, read: Sequence[Token], hits: Sequence[_Hit]) -> list[_Hit]:
        """Return the names that appear once typing errors are mended."""
        mended = list(read)
        scores: dict[int, float] = {}
        covered = {i for hit in hits for i in range(hit.start, hit.end)}
        for i, token in enumerate(read):
            if i in covered or len(scores) >= _FUZZY_MOST or not self._may_be_typo(text, read, i):
                continue
            right = self._mend(token.text)
            if right is not None:
                scores[i] = round(1 - OSA.normalized_distance(token.text, right), 2)
                mended[i] = replace(token, text=right)
        found: list[_Hit] = []
        last = 0
        for i in sorted({j for k in scores for j in (k - 2, k - 1, k) if j >= 0}):
            if i < last or i in covered:
                continue
            hit = self._at(text, mended, i)
            inside = [k for k in range(i, hit.end) if k in scores] if hit else []
            if hit is None or not inside or hit.mention.kind == "unknown" or covered & set(range(i, hit.end)):
                continue
            if self._sure(text, mended, hit, inside):
                score = min(hit.mention.score, *(scores[k] for k in inside))
                found.append(replace(hit, mention=replace(hit.mention, score=score)))
                last = hit.end
        return found

    def _may_be_typo(self, text: str, read: Sequence[Token], i: int) -> bool:
        token = read[i]
        if (
            token.kind != "word"
            or len(token.text) < 4
            or token.text in self._known
            or token.text in self._words.not_typos
        ):
            return False
        following = read[i + 1] if i + 1 < len(read) and read[i + 1].joined else None
        beside = following is not None and (
            following.kind in ("number", "size", "mark") or following.text in self._known
        )
        return text[token.start].isupper() or beside or (token.joined and read[i - 1].text in self._known)

    def _mend(self, word: str) -> str | None:
        """Return the one known word that `word` is most likely meant to be: one slip away, two in a long word."""
        most = 2 if len(word) > 7 else 1
        near = [text for text in self._spelled if text[0] == word[0] and abs(len(text) - len(word)) <= most]
        best = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=most)
        return best[0] if best else None

    def _sure(self, text: str, read: Sequence[Token], hit: _Hit, inside: Sequence[int]) -> bool:
        """Return True if enough of the name is spelled right, or the word is too particular to be anything else."""
        rest = [read[k] for k in range(hit.start, hit.end) if k not in inside]
        if any(token.kind in ("number", "size", "mark") for token in rest):
            return True
        if rest and sum(len(token.text) for token in rest) > 5:
            return True
        word = read[inside[0]]
        return len(word.text) > 5 and text[word.start].isupper() and word.text not in self._words.ordinary


def _family_licenses(catalog: Catalog, rows: Rows) -> dict[str, tuple[str, ...]]:
    """Return all licenses of each family of models: the catalog's in version order, then others that its models have."""
    found: dict[str, tuple[str, ...]] = {}
    for name in {series.family for series in rows.series.values()}:
        family = catalog.families.get(name)
        ids = [id for id in family.members if catalog.licenses[id].belongs_to is None] if family else []
        ids += [id for row in rows.models.values() if row.family == name for id in row.licenses]
        found[name] = tuple(dict.fromkeys(ids))
    return found


def _of_model(start: int, end: int, written: str, model: Model, score: float = 1.0) -> Mention:
    return Mention(start, end, written, "model", model.name, model.licenses, model.id, model.near, score)


def _most_like(written: str, models: Sequence[Model], n: int = 3) -> tuple[str, ...]:
    ranked = process.extract(written.lower(), [model.name.lower() for model in models], scorer=fuzz.ratio, limit=n)
    return tuple(models[position].id for _, _, position in ranked)


def _guessed(text: str, mentions: Sequence[Mention], words: Words, nearest: object) -> list[Mention]:
    """Return what looks like the name of a license or model, but is none that is known."""
    found: list[Mention] = []
    for match in (*_LICENSE_WORD.finditer(text), *_MODEL_WORD.finditer(text)):
        start, end = match.span()
        if match.re is _LICENSE_WORD:
            parts = match.group(1).split()
            while parts and parts[0].lower() in words.generic:
                start += len(parts[0])
                start += len(text[start:]) - len(text[start:].lstrip())
                parts = parts[1:]
            if not parts:
                continue
        if any(mention.start < end and start < mention.end for mention in (*mentions, *found)):
            continue
        written = text[start:end]
        found.append(Mention(start, end, written, "unknown", written, near=nearest(written), score=_GUESS))  # type: ignore[operator]
    return found
