"""What a license says about what comes out of the material: outputs of a model, what was made from data."""

import re

from rag.case import Case, Evidence, Reason, unique
from rag.lexicon import Act
from rag.signs import sign

# As likely to be what is asked for, in log odds.
_AS_LIKELY = 1.0


def training(case: Case, act: Act) -> Reason | None:
    """Return a reason for training other models on outputs."""
    if act.name != "train-on-outputs":
        return None
    against = case.all("train-on-outputs", "prohibited")
    spared = (
        [e for e in against if sign("spares_itself").search(e.text)]
        if sign("the_model_itself").search(case.question.text)
        else []
    )
    if spared:
        headline = "the ban on improving other models leaves out the model itself and its derivatives"
        return Reason("conditional", "express-grant", headline, tuple(spared[:1]), act.name, ("duties",))
    narrow = _beyond(case, against)
    if narrow is not None:
        headline = (
            "the ban reaches models of the kind that the clause names only, and the one described is of another kind"
        )
        return Reason("conditional", "express-grant", headline, (narrow,), act.name, ("facts", "interpretation"))
    allowed = [e for e in case.all("train-on-outputs", "permitted", "permitted-if") if case.ranks]
    if against and allowed and case.odds(allowed[0]) >= case.odds(against[0]) - _AS_LIKELY:
        headline = "training on its outputs is allowed, within the limit that the other clause sets"
        return Reason("conditional", "express-grant", headline, (allowed[0], against[0]), act.name, ("facts",))
    if against:
        return Reason(
            "no",
            "express-prohibition",
            "its outputs may not be used to train or improve other models in the way the clause names",
            against[:1],
            act.name,
        )
    return _taught(case, act)


def _taught(case: Case, act: Act) -> Reason | None:
    """Return a reason for training on outputs where no clause forbids it."""
    conditional = case.all("train-on-outputs", "permitted-if")
    if conditional:
        return Reason(
            "conditional",
            "express-grant",
            "training on its outputs is allowed, with a duty for the model that results",
            conditional[:2],
            act.name,
            ("duties",),
        )
    derived = case.all("train-on-outputs", "defines")
    if derived:
        return Reason(
            "conditional",
            "express-grant",
            "a model trained to perform similarly on its outputs counts as a derivative, with the duties of one",
            derived[:1],
            act.name,
            ("duties",),
        )
    free = case.all("train-on-outputs", "permitted")
    if free:
        return Reason("yes", "express-grant", "the license puts no limit on the use of its outputs", free[:1], act.name)
    wide = case.all("commercial-use", "permitted")
    if wide:
        return Reason(
            "yes",
            "no-restriction-found",
            "the grant is without restriction and no clause limits the use of outputs",
            wide[:1],
            act.name,
        )
    return None


def _beyond(case: Case, against: tuple[Evidence, ...]) -> Evidence | None:
    """Return the ban on training if all say which kind of model they mean and the question tells of one of another kind."""
    if not against or not sign("judging_model").search(case.question.text):
        return None
    return against[0] if all(sign("kind_of_model").search(e.text) for e in against) else None


def data_results(case: Case, act: Act) -> Reason | None:
    """Return a reason for using what was made from data: a trained model, a map, a report."""
    if act.name != "use-data-results":
        return None
    free = case.all("data-results", "permitted")
    if free:
        return Reason("yes", "express-grant", "the license leaves what is made from the data free", free[:1], act.name)
    duty = case.all("data-results", "permitted-if")
    if duty:
        headline = "what is made from the data may be used, with the duty that the clause names"
        return Reason("conditional", "express-grant", headline, duty[:1], act.name, ("duties",))
    return None


def results_free(case: Case) -> Reason | None:
    """Return a reason if the plan is about what was made from data and the text leaves that free: no duty of the data follows it."""
    act = next((a for a in case.question.acts if a.name == "use-data-results"), None)
    free = case.all("data-results", "permitted") if act else ()
    defined = [e for e in case.all("data-results", "defines") if re.search(r"trained|model", e.text, re.IGNORECASE)]
    if act is None or not free or case.all("noncommercial", "prohibited"):
        return None
    headline = "the license leaves what is made from the data free"
    return Reason("yes", "express-grant", headline, unique((free[0], *defined[:1])), act.name)


def using(case: Case, act: Act) -> Reason | None:
    """Return a reason for using or selling what the model generates."""
    if act.name != "use-outputs":
        return None
    free = case.all("train-on-outputs", "permitted")
    rights = case.all("output-rights")
    if free:
        return Reason(
            "yes",
            "express-grant",
            "the license allows the use of its outputs",
            unique((*free[:1], *rights[:1])),
            act.name,
        )
    forbidding = [
        e for e in rights if re.search(r"property of the licensor|solely for|shall not exploit", e.text, re.IGNORECASE)
    ]
    if forbidding:
        return Reason(
            "no",
            "express-prohibition",
            "the license keeps the outputs or limits their use",
            tuple(forbidding[:2]),
            act.name,
        )
    if rights:
        return Reason(
            "conditional",
            "express-grant",
            "the licensor claims no rights in the outputs; their use stays your responsibility",
            rights[:2],
            act.name,
            ("duties",),
        )
    return None
