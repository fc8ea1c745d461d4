"""The refusal of a name that is not on file, with the names that are written nearly like it."""

from collections.abc import Iterable

from corpus.errors import UnknownDocument

_SHOWN = 3
_ALIKE = 60  # of 100: keeps a typing error and a wrong version, drops chance likeness


def unknown(what: str, id: str, known: Iterable[str], elsewhere: str) -> UnknownDocument:
    """Return the error for an unknown id; `elsewhere` says where all ids are listed."""
    from rapidfuzz import fuzz, process

    shown = id if len(id) <= 80 else id[:77] + "..."
    near = [
        name for name, _, _ in process.extract(id, list(known), scorer=fuzz.ratio, limit=_SHOWN, score_cutoff=_ALIKE)
    ]
    hint = f"near are {', '.join(near)}" if near else f"see {elsewhere}"
    return UnknownDocument(f"no {what} {shown!r} is on file; {hint}")
