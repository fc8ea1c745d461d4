"""All licenses on file at one glance, and which of them a reader asks for: by class, approval, family, rights, duties and words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.catalog import CLASSES, Catalog, License
from corpus.curated import settled
from corpus.errors import InputError
from corpus.store import Store
from corpus.tags import WORDS, tags
from rag import freedoms

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

LIMITS = "limits"
# Words that say something of a license, by group: choosealicense's tags, and the acts by which a text limits a freedom.
FACETS: Mapping[str, tuple[str, ...]] = {**WORDS, LIMITS: freedoms.limiting_acts()}
APPROVED: Mapping[bool | None, str] = {True: "yes", False: "no", None: "unknown"}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One license on file: what the catalog knows of it, its words (`group/word`), and the policies it names that are not on file."""

    entry: License
    family: str
    words: frozenset[str]
    text: str
    missing: tuple[str, ...] = ()

    def of(self, group: str) -> tuple[str, ...]:
        """Return the words of a group that the license has."""
        return tuple(word for word in FACETS[group] if f"{group}/{word}" in self.words)


@dataclass(frozen=True, slots=True)
class Overview:
    """The licenses on file by title, the families that have several of them, and how many known texts are not on file."""

    rows: tuple[Row, ...]
    families: Mapping[str, str]
    missing: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asks for; empty fields ask for nothing. `words` say of a word whether it must be there."""

    q: str = ""
    class_: str = ""
    osi: str = ""
    family: str = ""
    words: Mapping[str, bool] = field(default_factory=dict)

    def passes(self, row: Row) -> bool:
        """Return True if a row is what is asked for."""
        return (
            all(word in row.text for word in self.q.casefold().split())
            and self.class_ in ("", row.entry.class_)
            and self.osi in ("", APPROVED[row.entry.osi_approved])
            and self.family in ("", row.family)
            and all((word in row.words) is wanted for word, wanted in self.words.items())
        )


def overview(pipeline: "Pipeline") -> Overview:
    """Return the overview of the store of a pipeline."""
    catalog, store = pipeline.catalog, pipeline.store
    families = _families(catalog)
    rows = []
    for entry in catalog.every():
        if entry.id in store.documents:
            family = families.get(entry.id, (entry.family, ""))[0]
            found = words(catalog, store, entry.id).items()
            said = frozenset(f"{group}/{word}" for group, mine in found for word in mine)
            rows.append(Row(entry, family, said, _text(entry), _missing(catalog, store, entry)))
    rows.sort(key=lambda row: row.entry.title.casefold())
    several = {name: title for name, title in families.values() if sum(row.family == name for row in rows) > 1}
    ordered = dict(sorted(several.items(), key=lambda item: item[1].casefold()))
    return Overview(tuple(rows), ordered, sum(entry.id not in store.documents for entry in catalog.every()))


def words(catalog: Catalog, store: Store, id: str) -> dict[str, tuple[str, ...]]:
    """Return the words of a text on file with the documents read with it, by group."""
    read = [each for each in catalog.read_with(id) if each in store.documents]
    terms = [term for each in read for term in settled(store.terms(each))]
    return {**tags(terms), LIMITS: freedoms.limits(terms)}


def _missing(catalog: Catalog, store: Store, entry: License) -> tuple[str, ...]:
    """Return the titles of the policies that a license takes in and whose text is not on file."""
    fetched = any(id in store.records and store.records[id].kind == "policy" for id in catalog.read_with(entry.id)[1:])
    return () if fetched else tuple(policy.title for policy in entry.external)


def _families(catalog: Catalog) -> dict[str, tuple[str, str]]:
    """Return name and title of the family of each license; umbrellas gather what has closer families."""
    return {
        member: (family.name, family.title)
        for family in catalog.families.values()
        if not family.umbrella
        for member in family.members
    }


def _text(entry: License) -> str:
    """Return what a search in words looks through."""
    names = (entry.title, entry.id, entry.spdx, entry.licensor, entry.version, entry.version_date, *entry.aliases)
    return " ".join(filter(None, names)).casefold()


def read_filter(given: Mapping[str, Iterable[str]], families: Mapping[str, str]) -> Filter:
    """Return the filter that the fields of a form or an address ask for; empty fields ask for nothing.

    Raise InputError, naming what can be asked for, for a field or a value that there is not.
    """
    known = {"class": CLASSES, "osi": tuple(APPROVED.values()), "family": tuple(families)}
    fields: dict[str, str] = {}
    asked: dict[str, bool] = {}
    for name, values in given.items():
        value = next((each.strip() for each in values if each.strip()), "")
        group, _, word = name.partition("/")
        if name != "q" and name not in known and word not in FACETS.get(group, ()):
            raise InputError(
                f"{name[:40]!r} is nothing to filter by; use q, class, osi, family or a word as {_example()}"
            )
        allowed = known.get(name) or (("with", "without") if word else ())
        if value and allowed and value not in allowed:
            shown = ", ".join(allowed) if len(allowed) < 12 else f"{', '.join(allowed[:8])}, ..."
            raise InputError(f"{name}: {value[:40]!r} is none of {shown}")
        if len(value) > _LONGEST:
            raise InputError(f"{name}: search with at most {_LONGEST} characters")
        if word and value:
            asked[name] = value == "with"
        elif value:
            fields["class_" if name == "class" else name] = value
    return Filter(**fields, words=asked)


def _example() -> str:
    group, known = next(iter(FACETS.items()))
    return f"{group}/{known[0]}=with"
