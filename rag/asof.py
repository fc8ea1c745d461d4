"""Dates: which version of a license a download of a certain day came under, as far as dates of the texts tell."""

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from corpus.catalog import Catalog
from corpus.registry import Mention

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
# What somebody did on a day that fixes the text he was under.
_GOT = r"\b(download|pull|fetch|clon|accept|got|receiv|obtain|agreed|install|grabb|licensed)\w*\b[^.?!;]{0,80}?"
_ISO = re.compile(_GOT + r"\b(?P<date>(?:19|20)\d\d-\d\d(?:-\d\d)?)\b", re.IGNORECASE)
_SPOKEN = re.compile(
    _GOT
    + r"\b(?:(?P<day>\d{1,2})(?:st|nd|rd|th)? (?:of )?)?(?P<month>[a-z]{3,9})\.?(?: (?P<day2>\d{1,2})(?:st|nd|rd|th)?,?)? (?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def stated(text: str) -> str | None:
    """Return the date on which the text says that something was downloaded or accepted, as ISO; a month counts to its end."""
    iso = _ISO.search(text)
    if iso:
        return iso.group("date") if len(iso.group("date")) > 7 else _end(*map(int, iso.group("date").split("-")))
    for m in _SPOKEN.finditer(text):
        month = _MONTHS.get(m.group("month").lower())
        day = m.group("day") or m.group("day2")
        if month and day is None:
            return _end(int(m.group("year")), month)
        if month and 1 <= int(day) <= calendar.monthrange(int(m.group("year")), month)[1]:
            return f"{m.group('year')}-{month:02d}-{int(day):02d}"
    return None


def _end(year: int, month: int) -> str | None:
    return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}" if 1 <= month <= 12 else None


def _begun(version_date: str | None, day: str) -> bool:
    """Return True if a version of that date, perhaps cut to a month or year, was out on the day."""
    return version_date is not None and version_date <= day[: len(version_date)]


def narrow(mention: Mention, day: str, catalog: Catalog) -> Mention:
    """Return a family's mention with the latest of its successive versions that was out on the day.

    A license of the family that is no version of the others (a later model put under Apache 2.0) stays once all versions are
    out. Unchanged if no version was out or a date is not known.
    """
    entries = [entry for id in mention.licenses if (entry := catalog.get(id)) is not None]
    before = {entry.predecessor for entry in entries}
    versions = [entry for entry in entries if entry.id in before or entry.predecessor in mention.licenses]
    out = [entry for entry in versions if _begun(entry.version_date, day)]
    if mention.kind != "family" or not out or not all(entry.version_date for entry in versions):
        return mention
    newest = max(entry.version_date or "" for entry in out)
    others = [entry.id for entry in entries if entry not in versions] if len(out) == len(versions) else []
    return replace(mention, licenses=(*(entry.id for entry in out if entry.version_date == newest), *others))


def notes(licenses: Iterable[str], day: str, catalog: Catalog) -> Iterator[str]:
    """Yield what the dates of the texts say of that day: a text that was not out yet, a later version, no date at all."""
    for id in licenses:
        entry = catalog.get(id)
        if entry is None:
            continue
        if entry.version_date is None:
            yield f"{entry.title} states no date, so that dates do not tell whether it bound a download of {day}"
        elif not _begun(entry.version_date, day):
            yield f"on {day} the text of {entry.title} was not out yet: it is dated {entry.version_date}"
        else:
            later = [
                other
                for other in catalog.licenses.values()
                if other.predecessor == entry.id and not _begun(other.version_date, day)
            ]
            after = f"; a later one is of {later[0].version_date}" if later and later[0].version_date else ""
            yield (
                f"read for {day}: {entry.title}{after}; whether a change of the terms reaches an earlier download is "
                "for the clause on changes, if the text has one"
            )
