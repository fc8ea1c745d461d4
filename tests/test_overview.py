"""All licenses on file at one glance: their words, and what a filter lets through."""

import pytest
from web_fakes import CATALOG, Replies

from corpus import catalog
from corpus.errors import InputError
from ui.overview import Filter, Overview, overview, read_filter


@pytest.fixture
def of() -> Overview:
    return overview(Replies())


def names(of: Overview, **fields: object) -> list[str]:
    return [row.entry.id for row in of.rows if Filter(**fields).passes(row)]


def test_the_catalogs_texts_on_file_are_there_by_title(of: Overview) -> None:
    assert [row.entry.id for row in of.rows] == ["acme-open-1", "acme-open-2", "acme-policy"]
    assert of.families == {"acme": "Acme licenses"}
    assert of.missing == 0


def test_what_is_named_and_not_on_file_is_told() -> None:
    pipeline = Replies()
    pipeline.catalog = catalog.parse(
        CATALOG.replace('bundle = ["acme-policy"]\n', "").replace('belongs_to = "acme-open-2"\n', "")
    )
    rows = {row.entry.id: row for row in overview(pipeline).rows}
    assert rows["acme-open-2"].missing == ("Brand rules",)
    # With a policy that is on file the reader has what the license speaks of.
    assert all(row.missing == () for row in overview(Replies()).rows)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"q": "OPEN beta"}, ["acme-open-2"]),
        ({"q": "acme & sons"}, ["acme-open-2"]),
        ({"q": "2020"}, ["acme-open-1"]),
        ({"class_": "open-source"}, []),
        ({"osi": "unknown", "q": "policy"}, ["acme-policy"]),
        ({"family": "acme", "words": {"permissions/commercial-use": True}}, ["acme-open-2", "acme-policy"]),
        ({"words": {"permissions/commercial-use": False}}, ["acme-open-1"]),
    ],
)
def test_a_filter_lets_through_what_is_asked_for(of: Overview, fields: dict[str, object], found: list[str]) -> None:
    assert names(of, **fields) == found


def test_fields_that_are_empty_ask_for_nothing(of: Overview) -> None:
    assert read_filter({"q": [" "], "class": [""], "limits/territory": [""]}, of.families) == Filter()
    read = read_filter({"q": ["x"], "class": ["data"], "limits/territory": ["without"]}, of.families)
    assert read == Filter(q="x", class_="data", words={"limits/territory": False})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"colour": "red"}, "'colour' is nothing to filter by; use q, class, osi, family"),
        ({"limits/colour": "with"}, "'limits/colour' is nothing to filter by"),
        ({"class": "free"}, "class: 'free' is none of open-source, open-weight"),
        ({"osi": "maybe"}, "osi: 'maybe' is none of yes, no, unknown"),
        ({"family": "x" * 500}, "family: 'x{40}' is none of acme"),
        ({"limits/territory": "often"}, "limits/territory: 'often' is none of with, without"),
        ({"q": "x" * 500}, "q: search with at most 200 characters"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line(of: Overview, given: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_filter({name: [value] for name, value in given.items()}, of.families)
