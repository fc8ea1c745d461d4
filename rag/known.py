"""The known texts that a file is held against: all of the installed ScanCode package, and those that were fetched."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import catalog, pinned, scancode, sync
from corpus.types import Document
from rag import prints
from rag.identify import Match, identify
from rag.prints import Prints


@dataclass(frozen=True, slots=True)
class Known:
    """Fingerprints of the known texts; `fetched` are those of them that ScanCode lacks."""

    prints: Prints
    fetched: Mapping[str, Document]

    def document(self, key: str) -> Document:
        """Return a known text, described as the catalog does where it knows it.

        Raise UnknownDocument if there is none of that key.
        """
        found = self.fetched.get(key)
        return found if found is not None else catalog.load().describe(scancode.read(key))

    def text(self, key: str) -> str:
        """Return the text of a key.

        Raise UnknownDocument if there is none.
        """
        found = self.fetched.get(key)
        return found.text if found is not None else scancode.read(key).text

    def identify(self, text: str) -> tuple[Match, ...]:
        """Return the known licenses that a text is or holds, the best first."""
        return identify(text, self.prints, self.text)


def load(home: Path) -> Known:
    """Return the known texts of a data folder; their fingerprints are made once and kept there.

    Raise StoreError if the folder cannot be written.
    """
    mine = set(scancode.keys())
    fetched = {d.id: d for d in sync.documents(pinned.load(), home) if d.id not in mine}
    return Known(prints.load(home, {id: d.text for id, d in fetched.items()}), fetched)
