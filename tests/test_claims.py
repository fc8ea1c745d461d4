"""Claims under texts of our own: supported, contradicted or open, with the clause; parts; the registry; the command line."""

import json
from pathlib import Path

import pytest
from small_store import build, piped, printed
from test_api import client
from texts import CLOSED, OPEN, case, question
from web_fakes import Replies

from corpus import registry
from rag import checked, claims, parlance, reading
from rag.question import understand
from rag.types import Request
from ui import claim as command
from ui import cli

EXCEPT = """Plover License

1. Grant. You may use, copy and distribute the Model.

2. Notice. All Distributions (other than through a Hosted Service) must be accompanied by a "Notice" text file.

3. Outputs. Plover Inc. claims no rights in outputs you generate. You are the owner of derivative works that you make.

4. Term. This license is perpetual and irrevocable. The licensor may update these terms; a new version has no retroactive effect.
"""


DEFINED = """Curlew License

1. Meaning. "Source" shall mean the form of the work for which a license to publish is given to you.

2. Grant. You may use and change the work.
"""
BOUNDED = """Dunlin License

1. Use. You may not use the Model to improve any AI model, except for the Model itself, its derivatives, or non-commercial AI models.

2. Display. If your product has more than 100 million monthly active users, or more than 20 million US dollars of monthly revenue, you must display "Dunlin".

3. Thanks. You are encouraged to: (i) publish a blogpost on your experience; and (ii) mark your products with the words "Powered by Dunlin".

4. Trial. Your company gets one trial period of thirty days for all personnel, not one trial per person.

5. Indemnity. Whoever sells a product with the Model must indemnify every contributor against losses.
The obligations in this section do not apply to losses from infringement of patents.

6. End. Upon termination of this license, you must delete and cease use of all copies of the Model and its derivatives.

7. Breach. A violation terminates your rights for the current and all other versions of the Model.
"""
CITED = """Stilt License

1. Grant. You may use the work.

2. Courts. The courts of Paris have exclusive jurisdiction over any dispute.
"""


@pytest.mark.parametrize(
    ("text", "claim", "label"),
    [
        (OPEN, "The license is governed by the laws of Iceland.", "supported"),
        (OPEN, "The license is governed by the laws of Japan.", "contradicted"),
        (OPEN, "A product with more than 5 million monthly active users must request a license.", "supported"),
        (OPEN, "A product with more than 700 million monthly active users must request a license.", "contradicted"),
        (OPEN, "Distributors must give recipients a copy of the license.", "supported"),
        (OPEN, "The license forbids redistribution of the model.", "contradicted"),
        (OPEN, "The license allows selling the model.", "supported"),
        (CLOSED, "The license forbids military use.", "supported"),
        (CLOSED, "The license prohibits using outputs to train other language models.", "supported"),
        (CLOSED, "The license allows training other models on outputs.", "contradicted"),
        (EXCEPT, "Distribution through a hosted service is exempt from the notice file.", "supported"),
        (EXCEPT, "Every distribution through a hosted service needs the notice file.", "contradicted"),
        (EXCEPT, "Plover owns the derivative works that licensees make.", "contradicted"),
        (EXCEPT, "Plover can revoke the license.", "contradicted"),
        (EXCEPT, "New terms apply retroactively to earlier versions.", "contradicted"),
        (EXCEPT, "Zebras graze by moonlight.", "not_enough_info"),
        (DEFINED, "The license requires you to publish the source.", "not_enough_info"),
        (
            BOUNDED,
            "The license bars using it to improve any other AI model, even a non-commercial one.",
            "contradicted",
        ),
        (
            BOUNDED,
            "Only a product with both 100 million users and 20 million dollars of monthly revenue must display its name.",
            "contradicted",
        ),
        (BOUNDED, "Every product has to carry the words that mark it as powered by the model.", "contradicted"),
        (
            BOUNDED,
            "If it terminates, you lose the base model but can keep running your own fine-tunes.",
            "contradicted",
        ),
        (
            BOUNDED,
            "Breaking it costs you only the version you misused, and your rights to other releases stay intact.",
            "contradicted",
        ),
        (CITED, "Disputes go to the courts of Vienna.", "contradicted"),
        (CITED, "Disputes go to the courts of Erewhon.", "not_enough_info"),
    ],
)
def test_a_claim_is_judged_by_the_clause_that_speaks_of_it(text: str, claim: str, label: str) -> None:
    found = claims.judge(case(text, claim))
    assert found.label == label, found
    assert bool(found.evidence) or label == "not_enough_info"


@pytest.mark.parametrize(
    "claim",
    [
        "The company gets one trial period of thirty days, not one for each developer.",
        "Patent infringement aside, sellers must indemnify contributors against losses.",
    ],
)
def test_what_a_claim_sets_aside_is_not_held_against_it(claim: str) -> None:
    assert claims.judge(case(BOUNDED, claim)).label != "contradicted"


@pytest.mark.parametrize(
    "claim",
    [
        "The license has never been upheld, a court has ruled.",
        "Wren charges 500 dollars a year for its license.",
        "Wren is faster than Heron.",
    ],
)
def test_what_no_license_text_tells_is_not_judged(claim: str) -> None:
    assert parlance.beyond_texts(claim)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("It forbids military use.", "forbidden"),
        ("It exempts hosted services.", "free"),
        ("It requires attribution.", "required"),
        ("It lets you sell copies.", "allowed"),
        ("It is governed by French law.", "yes"),
        ("It restricts usage through a prohibited use policy.", "forbidden"),
        ("No contributor can revoke the license.", "forbidden"),
        ("Attribution is not required.", "free"),
        ("You may not sell it without permission.", "forbidden"),
        ("Nobody has to opt in, and licensees cannot opt out of arbitration.", "required"),
        ("The name is not a trademark.", "no"),
    ],
)
def test_what_a_claim_asserts(claim: str, kind: str) -> None:
    assert reading.stance(claim) == kind


def test_a_claim_of_two_parts_holds_only_if_both_do() -> None:
    both = "The license allows you to distribute the model, but it requires a copy of the license."
    wrong = "The license allows you to distribute the model, but it forbids any modification of it."
    assert checked.parts(both) == (
        "The license allows you to distribute the model",
        "it requires a copy of the license.",
    )
    assert checked.parts("It allows use and sale.") == ("It allows use and sale.",)
    assert checked.parts("It forbids resale, and its name must stay.") == ("It forbids resale", "its name must stay.")
    labels = [checked.check("c", question(text), (case(OPEN, text),), question).label for text in (both, wrong)]
    assert labels == ["supported", "contradicted"]


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("Mistral 7B v0.1 is licensed under Apache 2.0.", "supported"),
        ("Meta distributes Llama 3.1 under the Apache 2.0 license.", "contradicted"),
        ("Llama 3.1 is covered by the Zebra Research License.", "not_enough_info"),
        ("Under Llama 3.1, a startup must give a copy of the license.", None),
    ],
)
def test_which_license_a_model_has_is_known_to_the_registry(claim: str, label: str | None) -> None:
    names = registry.load()
    found = checked.of_registry(understand(Request(claim), names), names)
    assert (found.label if found else None) == label


def test_a_checked_claim_shows_its_label_and_its_quotations() -> None:
    text = "The license is governed by the laws of Iceland."
    found = checked.check("c1", question(text), (case(OPEN, text),), question)
    assert found.text.startswith("Supported: ")
    (citation,) = found.citations
    assert OPEN[citation.start : citation.end] == citation.quote
    assert citation.quote in command.markdown(found)
    assert "not legal advice" in command.markdown(found)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


def test_claims_on_the_command_line(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "The MIT license asks that its copyright notice be included in all copies."
    shown = printed(capsys, "--home", str(home), "claim", *said.split())
    assert shown.startswith("Supported: ")
    row = json.loads(printed(capsys, "claim", said, "--json", "--home", str(home)))
    assert (row["id"], row["label"], row["citations"][0]["document"]) == ("c1", "supported", "mit")
    given = json.dumps({"id": "a", "claim": said}) + '\n{"id": "b"}\n'
    (first, second), _ = piped(capsys, monkeypatch, given.encode(), "claim", "--jsonl", "-", "--home", str(home))
    assert first == {**row, "id": "a"}
    assert "has no claim" in second["error"]["message"]


@pytest.mark.parametrize("words", [[], ["a claim", "--jsonl", "-"]])
def test_a_claim_is_one_sentence_or_one_file(words: list[str]) -> None:
    assert cli.main(["claim", *words]) == 2


def test_claims_over_http() -> None:
    class Judge(Replies):
        def claim(self, request: Request) -> checked.Checked:
            """Return a label for any claim."""
            return checked.unanswerable(request.id, request.question, "nothing is known")

    answer = client(Judge()).post("/api/claim", json={"claim": "It is so.", "id": "x"})
    assert (answer.status_code, answer.json()["label"], answer.json()["id"]) == (200, "not_enough_info", "x")
    assert client(Judge()).post("/api/claim", json={"question": "Is it?"}).status_code == 422
