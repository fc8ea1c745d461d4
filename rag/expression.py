"""License expressions: what all of it binds, and where it leaves a choice (`MIT AND (GPL-2.0-only OR Apache-2.0)`)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from license_expression import ExpressionError, LicenseSymbol, LicenseWithExceptionSymbol, Licensing, get_spdx_licensing

from corpus.errors import InputError


@dataclass(frozen=True, slots=True)
class Parts:
    """Licenses or parts that bind together (`and`), or of which one is enough (`or`)."""

    how: Literal["and", "or"]
    parts: tuple["Parts | str", ...]


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


def parse(expression: str) -> Parts | str:
    """Return an expression taken apart: the name of one license, or parts.

    Raise InputError, in one line, if it does not parse.
    """
    try:
        node = _licensing().parse(expression)
    except (ExpressionError, ValueError, RecursionError) as error:
        why = str(error).partition("\n")[0]
        raise InputError(f"the license expression {expression[:200]!r} does not parse: {why}") from error
    if node is None:
        raise InputError(f"the license expression {expression[:200]!r} names no license")
    return _read(node)


def _read(node: Any) -> Parts | str:
    if isinstance(node, LicenseWithExceptionSymbol | LicenseSymbol):
        return str(node.render())
    return Parts("or" if isinstance(node, _licensing().OR) else "and", tuple(map(_read, node.args)))


def names(parts: Parts | str) -> Iterator[str]:
    """Yield the names of an expression in its order, each with its exception."""
    if isinstance(parts, str):
        yield parts
    else:
        for part in parts.parts:
            yield from names(part)


def chosen(parts: Parts | str, ids: Callable[[str], tuple[str, ...]], rank: Callable[[str], int]) -> tuple[str, ...]:
    """Return the license ids that bind, of each choice the alternative that asks for least; `rank` is higher for less."""
    if isinstance(parts, str):
        return ids(parts)
    found = [chosen(part, ids, rank) for part in parts.parts]
    if parts.how == "and":
        return tuple(dict.fromkeys(id for each in found for id in each))
    known = [each for each in found if each]
    return max(known, key=lambda each: min(map(rank, each)), default=())
