"""The catalog of licenses as a page with filters, and the rights card of one: each right and duty with the clause behind it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from corpus.catalog import CLASSES
from corpus.errors import UnknownDocument
from corpus.types import Span
from rag.compose import phrases
from rag.question import Question
from ui import card, open_label
from ui.comparison_page import address as comparison_address
from ui.near import unknown
from ui.overview import APPROVED, FACETS, LIMITS, Filter, Overview, words
from ui.viewer import environment

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

_ACTS: Mapping[str, str] = phrases()["acts"]
# How the groups of words are put over the fields of the filter.
_GROUPS = {"permissions": "Allows", "conditions": "Asks for", "limitations": "Leaves out", "limits": "Restricts"}
_APPROVED = {"yes": "OSI approved", "no": "not OSI approved", "unknown": "approval not known"}


def card_address(id: str) -> str:
    """Return the path of a rights card."""
    return f"/licenses/{quote(id, safe='~')}"


def resolved(pipeline: "Pipeline", id: str) -> str:
    """Return the id of the text that an id, a former id or an alias names.

    Raise UnknownDocument, naming near ids, if there is none on file.
    """
    catalog, store = pipeline.catalog, pipeline.store
    try:
        return store.resolve(catalog.renamed.get(id, id))
    except UnknownDocument:
        missing = catalog.get(id)
        if missing is not None:
            raise UnknownDocument(f"the text of {missing.title} is not on file; clausewise sync fetches it") from None
        raise unknown("license", id, {*catalog.licenses, *store.documents}, "the list under Licenses") from None


def said(group: str, word: str) -> str:
    """Return a word of a group as a reader would say it."""
    spoken = _ACTS.get(word, word) if group == LIMITS else word
    spoken = spoken.replace("--", ", ").replace("-", " ") if spoken == word else spoken
    return spoken[0].lower() + spoken[1:]


def list_page(of: Overview, wanted: Filter) -> str:
    """Return the page that lists the licenses on file; those that are not asked for are hidden."""
    present = {word for row in of.rows for word in row.words}
    groups = [
        (title, [(f"{group}/{word}", said(group, word)) for word in FACETS[group] if f"{group}/{word}" in present])
        for group, title in _GROUPS.items()
    ]
    shown = {row.entry.id for row in of.rows if wanted.passes(row)}
    return (
        environment()
        .get_template("licenses.html")
        .render(
            rows=of.rows,
            shown=shown,
            wanted=wanted,
            groups=groups,
            of=of,
            classes=CLASSES,
            approvals=_APPROVED,
            approved=APPROVED,
            card_address=card_address,
            said=said,
        )
    )


def card_page(pipeline: "Pipeline", id: str) -> str:
    """Return the page of a rights card."""
    catalog, store = pipeline.catalog, pipeline.store
    shown = card.card(catalog, store, id)
    entry = catalog.get(id)
    limits = [("limits", words(catalog, store, id)[LIMITS])]
    models = [model for model in pipeline.registry.models if id in model.licenses]
    versions = [each for each in catalog.every() if each.predecessor == id or (entry and entry.predecessor == each.id)]
    return (
        environment()
        .get_template("license.html")
        .render(
            of=shown,
            openness=open_label.labelled(catalog, store, id, shown["tags"]),
            glance=[(_GROUPS[group], group, found) for group, found in [*shown["tags"].items(), *limits]],
            groups=list(card.grouped(shown)),
            notes=card.notes,
            said=said,
            titles={each: store.records[each].title for each in store.records},
            missing=pipeline.case(Question("", "classify"), id).external,
            models=models,
            versions=[each for each in versions if each.id in store.documents],
            approved=_APPROVED[APPROVED[shown["osi_approved"]]],
            card_address=card_address,
            comparison_address=comparison_address,
            span=Span,
        )
    )
