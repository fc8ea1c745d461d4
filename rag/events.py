"""What happened, or may happen, to the user's rights: a lawsuit, a violation in the past, a trial, a supplier that lost its license.

Each check takes a `Case` and returns a `Reason`, or None where the texts say nothing to the point.
"""

import re

from rag.case import Case, Reason, unique
from rag.signs import sign
from rag.types import Verdict


def answered(case: Case) -> Reason | None:
    """Return a reason if the question is about a suit in answer to another party's and the text takes such suits out."""
    defence = [e for e in case.all("patent-retaliation") if sign("answers_suit").search(e.text)]
    if not defence or not sign("defending").search(case.question.text):
        return None
    headline = "a suit in answer to another party's is taken out of what ends the license"
    verdict: Verdict = "no" if sign("losing").search(case.question.text) else "conditional"
    return Reason(verdict, "express-grant", headline, tuple(defence[:1]), "patent-use", ("facts",))


def lawsuit(case: Case) -> Reason | None:
    """Return a reason if the question is about going on after filing a lawsuit and the license reacts to one."""
    if not any(t.name == "litigation" for t in case.question.topics):
        return None
    reason = answered(case)
    if reason is not None:
        return reason
    everything = case.all("patent-retaliation", "prohibited")
    if everything:
        return Reason(
            "no", "express-prohibition", "such a lawsuit ends the license on the day it is filed", everything[:1], "use"
        )
    patents = case.all("patent-retaliation")
    if patents:
        return Reason(
            "conditional",
            "express-grant",
            "such a lawsuit ends the patent license, not the rest",
            patents[:1],
            "patent-use",
            ("facts",),
        )
    return None


def cured(case: Case) -> Reason | None:
    """Return a reason if a duty was missed in the past, the question is what becomes of the rights, and the text gives a way back."""
    if not any(t.name == "termination" for t in case.question.topics) or not sign("past_event").search(
        case.question.text
    ):
        return None
    lines = case.all("termination-cure")
    if not lines:
        return None
    headline = "rights lost by such a violation come back in the way that the clause says"
    return Reason(
        "conditional", "express-grant", headline, unique((*lines[:2], *case.all("termination")[:1])), "use", ("facts",)
    )


def trial(case: Case) -> Reason | None:
    """Return a reason if the question is about a trial and the text says how far one goes."""
    lines = case.all("trial")
    if not lines or not any(t.name == "trial" for t in case.question.topics):
        return None
    limited = [e for e in lines if sign("only_one").search(e.text)]
    if limited and sign("more_than_one").search(case.question.text):
        headline = "the text limits how many trials there are"
        return Reason("no", "express-prohibition", headline, unique((limited[0], lines[0])), "use")
    return Reason(
        "conditional", "express-grant", "a trial is allowed as far as the clause says", lines[:2], "use", ("facts",)
    )


def supplier(case: Case) -> Reason | None:
    """Return a reason if somebody before the user in the chain has lost the license and the text says what that means for him."""
    if not sign("supplier_lost").search(case.question.text):
        return None
    kept = [
        e
        for e in case.all("downstream")
        if re.search(r"terminat|surviv|full compliance|automatically", e.text, re.IGNORECASE)
    ]
    if not kept:
        return None
    kept.sort(key=lambda e: (re.search(r"terminat|surviv", e.text, re.IGNORECASE) is None, -e.score))
    headline = "whoever complies keeps the license although the one he got the copy from has lost his"
    return Reason("conditional", "express-grant", headline, tuple(kept[:1]), "downstream", ("duties",))


def ended(case: Case) -> Reason | None:
    """Return a reason if the license has ended, the question is whether something may go on, and the text says what the end means."""
    text = case.question.text
    if not sign("ended").search(text) or not sign("goes_on").search(text):
        return None
    effects = case.all("termination-effect", "must", "prohibited")
    lasting = [e for e in case.all("termination-effect", "permitted", "defines") if sign("outlasts").search(e.text)]
    if lasting and (not effects or case.odds(lasting[0]) > case.odds(effects[0])):
        headline = "what the clause names outlasts the end of the license"
        return Reason("conditional", "express-grant", headline, tuple(lasting[:1]), "use", ("facts",))
    if not effects:
        return None
    headline = "once the license has ended, use has to stop in the way that the clause says"
    return Reason("no", "express-prohibition", headline, tuple(effects[:1]), "use")


# Topics and terms of the end of rights, and how many of the likeliest lines are read for it.
_RIGHTS = frozenset(("termination", "changes"))
_ENDS = frozenset(
    ("termination", "termination-cure", "termination-effect", "revocation", "changes", "use", "redistribute")
)
_READ = 3


def kept(case: Case) -> Reason | None:
    """Return a reason if the question is whether rights are lost, and the line that it most likely asks for says that they are not."""
    topics = {t.name for t in case.question.topics}
    if not sign("loss").search(case.question.text) or not topics & _RIGHTS or "litigation" in topics:
        return None
    for e in case.likely(_READ):
        if sign("stays").search(e.text) and e.line.acts & _ENDS:
            return Reason("no", "express-grant", "the rights stay, as the clause quoted says", (e,), "use", ("facts",))
    return None
