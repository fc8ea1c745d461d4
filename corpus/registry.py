"""The registry: which license a model has, and which licenses and models a text speaks of."""

import re
from functools import cache, cached_property
from pathlib import Path

from corpus import catalog as catalogs
from corpus import names
from corpus.catalog import Catalog
from corpus.errors import DataError
from corpus.mention import Mention
from corpus.mentions import Finder
from corpus.model_rows import Conflict, Model, Rows, parse

__all__ = ["Conflict", "Mention", "Model", "Registry", "load"]

_PATH = Path(__file__).parent / "data" / "models.toml"


class Registry:
    """The models, and the names of models and licenses."""

    def __init__(self, catalog: Catalog, rows: Rows, words: names.Words) -> None:
        self._catalog, self._rows, self._words = catalog, rows, words

    @property
    def models(self) -> tuple[Model, ...]:
        """Return all models in the order of the file."""
        return tuple(self._rows.models.values())

    def model(self, id: str) -> Model | None:
        """Return the model of that id, or None."""
        return self._rows.models.get(id)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the licenses, models and families that `text` names, in order, never two on the same characters."""
        return self._finder.find(text)

    @cached_property
    def makers(self) -> frozenset[str]:
        """Return the words of the names of licensors and makers of models, in small letters; ordinary words are among them."""
        licensors = (license.licensor or "" for license in self._catalog.licenses.values())
        words = {word for name in licensors for word in re.findall(r"[a-z]{4,}", name.lower())}
        accounts = {org.lower().split("-")[0] for series in self._rows.series.values() for org in series.orgs}
        return frozenset(words | accounts | {account.removesuffix("ai") for account in accounts if len(account) > 5})

    def nearest(self, name: str, n: int = 3) -> tuple[str, ...]:
        """Return the names of the models and licenses most like `name`, for error messages."""
        return tuple(dict.fromkeys(self.title(id) for id in self._finder.nearest.ids(name, n)))

    def title(self, id: str) -> str:
        """Return the name of a model or license, or the id itself if it is neither."""
        model = self.model(id)
        license = self._catalog.get(id)
        return model.name if model else license.title if license else id

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._catalog, self._rows, self._words)


@cache
def load() -> Registry:
    """Return the registry of the catalog and the models file that come with the package.

    Raise DataError if a file does not hold what it must.
    """
    catalog = catalogs.load()
    try:
        text = _PATH.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the models file cannot be read: {error}; install the package again") from error
    return Registry(catalog, parse(text, catalog.licenses), names.load())
