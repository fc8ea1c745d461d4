"""The names of models and licenses that are most like one that is not known."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from rapidfuzz import fuzz, process

from corpus.catalog import Catalog
from corpus.model_rows import Model, Rows
from corpus.names import Words, forms


class Nearest:
    """Looks through all names of the catalog and of the models file."""

    def __init__(self, catalog: Catalog, rows: Rows, words: Words) -> None:
        self._catalog, self._rows, self._words = catalog, rows, words

    @cached_property
    def _named(self) -> tuple[tuple[str, str], ...]:
        return tuple(_names(self._catalog, self._rows, self._words))

    def ids(self, name: str, n: int = 3) -> tuple[str, ...]:
        """Return the ids of the models and licenses whose names are most like `name`."""
        wanted = " ".join(forms(name, self._words))
        ranked = process.extract(wanted, [name for name, _ in self._named], scorer=fuzz.token_sort_ratio, limit=4 * n)
        return tuple(dict.fromkeys(self._named[place][1] for _, _, place in ranked))[:n]


def models_like(written: str, models: Sequence[Model], n: int = 3) -> tuple[str, ...]:
    """Return the ids of those of some models whose names are most like what was written."""
    ranked = process.extract(written.lower(), [model.name.lower() for model in models], scorer=fuzz.ratio, limit=n)
    return tuple(models[place].id for _, _, place in ranked)


def _names(catalog: Catalog, rows: Rows, words: Words) -> Iterator[tuple[str, str]]:
    """Yield the names of models and licenses in normal form with their ids."""
    for model in rows.models.values():
        yield from ((" ".join(forms(name, words)), model.id) for name in (model.name, *model.aliases[:2]))
    for entry in catalog.licenses.values():
        yield from ((" ".join(forms(name, words)), entry.id) for name in (entry.title, entry.id, entry.spdx) if name)
