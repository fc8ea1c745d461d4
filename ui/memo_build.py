"""From published answers to a memo: one question of a conversation, or all of them with one numbering of notes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from corpus.errors import DataError
from corpus.records import Record
from corpus.store import Store
from corpus.types import Span
from ui import memo_quotes, positions
from ui.fact_form import silent
from ui.memo import Beside, Condition, Line, Memo, Note, Part, Reason, Row, SignOff, Text, Verdict, shown
from ui.memo_quotes import Found
from ui.memo_told import assumptions, counsel, fact, judgment, made_of, open_fact, origin
from ui.viewer import address
from ui.words import bare_duty, basis, plain, said

Json = Mapping[str, Any]
_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
_KINDS = (("Given", "given"), ("Assumed", "assumed"))


@dataclass(frozen=True, slots=True)
class Given:
    """An answer in the published form with the positions beside it, when it was given (ISO 8601, empty for just now), and who has signed it off.

    `origin` says which texts and which program gave it, empty for just now.
    """

    answer: Json
    time: str = ""
    origin: tuple[str, ...] = ()
    signed: tuple[SignOff, ...] = ()


@dataclass(slots=True)
class _Notes:
    """The notes of a memo, numbered as they are first referred to; the same words are one note."""

    store: Store
    base_url: str
    notes: list[Note] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    texts: dict[tuple[str, str], Text] = field(default_factory=dict)
    _numbers: dict[tuple[str, str, int, int], int] = field(default_factory=dict)

    def number(self, citation: Json) -> int:
        """Return the number of a citation's note."""
        key = (str(citation["document"]), str(citation["sha256"]), int(citation["start"]), int(citation["end"]))
        if key not in self._numbers:
            self.found.append(memo_quotes.found(citation, self.store))
            self.notes.append(self._note(citation, len(self.notes) + 1))
            self._numbers[key] = len(self.notes)
            text = self._text(citation)
            self.texts.setdefault((text.id, text.sha256), text)
        return self._numbers[key]

    def new(self, citations: Iterable[Json]) -> Iterator[int]:
        """Yield the numbers of those citations that no sentence referred to, so that no quotation is lost."""
        before = len(self.notes)
        yield from (n for each in citations if (n := self.number(each)) > before)

    def _note(self, citation: Json, n: int) -> Note:
        clause, lead = str(citation["clause"]), citation["lead_in"]
        spot = f"section {clause}" if clause[:1].isdigit() else clause.replace("-", " ")
        page = f"page {citation['page']}" if citation["page"] else ""
        span = Span(int(citation["start"]), int(citation["end"]))
        return Note(
            n=n,
            title=shown(str(citation["title"])),
            version=shown(str(citation["version"] or "")),
            place=shown(", ".join(part for part in (spot, str(citation["heading"]), page) if part)),
            lead_in=shown(str(lead["quote"])) if lead else "",
            quote=shown(str(citation["quote"])),
            url=self.base_url + address(str(citation["document"]), clause, span),
        )

    def _text(self, citation: Json) -> Text:
        id, sha256 = str(citation["document"]), str(citation["sha256"])
        record = self.store.records.get(id)
        source = _source(record) if record is not None and record.origin.sha256 == sha256 else ""
        version = shown(str(citation["version"] or ""))
        return Text(
            shown(str(citation["title"])), shown(id), version, source, shown(sha256), self.base_url + address(id)
        )


def build(given: Sequence[Given], store: Store, base_url: str) -> Memo:
    """Return the memo of answers in the order in which they were given; `base_url` stands before the viewer's links.

    Raise DataError if an answer is not in the published form, or quotes words that its text does not hold.
    """
    notes = _Notes(store, base_url)
    try:
        parts = tuple(_part(each, notes) for each in given)
        answers = [each.answer for each in given]
        return Memo(
            made=datetime.now(UTC).date().isoformat(),
            warnings=memo_quotes.warnings(enumerate(notes.found, start=1)),
            parts=parts,
            assumptions=assumptions(answers),
            counsel=counsel(answers, lambda id: _title(id, store)),
            notes=tuple(notes.notes),
            texts=(*notes.texts.values(), *_others(answers, notes)),
            origin=made_of([each.origin for each in given], origin(store.manifest)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"the answer cannot be read ({type(error).__name__}: {error}); ask again") from error


def _part(given: Given, notes: _Notes) -> Part:
    answer = given.answer
    cited = {int(each["n"]): each for each in answer["citations"]}
    first, *rest = answer["statements"] or [{"text": answer["text"], "source": "inference", "citations": []}]
    word, rests = judgment(answer)
    return Part(
        question=shown(str(answer["question"])),
        read_as=shown(str(answer.get("rewritten") or "")),
        time=_moment(given.time),
        verdict=Verdict(shown(str(answer["verdict"])), word),
        basis=rests,
        answer=_line(first, cited, notes),
        facts=tuple(_facts(answer["facts"])),
        rows=tuple(_row(each, cited, notes) for each in answer["findings"]) if len(answer["findings"]) > 1 else (),
        reasons=tuple(Reason(_line(each, cited, notes), shown(str(each["source"]))) for each in rest),
        conditions=tuple(_condition(each, cited, notes) for each in answer["conditions"]),
        also=tuple(notes.new(cited.values())),
        coverage=_coverage(answer["coverage"], notes.store),
        engine=_engine(answer),
        remarks=tuple(shown(str(each)) for each in answer["problems"]),
        positions=tuple(_position(each, notes.base_url) for each in answer.get("positions", ())),
        signed=tuple(SignOff(shown(each.name), shown(each.date), shown(each.note)) for each in given.signed),
    )


def _position(row: Json, base_url: str) -> Beside:
    return Beside(shown(positions.sentence(row)), base_url + str(row["url"]))


def _moment(time: str) -> str:
    if not time:
        return ""
    given = datetime.fromisoformat(time).astimezone(UTC)
    return f"{given:%Y-%m-%d, %H:%M} UTC"


def _line(statement: Json, cited: Mapping[int, Json], notes: _Notes) -> Line:
    """Return a statement with its quotations left to the notes, and a note where each of its markers stood or at its end."""
    numbers = [int(n) for n in statement["citations"]]
    text = str(statement["text"])
    for n in numbers:
        text = _bare(text, cited[n])
    runs: list[str | int] = []
    at = 0
    for marker in _MARKER.finditer(text):
        if int(marker[1]) in numbers:
            runs += [text[at : marker.start()], notes.number(cited[int(marker[1])])]
            at = marker.end()
    runs.append(text[at:])
    runs += [number for n in numbers if (number := notes.number(cited[n])) not in runs]
    # A space at a seam is kept: a run is a piece of a sentence.
    return Line(tuple(run if isinstance(run, int) else _seam(run) for run in runs if run != ""))


def _seam(run: str) -> str:
    folded = shown(run)
    before = " " if run[:1].isspace() and folded else ""
    return before + folded + (" " if run[-1:].isspace() and folded else "")


def _bare(text: str, citation: Json) -> str:
    lead = citation["lead_in"]
    if lead:
        text = text.replace(f" (after “{_folded(lead['quote'])}”)", "")
    return text.replace(f": “{_folded(citation['quote'])}”", "")


def _folded(text: str) -> str:
    return " ".join(text.split())


def _row(finding: Json, cited: Mapping[int, Json], notes: _Notes) -> Row:
    return Row(
        document=shown(_title(str(finding["license"]), notes.store)),
        act=shown(f"{plain(finding['act'])}, {plain(finding['asset'])}"),
        verdict=Verdict(shown(str(finding["verdict"])), shown(said("verdict", finding["verdict"]))),
        basis=shown(basis(str(finding["verdict"]), str(finding["basis"]))),
        notes=tuple(notes.number(cited[int(n)]) for n in finding["citations"]),
    )


def _condition(duty: Json, cited: Mapping[int, Json], notes: _Notes) -> Condition:
    text, exact = bare_duty(str(duty["text"])), str(duty["exact"] or "")
    told = (
        ("who", plain(duty["who"])),
        ("when", f"on {plain(duty['trigger'])}" if duty["trigger"] else ""),
        ("otherwise", said("consequence", str(duty["strength"]))),
    )
    details = shown("; ".join(f"{label}: {words}" for label, words in told if words))
    numbers = (notes.number(cited[int(n)]) for n in duty["citations"])
    return Condition(Line((shown(text), *numbers)), shown(exact) if exact not in text else "", details)


def _facts(facts: Json) -> Iterator[tuple[str, str]]:
    for label, kind in _KINDS:
        yield from ((label, fact(key, value)) for key, value in facts[kind].items() if not silent(key, value))
    for missing in facts["missing"]:
        yield "Missing", open_fact(missing)


def _coverage(rows: Sequence[Json], store: Store) -> str:
    listed = (
        f"{row['clauses_considered']} of {row['of']} clauses of {_title(str(row['document']), store)}" for row in rows
    )
    return shown(f"Read: {'; '.join(listed)}." if rows else "")


def _engine(answer: Json) -> str:
    if answer["model"]:
        return shown(f"Written by {answer['model']}, each quotation checked; the rules read the texts first.")
    return "Written by the rules that read the texts; no language model took part."


def _title(id: str, store: Store) -> str:
    return shown(store.records[id].title if id in store.records else id)


def _others(answers: Iterable[Json], notes: _Notes) -> Iterator[Text]:
    """Yield the texts that were read and not quoted, as they are on file now."""
    quoted = {id for id, _ in notes.texts}
    read = dict.fromkeys(str(id) for answer in answers for id in answer["documents"])
    for id in read:
        if id not in quoted and id in notes.store.records:
            record = notes.store.records[id]
            url = notes.base_url + address(id)
            yield Text(shown(record.title), id, shown(record.version or ""), _source(record), record.origin.sha256, url)


def _source(record: Record) -> str:
    read = f", read on {record.origin.retrieved}" if record.origin.retrieved else ""
    return shown(f"{record.origin.source}{read}")
