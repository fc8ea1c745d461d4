"""The page of /choose: the questions, and below them what fits, what turns on a fact, and what a clause rules out."""

from collections.abc import Sequence

from rag.choose import Answers, Place, Ruling
from rag.choose_tree import Step, applies
from ui.license_pages import card_address
from ui.viewer import environment

_TITLES: dict[Place, str] = {
    "fits": "Fits",
    "open": "Turns on something not yet said",
    "unsettled": "The text does not settle it",
    "ruled-out": "Ruled out",
}


def page(steps: Sequence[Step], answers: Answers, rulings: Sequence[Ruling]) -> str:
    """Return the page with the answers given so far and what they lead to."""
    chosen = {id: [option.id for option in options] for id, options in answers.items()}
    groups = [(place, title, [r for r in rulings if r.place == place]) for place, title in _TITLES.items()]
    models = sum(len(ruling.models) for ruling in rulings if ruling.place == "fits")
    return (
        environment()
        .get_template("choose.html")
        .render(
            steps=steps,
            chosen=chosen,
            put={step.id: applies(step, chosen) for step in steps},
            groups=groups,
            considered=len(rulings),
            models=models,
            card_address=card_address,
        )
    )
