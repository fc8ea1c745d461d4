"""The facts that a question states: users and revenue, purpose, places, growth. Amounts are plain numbers; regions are codes of `places.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpus.terms import pattern
from rag.types import Value

_SCALE = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "b": 1e9,
    "billion": 1e9,
}
_NUMBER = r"(?P<number>\d[\d,]*(?:\.\d+)?) ?(?P<scale>k|thousand|mn|mio|m|million|bn|billion)?\b\+?"
_USERS = (
    pattern(
        _NUMBER
        + r" ?(monthly |daily |weekly |active |registered |unique )*(mau|dau|users?|people|actives|consumers|visitors|"
        r"players|gamers|listeners|viewers|readers|subscribers|members|accounts|installs)\b"
    ),
    pattern(
        r"\b(mau|dau|users?)( count| base| number)?( is| are| of| at|:|=| past| over| above| to| reaches| exceeds)+ ?~?"
        + _NUMBER
    ),
    pattern(
        r"\b(past|over|above|exceed\w*|at|beyond|pass|hit|reach\w*) (your |our |the |about |around |roughly |nearly |almost |some )*"
        + _NUMBER
        + r"(?= (in|by|line|mark|limit|threshold|next))"
    ),
)
_AT_RELEASE = (
    pattern(
        r"\b(release|launch|released|launched|came out)\b[^.?;]{0,60}\b(was|were|had|at|only|counted|reached|under|below)\b[^.?;\d]{0,20}"
        + _NUMBER
    ),
    pattern(
        _NUMBER
        + r"[^.?;]{0,60}\b(at|on|by|before|when|around)\b[^.?;]{0,30}\b(release|launch|released|launched|came out)\b"
    ),
)
_MONEY = (
    pattern(r"(?P<currency>usd|eur|gbp|rmb|cny|krw|jpy|inr|chf|us ?[$]|[$€£¥]) ?" + _NUMBER),
    pattern(
        _NUMBER + r" ?(?P<currency>usd|eur|gbp|rmb|cny|krw|jpy|inr|chf|yuan|won|yen|us dollars|dollars|euros?|pounds)\b"
    ),
)
_CURRENCIES = {
    "USD": ("usd", "us$", "$", "usdollars", "dollars"),
    "EUR": ("eur", "€", "euro", "euros"),
    "GBP": ("gbp", "£", "pounds"),
    "CNY": ("rmb", "cny", "yuan"),
    "KRW": ("krw", "won"),
    "JPY": ("jpy", "yen"),
}
_REVENUE = pattern(r"\b(revenue|turnover|arr|mrr|sales|income|earn\w*|make|makes|making|gross|raised|funding)\b")
_GROWTH = pattern(
    r"\b(later|someday|eventually|in the future|next year|by 20\d\d|in 20\d\d|blow past|grow\w*|if we (ever )?(pass|exceed|reach|hit|cross)|"
    r"once we (pass|exceed|reach|hit|cross)|after (the )?release|years? (after|later|from now)|first pass\w*|then (pass|exceed|grow)\w*)\b"
)
_COMMERCIAL = pattern(
    r"\b(commercial(ly)?|(re)?sell\w*|sold|charge|paying|paid|customers?|clients?|revenue|profit|moneti[sz]\w+|subscription|startup|start-up|"
    r"saas|enterprise|our product|e-?commerce|advertis\w+|ads?|fee|price|patreon|invoice|b2b|business|our (company|firm|app|shop|store)|company|"
    r"corporat\w+|in production|sponsor\w*|for sale|bank|gmbh|inc\.|ltd)\b|[$€£] ?\d"
)
_STRONG = pattern(
    r"\b((re)?sell\w*|sold|charge|paying|paid|revenue|moneti[sz]\w+|subscription|commercial product|for a fee|for sale|patreon|profit)\b|[$€£] ?\d"
)
_PRIVATE = pattern(
    r"\b(non-?commercial(ly)?|hobby\w*|personal(ly)? (use|project)|unfunded|no revenue|free of charge|for free|"
    r"free (public |online |web |inference )*(api|demo|tool|service|app)|"
    r"academic|universit\w+|students?|thesis|coursework|classroom|research (project|group|lab|paper|purposes?)|charity|ngo|non-?profit|volunteer|"
    r"open research|at no cost|without charging|not (selling|charging)|teach\w*)\b"
)
_DONATIONS = pattern(r"\b(donat\w+|tip jar|sponsor\w*|ads?|advertis\w+|grant-funded|cover (our )?costs)\b")
# What is said not to be taken is no sign of commerce.
_NOT_TAKEN = pattern(
    r"\b(no|without( any)?|zero|never any) (ads?|advertis\w+|fees?|charges?|costs?|revenue|payments?|donations?|money)\b"
)
# Who pays for the work is not what the work is for.
_FUNDED = pattern(
    r"\b(paid|funded|financed|sponsored|supported|bankrolled)( for| fully| entirely)? by\b[^.?;,]*|\b(funding|grant|money) from\b[^.?;,]*"
)
_INTERNAL = pattern(
    r"\b(internal(ly)?|in-house|inside (our|the) company|(just|only|solely) (for )?our (own )?(staff|employees|team|people|colleagues|engineers)"
    r"|never leaves|not distribut\w+|employees only)\b"
)
_HOSTED = pattern(
    r"\b(saas|host(ed|ing)?(?= (?!name))|api|web ?app|online service|as a service|endpoint|cloud|chat box|website)\b"
    r"|\b(run|operate|serve)s? (a|an|our|the|this|that) ([\w.+-]+ ){0,4}(server|service|site)\b"
)
# A duty to publish that is asked about is not yet how the product reaches anybody.
_ASKED = pattern(
    r"\b(must|(have|need|obliged|required|forced) to) ([\w']+ ){0,3}(publish|release|share|disclose|open)\b[^.?;]{0,40}\b(source|code|changes|patches)\b"
)
_WEIGHTS = pattern(
    r"\b(weights|checkpoint|gguf|upload|hub|hugging ?face|download|publish|release|distribut\w+|ship\w*|on[- ]prem\w*|device|desktop app|docker)\b"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Regions by name, and the words that make a place a company's home."""

    names: Mapping[str, tuple[str, ...]]
    finder: re.Pattern[str]
    region: Mapping[str, str]
    home: tuple[re.Pattern[str], ...]
    elsewhere: tuple[re.Pattern[str], ...]
    company: tuple[re.Pattern[str], ...]
    forms: Mapping[str, str]
    form_finder: re.Pattern[str]


@cache
def places() -> Places:
    """Return the table of places."""
    data = tomllib.loads(resources.files("rag").joinpath("data/places.toml").read_text(encoding="utf-8"))
    region = {word: code for code, words in data["regions"].items() for word in words}
    forms = {word: code for code, words in data["home"]["forms"].items() for word in words}

    def finder(words: Mapping[str, str]) -> re.Pattern[str]:
        longest = sorted(words, key=len, reverse=True)
        return re.compile(r"(?<!\w)(" + "|".join(re.escape(w) for w in longest) + r")(?!\w)", re.IGNORECASE)

    return Places(
        names={code: tuple(names) for code, names in data["names"].items()},
        finder=finder(region),
        region=region,
        home=tuple(pattern(p) for p in data["home"]["patterns"]),
        elsewhere=tuple(pattern(p) for p in data["home"]["elsewhere"]),
        company=tuple(pattern(p) for p in data["home"]["company"]),
        forms=forms,
        form_finder=finder(forms),
    )


def _value(found: re.Match[str]) -> float:
    return float(found.group("number").replace(",", "")) * _SCALE.get((found.group("scale") or "").lower(), 1.0)


def _users(text: str) -> float | None:
    """Return the largest number of users that the text states; None without one."""
    values = [_value(m) for p in _USERS for m in p.finditer(text) if m.group("scale") or _value(m) >= 1000]
    return max(values, default=None)


def _revenue(text: str) -> tuple[float, str] | None:
    """Return the largest amount of money that stands near a word for revenue, and its currency sign."""
    best: tuple[float, str] | None = None
    for finder in _MONEY:
        for m in finder.finditer(text):
            around = text[max(0, m.start() - 60) : m.end() + 60]
            if _REVENUE.search(around) and (best is None or _value(m) > best[0]):
                best = (_value(m), m.group("currency").upper())
    return best


def _is_name(word: str, found: str) -> bool:
    """Return True if the text found may name the place: `us` is a pronoun unless it is written in capitals."""
    return not (word in {"us", "eu", "uk"} and found != found.upper())


_OF_PARENT = pattern(
    r"\b(subsidiary|affiliate|branch|arm|unit|part|owned|controlled|member) (of|by)( an?| the)?( \w+)?\s*$|"
    r"\b(parent|owner|holding|mother)( company)? (is|sits in|comes from)( an?| the)?\s*$"
)
_SUBSIDIARY = pattern(r"\W*(subsidiary|entity|affiliate|daughter company|arm)\b")
_WE_ARE = pattern(r"\b(we(’|'|.)?re|we are|i.?m|i am|as|our company is) (the|a|an)\s*$")


def home_region(text: str) -> str | None:
    """Return the region in which the speaker's company is at home, if the text says so; a branch or its staff elsewhere does not count."""
    table = places()
    for sentence in re.split(r"(?<=[.?!;])\s+", text):
        form = table.form_finder.search(sentence)
        spots = [m for m in table.finder.finditer(sentence) if _is_name(m.group(1).lower(), m.group(1))]
        for m in spots:
            before, after = sentence[max(0, m.start() - 40) : m.start()], sentence[m.end() : m.end() + 25]
            near = before + " " + after
            if _OF_PARENT.search(before):
                continue  # where the parent is at home
            if _SUBSIDIARY.match(after) and _WE_ARE.search(before):
                return table.region[m.group(1).lower()]
            if any(p.search(before) for p in table.home) or any(p.search(after[:20]) for p in table.company):
                return table.region[m.group(1).lower()]
            we = re.search(
                r"\b(we(’|'|.)?re|we are|i.?m|i am|our (company|startup|firm)( is)?)( a \w+)? (in|from|a)\b",
                before,
                re.IGNORECASE,
            )
            if we and not any(p.search(near) for p in table.elsewhere):
                return table.region[m.group(1).lower()]
        if form and not spots:
            return table.forms[form.group(1).lower()]
    return None


_LEGAL = pattern(r"\b(laws?|courts?|arbitrat\w+|jurisdiction|judges?|act|regulation|version|text|translation)\b")


def regions(text: str) -> tuple[str, ...]:
    """Return the regions in which the text says that something is done or somebody sits; courts and languages of a place do not count."""
    table = places()
    found: dict[str, None] = {}
    for m in table.finder.finditer(text):
        after = text[m.end() : m.end() + 20]
        if _is_name(m.group(1).lower(), m.group(1)) and not _LEGAL.search(after):
            found[table.region[m.group(1).lower()]] = None
    return tuple(found)


def purpose(text: str) -> bool | None:
    """Return True for a commercial purpose, False for a non-commercial one, None if the text leaves it open."""
    untaken = _NOT_TAKEN.search(text) is not None
    text = _NOT_TAKEN.sub(" ", text)
    if _PRIVATE.search(text):
        text = _FUNDED.sub(" ", text)
    if _STRONG.search(_PRIVATE.sub(" ", text)):
        return True
    if untaken and not _DONATIONS.search(text):
        return False
    if _PRIVATE.search(text):
        return None if _DONATIONS.search(text) else False
    return True if _COMMERCIAL.search(text) else None


def given(text: str) -> dict[str, Value]:
    """Return the facts that the text states, by the keys of a stack file."""
    facts: dict[str, Value] = {}
    users = _users(text)
    if users is not None:
        facts["users"] = int(users)
        facts["growth"] = bool(_GROWTH.search(text))
        released = next(
            (m for p in _AT_RELEASE for m in p.finditer(text) if m.group("scale") or _value(m) >= 10_000), None
        )
        if released is not None:
            facts["users_at_release"] = int(_value(released))
    revenue = _revenue(text)
    if revenue is not None:
        facts["revenue"] = int(revenue[0])
        facts["revenue_currency"] = _currency(revenue[1])
    commercial = purpose(text)
    if commercial is not None:
        facts["commercial"] = commercial
    home = home_region(text)
    if home is not None:
        facts["principal_place"] = home
    active = regions(text)
    if active:
        facts["places"] = " ".join(active)
    told = _ASKED.sub(" ", text)
    if _INTERNAL.search(told):
        facts["distribution"] = "internal"
    elif _WEIGHTS.search(told):
        facts["distribution"] = "weights"
    elif _HOSTED.search(told):
        facts["distribution"] = "hosted"
    return facts


_EVERYBODY = 9e9  # more people than live
_NEGATIVE = pattern(
    r"(?<![\w.])-\d[\d,.]* ?(k|thousand|million|billion|bn|m)?\+? ?(users?|mau|usd|eur|dollars|euros|people)\b|\bminus \d"
)
_DENIED = pattern(r"\bnon-?commercial(ly)?\b|\bnot commercial(ly)?\b|\bno (commercial|money)\b")


def problems(text: str) -> tuple[str, ...]:
    """Return what cannot be right in the facts that a text states, one line each: amounts, currencies, contradictions."""
    found = []
    users = _users(text)
    if users is not None and users > _EVERYBODY:
        found.append(f"{users:,.0f} users are more than there are people: check the number")
    if _NEGATIVE.search(text):
        found.append("a number below zero cannot be a count of users or a revenue: check the number")
    currencies = {_currency(m.group("currency")) for p in _MONEY for m in p.finditer(text)}
    if len(currencies) > 1:
        mixed = " and ".join(sorted(currencies))
        found.append(
            f"amounts are stated in {mixed}: they are not converted; state them in the currency of the license"
        )
    if _DENIED.search(text) and _STRONG.search(_PRIVATE.sub(" ", text)):
        found.append("the purpose is called non-commercial, but money is taken: it was read as commercial")
    return tuple(found)


def _currency(sign: str) -> str:
    word = sign.lower().replace(" ", "")
    return next((code for code, signs in _CURRENCIES.items() if word in signs), word.upper())
