"""The numerals with which Word and HTML number the items of a list: they stand in no text, and a lawyer cites by them."""

from collections.abc import Mapping
from types import MappingProxyType

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
# What both formats call them, and what they are.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("1", "decimal"), "1"),
        **dict.fromkeys(("decimalZero", "decimal-leading-zero"), "01"),
        **dict.fromkeys(("a", "lowerLetter", "lower-alpha", "lower-latin"), "a"),
        **dict.fromkeys(("A", "upperLetter", "upper-alpha", "upper-latin"), "A"),
        **dict.fromkeys(("i", "lowerRoman", "lower-roman"), "i"),
        **dict.fromkeys(("I", "upperRoman", "upper-roman"), "I"),
    }
)


def numeral(number: int, kind: str) -> str:
    """Return a number in the form `kind`, one of the values of KINDS; what has no such form in digits."""
    if kind in ("a", "A") and 1 <= number <= 780:
        # As Word does it: z is followed by aa, bb and so on.
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if kind == "A" else letters
    if kind in ("i", "I") and 1 <= number < 4000:
        letters = ""
        for value, sign in _ROMAN:
            letters += sign * (number // value)
            number %= value
        return letters.upper() if kind == "I" else letters
    return f"{number:02d}" if kind == "01" else str(number)
