"""The terms that a text defines, and where it uses them.

A definition is a sentence that begins with the term and says what it means, one that names what went before ("is called a ..."), or a
term in quotation marks in brackets. What is shown of it are the text's own words; nothing is paraphrased.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus.sentences import sentences
from corpus.types import Clause, Span

_PRONOUNS = frozenset(("you", "your", "we", "us", "our"))
_NO_TERM = re.compile(r"(it|they|which|what|there|as is)\b|(this|that|such|these|those)\Z", re.IGNORECASE)
_THE = re.compile(r"\A(the|an?|to)\s+", re.IGNORECASE)
_SHORT = 3
_WORD = re.compile(r"\w+")

_NAME = r"[^\W_][^“”\"„«»;:!?()]{0,59}?"
_QUOTED = rf"[*_]{{0,2}}[“\"„«][*_]{{0,2}}({_NAME})[*_,.]{{0,2}}[”\"“»][*_]{{0,2}}"
_CAPITALS = r"[A-Z][\w’'-]*(?:\s+(?:of|and|the|to|for|or|[A-Z][\w’'-]*)){0,5}"
# The lengths are bounded, here and below, so that no text costs more than one pass.
_MARKER = (
    r"[\s*#_>]*(?:[-•–]\s{1,8})?"
    r"(?:\(?(?:\d{1,3}(?:\.\w{1,3}){0,6}|\w{1,3})[.)]\s{0,20}|\d{1,3}(?:\.\d{1,3}){0,6}\s{1,20}){0,2}[*_]{0,2}"
)
# "For the purposes of this definition" makes a term for one sentence only: it is none of the text's.
_FRAME = (
    r"(?:(?:As used|In this|For (?:the )?purposes? of(?! this (?:definition|sentence|paragraph|clause|section))|When used)"
    r"[^“”\".;]{0,80},\s+)?(?:The (?:terms?|words?|expressions?)\s+)?"
)
_ARTICLE = r"(?:(?:An?|The|To|Each|Any|the|an?)\s+(?:[\w]+[’']s\s+)?)?"
_MORE = rf"(?:\s*,?\s*\(?(?:or|and|also|each an?|,)?\s*{_QUOTED}\)?){{0,3}}"
_MEANS = r"(?:means?|shall mean|will mean|refers? to|shall refer to|is defined|are defined|(?:has|have|shall have|will have) the meanings?)\b"
_STATED = re.compile(
    rf"{_MARKER}{_FRAME}{_ARTICLE}{_QUOTED}(?!\s+such\b){_MORE}"
    rf"(?:[^.;:“”\"]{{0,80}}?\b(?:also\s+)?{_MEANS}|\s+(?:[\w ]{{0,30}}\s)?(?:is|are|includes?)\b|\s*[:–—]\s|\s+-\s)",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"{_MARKER}({_CAPITALS})\s+(?:means|shall mean)\b")
_CALLED = re.compile(
    rf"\b(?:called|known as|referred to as|addressed as)\s+(?:an?\s+|the\s+)?(?:\w+[’']s\s+)?{_QUOTED}"
)
_BRACKETED = re.compile(
    rf"\(\s*(?:(?:the|this|an?|each|as|any|all|such|or|and|our|collectively|together|individually|hereinafter|hereafter"
    rf"|referred to as|also|its)\s*,?\s*){{0,6}}{_QUOTED}(?:\s*(?:,|or|and|/)?\s*(?:the\s+|an?\s+|collectively,?\s+){{0,2}}{_QUOTED}){{0,3}}[^()“”\"]{{0,40}}\)"
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A term, the path of the clause that defines it, and the words of the text that do."""

    name: str
    clause: str
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a clause uses a defined term."""

    span: Span
    definition: Definition


@dataclass(frozen=True)
class Glossary:
    """The terms that one text defines, in the order in which they stand in it."""

    text: str
    definitions: tuple[Definition, ...]

    def uses(self, clause: Clause) -> tuple[Use, ...]:
        """Return where a clause first uses each term that is defined elsewhere, in text order."""
        found: dict[Definition, Use] = {}
        end = clause.span.start
        for word in _WORD.finditer(self.text, clause.span.start, clause.span.end):
            for pattern, definition in self._by_word.get(word[0].casefold(), ()):
                match = pattern.match(self.text, word.start(), clause.span.end) if word.start() >= end else None
                if match:
                    end = match.end()
                    if definition.clause != clause.path:
                        found.setdefault(definition, Use(Span(*match.span()), definition))
                    break
        return tuple(found.values())

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[tuple[re.Pattern[str], Definition]]]:
        """Return the patterns of the terms by the words that they may begin with, longest term first."""
        found: dict[str, list[tuple[re.Pattern[str], Definition]]] = {}
        for definition in sorted(self.definitions, key=lambda each: len(each.name), reverse=True):
            pattern = re.compile(rf"(?:{'|'.join(_forms(definition.name))})(?!\w)")
            first = _WORD.match(definition.name)
            word = first[0].casefold() if first else ""
            for form in {word, f"{word}s", f"{word}es", word.removesuffix("s")}:
                found.setdefault(form, []).append((pattern, definition))
        return found


def glossary(text: str, clauses: Sequence[Clause]) -> Glossary:
    """Return the terms that a text defines; of two definitions of a term the more express one counts, then the earlier."""
    found: dict[str, tuple[int, Definition]] = {}
    for clause in clauses:
        for rank, definition in _in_clause(text, clause):
            known = found.get(_folded(definition.name))
            if known is None or rank < known[0]:
                found[_folded(definition.name)] = rank, definition
    ordered = sorted((definition for _, definition in found.values()), key=lambda each: (each.span.start, each.name))
    return Glossary(text, tuple(ordered))


def _in_clause(text: str, clause: Clause) -> Iterator[tuple[int, Definition]]:
    for number, sentence in enumerate(sentences(text, clause.span)):
        words = sentence.of(text)
        for rank, names in _named(words):
            # A clause that begins with its term is about that term, its items included.
            whole = Span(sentence.start, clause.extent.end) if number == 0 and rank == 0 else sentence
            span = Span(whole.start, whole.start + len(whole.of(text).rstrip()))
            yield from ((rank, Definition(name, clause.path, span)) for name in names)


def _named(sentence: str) -> Iterator[tuple[int, Iterable[str]]]:
    """Yield the names that a sentence defines, with how express it is (0 most)."""
    stated = _STATED.match(sentence) or _PLAIN.match(sentence)
    if stated:
        yield 0, _names(stated)
    for rank, pattern in ((1, _CALLED), (2, _BRACKETED)):
        for match in pattern.finditer(sentence):
            yield rank, [name for name in _names(match) if rank == 1 or name[0].isupper() or name in _PRONOUNS]


def _names(match: re.Match[str]) -> list[str]:
    names = (_THE.sub("", " ".join(group.split()).strip("*_ ,.")) for group in match.groups() if group)
    return [name for name in names if len(name) > 1 and not _NO_TERM.match(name)]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _forms(name: str) -> Iterator[str]:
    """Yield patterns for a term as it may stand in the text: in one or several, at a sentence's start, in capitals."""
    words = name.split()
    spellings = {name, name[0].upper() + name[1:]}
    if len(name) > _SHORT:
        spellings.add(name.upper())
    for spelling in spellings:
        parts = [re.escape(word) for word in spelling.split()]
        last = words[-1]
        plural = "S|ES" if spelling.isupper() and len(name) > _SHORT else "s|es"
        if len(last) > _SHORT and last[-1:] in "sS" and last[-2:] not in ("ss", "SS"):
            parts[-1] = f"{parts[-1][:-1]}(?:{parts[-1][-1]})?"
        else:
            parts[-1] += f"(?:{plural})?"
        yield r"\s+".join(parts)
