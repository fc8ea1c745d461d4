"""Which way a line points, whatever it is about: it forbids, it takes consent, it frees from a duty, it allows, it asks for something."""

import re
from typing import Literal

from rag.case import Evidence

Way = Literal["forbids", "consent", "frees", "conditions", "allows", "asks", "tells"]

_FREES = re.compile(
    r"\bneeds? not\b|\b(is|are|be) not (required|obliged|obligated|necessary|subject to|bound|limited|covered by|considered|deemed|a |an )|"
    r"\b(do|does|shall|will) not (apply|count|compete|constitute|fall|require|extend to|affect|oblige|limit|restrict|prevent|prohibit)\b|"
    r"\bno (obligation|restriction|limit|duty|fee|further|need)\w*\b|\bfree (of charge|to)\b|\bwithout (restriction|limitation|charge|asking|fee)\b|"
    r"\bnothing in\b[^.]{0,60}\b(prevents|prohibits|requires|limits|restricts)\b",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(may|must|shall|can|will|is|are|should) ?not\b|\bcannot\b|\bneither\b|\bnever\b|\bprohibit\w*|\bforbid\w*|\bforbidden\b|"
    r"\b(do|does) not (allow|permit|grant|include|authori\w+|give|convey|license)\b|\bno (right|licen[sc]e|permission|person|one)\b|\bnot (allowed|permitted|granted|"
    r"approved|licensed|available|transferable|entitled)\b|\blapses?\b|\bexpires?\b|\bends? (when|with|on|upon|if)\b|\bnot to\b|\brefrain\w*|\bstrictly limited\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"\b(without|unless|except with|only (with|after|upon|if|where)|subject to|with the)\b[^.;]{0,80}\b(consent\w*|permission|approv\w+|authori[sz]\w+|agreed in writing|"
    r"written agreement|in writing|sign-?off|separate licen[sc]e|enterprise licen[sc]e)\b|\b(need|needs|require|requires|takes)\b[^.;]{0,40}\b(consent|permission|approval|"
    r"authori[sz]ation|sign-?off)\b",
    re.IGNORECASE,
)
_ALLOWS = re.compile(
    r"\bmay\b(?! not)|\bcan\b(?! ?not)|\b(is|are) (hereby )?(free|allowed|permitted|entitled|granted|licensed|authori[sz]ed)\b(?! not)|\bgrants?\b|\bpermits?\b|\ballows?\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(provided|only if|only when|only where|so long as|as long as|if|unless|except|subject to|on condition|until|up to|no later|within)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(must|shall|have to|has to|is required|are required|needs? to|agrees? to|undertakes?)\b", re.IGNORECASE)
_LEADS_NO = re.compile(r"\b(may|must|shall|can|will|do|does|agrees?) not\b|\bnot to\b|\bprohibit\w*|\bforbid\w*|\bnever\b", re.IGNORECASE)
_LEAD = 160


def way(evidence: Evidence) -> Way:
    """Return which way a line points, its lead-in read with it."""
    text, above = evidence.text, evidence.line.unit.context[-_LEAD:].rpartition(" / ")[2]
    led = _LEADS_NO.search(above) is not None and above.rstrip().endswith((":", "—", "-"))
    if _FREES.search(text) and not (_FORBIDS.search(_FREES.sub(" ", text)) and not led):
        return "frees"
    if led or _FORBIDS.search(text):
        return "consent" if _CONSENT.search(text) else "forbids"
    if _ALLOWS.search(text):
        if _CONSENT.search(text):
            return "consent"
        return "conditions" if _CONDITION.search(text) else "allows"
    if _CONSENT.search(text):
        return "consent"
    return "asks" if _ASKS.search(text) else "tells"
