"""Facts as a form: which field a fact has, and what a reader typed into it, read once and checked."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from corpus.errors import InputError
from rag import facts, stack
from rag.types import Value
from ui.words import plain, words

# What a reader's company is, whatever the question: kept in the profile.
COMPANY = ("principal_place", "places", "users", "revenue")
_LONGEST = 200
_ANSWERS = {"yes": True, "no": False}
_NUMBERS = re.compile(r"\d[\d,._ ]*(\.\d+)? ?(k|thousand|mn|mio|m|million|bn|b|billion)?", re.IGNORECASE)


def field(key: str) -> dict[str, Any]:
    """Return the field of a fact as the form shows it: label, kind, hint and the values to choose from."""
    known = words()["fact"].get(key, {"label": plain(key).capitalize(), "kind": "shown"})
    made = {"key": key, "label": known["label"], "kind": known["kind"], "hint": known.get("hint", "")}
    options = {"choice": {name: name.capitalize() for name in _ANSWERS}, "way": words()["way"], "place": regions()}
    return made | {"options": [{"value": k, "label": v} for k, v in options.get(known["kind"], {}).items()]}


def regions() -> dict[str, str]:
    """Return the regions that texts speak of, by code."""
    return {code: names[0] for code, names in facts.places().names.items()}


def shown(key: str, value: Value) -> str:
    """Return a value as its field holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def told(key: str, value: Value) -> str:
    """Return a fact as a sentence says it: `monthly active users: 800,000,000`."""
    label, written = named(key, value)
    return f"{label[:1].lower()}{label[1:]}: {written}"


def named(key: str, value: Value) -> tuple[str, str]:
    """Return what a fact is called, and its value as a reader says it."""
    made, written = field(key), shown(key, value)
    return made["label"], next((each["label"] for each in made["options"] if each["value"] == written), written)


def silent(key: str, value: Value) -> bool:
    """Return True for a value that goes without saying."""
    known = words()["fact"].get(key, {})
    return bool(known.get("quiet") == shown(key, value))


def read(form: Mapping[str, str]) -> dict[str, Value]:
    """Return the facts of a form; fields left empty say nothing.

    Raise InputError, naming the field, for what cannot be read.
    """
    return dict(_read(form))


def _read(form: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for key, written in form.items():
        known = words()["fact"].get(key)
        if known is None:
            raise InputError(f"{key[:40]!r} is no fact that an answer depends on; leave it out")
        text = " ".join(written.split())
        if len(text) > _LONGEST:
            raise InputError(f"{known['label']}: at most {_LONGEST} characters")
        if text:
            yield key, _value(known, text)


def _value(known: Mapping[str, Any], text: str) -> Value:
    label, kind = known["label"], known["kind"]
    if kind == "number":
        return _number(label, text)
    if kind == "choice":
        if text.lower() not in _ANSWERS:
            raise InputError(f"{label}: answer yes or no")
        return _ANSWERS[text.lower()]
    if kind == "way":
        if text not in words()["way"]:
            raise InputError(f"{label}: choose one of {', '.join(words()['way'])}")
        return text
    if kind == "place":
        return _place(label, text)
    if kind == "places":
        return " ".join(dict.fromkeys(_place(label, each) for each in re.split(r"[\s,;]+", text) if each))
    return text


def _number(label: str, text: str) -> int:
    """Return an amount: `800000000`, `800,000,000` or `800 million`."""
    if not _NUMBERS.fullmatch(text):
        raise InputError(f"{label}: {text[:40]!r} is no amount; write for example 40,000,000 or 40 million")
    amount = facts.given(f"our revenue is ${re.sub(r'[_ ](?=[0-9])', '', text)}").get("revenue", -1)
    if not isinstance(amount, int) or not 0 <= amount < 10**15:
        raise InputError(f"{label}: {text[:40]!r} is no amount; write for example 40,000,000 or 40 million")
    return amount


def _place(label: str, text: str) -> str:
    code = stack.region(text)
    if code in regions():
        return code
    if re.fullmatch(r"[A-Z]{2}", code):
        return code  # a country of which no text on file speaks
    named = facts.places().region.get(text.lower())
    if named is None:
        raise InputError(f"{label}: {text[:40]!r} is no place known here; write a code as DE, EU or US")
    return named
