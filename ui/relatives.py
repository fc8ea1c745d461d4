"""The other documents that a reader of one needs: what is read together with it, and what it may be compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.catalog import Catalog
from corpus.records import Record
from corpus.types import Document


@dataclass(frozen=True, slots=True)
class Link:
    """Another document that a reader of this one needs; `why` says what it is to this one."""

    id: str
    title: str
    why: str


def links(document: Document, catalog: Catalog, records: Mapping[str, Record]) -> tuple[Link, ...]:
    """Return the texts on file that are read together with this one."""
    bundle = catalog.bundle(document.license or document.id)
    return tuple(Link(id, records[id].title, "read together") for id in bundle if id in records and id != document.id)


def versions(document: Document, catalog: Catalog, records: Mapping[str, Record]) -> tuple[Link, ...]:
    """Return the licenses on file that a reader may want to compare with this one: its versions, and others of its family."""
    known = catalog.get(document.id)
    if known is None or known.kind != "license":
        return ()
    families = [each for each in catalog.families.values() if not each.umbrella and known.id in each.members]
    found = {id: "" for each in families for id in each.members}
    found |= {known.predecessor: "earlier version"} if known.predecessor else {}
    found |= {each.id: "later version" for each in catalog.licenses.values() if each.predecessor == known.id}
    others = {
        id: why for id, why in found.items() if id in records and id != document.id and records[id].kind == "license"
    }
    return tuple(Link(id, records[id].title, why) for id, why in others.items())
