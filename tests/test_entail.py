"""Entailment over made-up license texts: polarity, conditions, exceptions, figures, places, quoted words, and what stays open."""

import pytest
from texts import case

from rag import actors, claims, figures, parlance, reading

TEAL = """Teal Source License

1. Grant. You may use, copy, modify and distribute the Software for non-production purposes only.

2. Source. You must publish the source code of every modified version, unless you use it only internally.

3. Names. Neither the name of the licensor nor its logo may be used to promote derived products without prior written permission.

4. Fees. No royalties are due. Crediting the authors is not required.

5. End. The licensor cannot revoke this license.

If you breach it, your rights end automatically. You get them back if you cure the breach within 30 days of notice.

6. Transfer. You are not authorized to assign your rights under this license. The licensor may freely assign its rights to any third party.

7. Reports. Companies with more than 200 employees must send the licensor an annual report on their revenue.

8. Badge. You must display "Made with Teal" in the user interface.

9. Law. This license is governed by the laws of the State of Delaware. Disputes go to the courts of Boston.

10. Territory. The license does not apply in the European Union and is not granted to anyone domiciled there.

11. Documents. All documents of an arbitration shall be public.

12. Records. The licensor may inspect the records once a year on ten days' written notice.

13. Succession. Neither party may assign the agreement without consent, except to a successor to the whole business.

14. Tests. Test builds may be used in laboratories but never in production.

15. Service. You may not provide the Software to third parties as a hosted service, except to your own affiliates.
"""


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        # The same act, done the same or the contrary.
        ("The licensor may revoke the license at any time.", "contradicted"),
        ("No licensor can revoke the license.", "supported"),
        ("Attribution of the authors is required.", "contradicted"),
        ("Crediting the authors is not required.", "supported"),
        ("The license lets you provide the software to third parties as a hosted service.", "contradicted"),
        ("Providing the software to third parties as a hosted service is forbidden.", "supported"),
        ("The licensor's name may be used to promote derived products without any permission.", "contradicted"),
        # An opposite word denies.
        ("The documents of an arbitration stay confidential.", "contradicted"),
        ("The license permits copying and distributing the software for production purposes.", "contradicted"),
        # Who acts.
        ("Licensees may freely assign their rights under the license.", "contradicted"),
        ("The licensor may freely assign its rights to a third party.", "supported"),
        # Without a condition where the text sets one.
        ("Every modified version must have its source code published, even without any external use.", "contradicted"),
        # Without what the text asks for; what only an exception allows; a limit behind "but never".
        ("The licensor may inspect the records without any notice.", "contradicted"),
        ("The licensor may inspect the records once a year.", "supported"),
        ("The agreement may be assigned to a successor of the whole business without consent.", "supported"),
        ("Test builds may be used in production.", "contradicted"),
        # Figures and periods.
        ("A breach can be cured within 30 days of notice.", "supported"),
        ("A breach can be cured within 90 days of notice.", "contradicted"),
        ("Companies with more than 5,000 employees must send the licensor an annual report.", "contradicted"),
        ("The licensor wants a monthly report on revenue from companies.", "contradicted"),
        # Places.
        ("The license is governed by the law of Delaware.", "supported"),
        ("The license is governed by the law of California.", "contradicted"),
        ("Disputes go to the courts of Chicago.", "contradicted"),
        ("The license is valid in Germany.", "contradicted"),
        # Words to be displayed.
        ('The badge "Made with Teal" must be displayed in the user interface.', "supported"),
        ('The badge "Teal inside" must be displayed in the user interface.', "contradicted"),
        # Nothing settles it.
        ("The license caps liability at 500 dollars.", "not_enough_info"),
        ("The license makes licensees take part in a yearly security training.", "not_enough_info"),
    ],
)
def test_a_line_supports_denies_or_leaves_open(claim: str, label: str) -> None:
    found = claims.judge(case(TEAL, claim))
    assert found.label == label, found
    assert bool(found.evidence) or label == "not_enough_info"


HERONRY = """Heronry Data Agreement

This agreement is between you ("you" or "Company") and Heronry Inc. ("Heronry").

1. Grant. Heronry grants Company a worldwide license to use, modify and distribute the Data.

2. Results. This agreement imposes no obligations or restrictions on your use or publication of Results.

3. Models. Models that Company trains on the Data are the sole property of Company.

4. Suits. If you sue Heronry over patents in the Data, the patent license in section 1 ends on the day you file.

5. Fees. Companies with annual revenue of more than 20 million dollars must obtain a separate license from Heronry.

6. Guard. If you disable a safeguard of the Data, your rights under this agreement terminate automatically.

7. Damage. Under no circumstances shall Heronry be liable for lost goodwill.

8. Links. If listing all sources is not practical in your product, you may include a link to them.

9. Fields. The Data may be used for commercial and non-commercial purposes.

10. Survival. Sublicenses granted to customers survive expiry and termination.

11. Notices. You must retain, in the source form of modified versions that you distribute, all copyright notices.

12. Defence. Heronry indemnifies you against claims that the Data infringe copyright. This does not apply to Sensor Feeds.
"""


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        # What the text rules out for all of it; the whole where the text speaks of a part.
        ("Publishing results must be done under the same terms as the data.", "contradicted"),
        ("A company that sues over patents in the data loses its whole license on the day of filing.", "contradicted"),
        ("A company that sues over patents in the data loses the patent license on the day of filing.", "supported"),
        # The licensee by the name that the text gives him.
        ("Heronry owns the models that companies train on the data.", "contradicted"),
        ("Companies own the models that they train on the data.", "supported"),
        # Somebody's figures and those of the text.
        ("The separate license is needed from 20 million dollars of revenue per month.", "contradicted"),
        # Without what follows of itself; what holds in no case; what is only a condition.
        ("Someone who disables a safeguard loses the rights without Heronry having to terminate them.", "supported"),
        ("The agreement makes Heronry liable for lost goodwill.", "contradicted"),
        ("Where listing all sources is not practical, a link to them is accepted.", "supported"),
        # Limited to one of two that the text names both.
        ("The data are limited to non-commercial purposes.", "contradicted"),
        ("Sublicenses of customers lapse with the agreement.", "contradicted"),
        # Another duty than the one that the text lays down; what no clause counts.
        ("Whoever modifies the data must publish the source.", "not_enough_info"),
        ("A company that disables a safeguard loses its rights after 30 days.", "not_enough_info"),
        # What the next line leaves out.
        ("Heronry also indemnifies against claims over sensor feeds that infringe copyright.", "contradicted"),
    ],
)
def test_who_how_much_and_how_far(claim: str, label: str) -> None:
    found = claims.judge(case(HERONRY, claim))
    assert found.label == label, found


@pytest.mark.parametrize(
    ("text", "world"),
    [
        ("Tealsoft moved its database to the license in 2019.", True),
        ("Tealsoft refused to license the engine to a rival.", True),
        ("Most companies that use the license never read it.", True),
        ("A standards body has refused to approve the license.", True),
        ("The license is the most popular of its kind.", True),
        ("A licensee who sued the licensor loses the license.", False),
        ("Files that were changed must carry notices.", False),
        ("The model is licensed for research.", False),
        ("Tealsoft usually answers requests within a week.", True),
        ("Most of the data were collected in harbours.", True),
        ("The license measures the need for speed of the indexed, anonymised data.", False),
    ],
)
def test_history_and_practice_are_no_matter_of_texts(text: str, world: bool) -> None:
    assert parlance.beyond_texts(text) is world


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("You may not sell it", "forbidden"),
        ("including, but not limited to, research", "yes"),
        ("no later than the first release", "yes"),
        ("You need not publish it", "free"),
        ("They cannot opt out of it", "required"),
        ("Nothing in this license permits the use of marks", "forbidden"),
        ("a license granted to everyone", "yes"),
        ("a license is granted to everyone", "allowed"),
        ("the rights granted under section 2 end", "yes"),
        ("No rights are granted to the marks", "forbidden"),
        ("The license grants no patent rights", "forbidden"),
        ("these rights do not exclude any field", "free"),
        ("the terms of May 2025", "yes"),
    ],
)
def test_the_stance_of_a_passage(text: str, stance: str) -> None:
    assert reading.stance(text) == stance


def test_an_exception_in_brackets_is_one_passage() -> None:
    found = reading.passages("All copies (other than on paper, film or tape) must carry a notice")
    assert [(p.text, p.excepts) for p in found] == [
        ("All copies", False),
        ("other than on paper, film or tape", True),
        ("must carry a notice", False),
    ]


def test_words_that_say_the_same_are_one_concept() -> None:
    assert reading.concepts("redistribute copies") == reading.concepts("Publishing a copy") - reading.concepts("a")
    assert "noncommercial" not in reading.concepts("a non-transferable right")


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("within thirty (30) days", {"time": {30.0}}),
        ("the fourth anniversary", {"time": {1460.0}}),
        ("100 million monthly active users", {"users": {1e8}}),
        ("a billion users", {"users": {1e9}}),
        ("more than $1,000,000 of revenue", {"money": {1e6}}),
        ("a royalty of EUR 4.50 for each copy", {"money": {4.5}}),
        ("reviewed by two engineers", {"of engineer": {2.0}}),
        ("version 2.0 of August 2022", {}),
    ],
)
def test_amounts_by_what_they_count(text: str, amounts: dict[str, set[float]]) -> None:
    assert figures.amounts(text) == amounts


def test_places_lie_inside_each_other() -> None:
    assert figures.places("courts of Santa Clara County, California") == {"US-CA"}
    assert figures.named({"US-CA"}, {"US"})
    assert not figures.named({"US"}, {"US-CA"})
    assert figures.touched({"EU"}, {"EU-DE"})
    assert not figures.touched({"EU-FR"}, {"EU-DE"})


def test_who_acts_is_read_before_the_verb() -> None:
    assert actors.actor("The licensor may end it") == "licensor"
    assert actors.actor("Any user must keep it") == "licensee"
    assert actors.actor("Tealsoft may freely assign it") == "licensor"
    assert actors.actor("All copies are marked") == ""
    assert actors.actor("Copies may be sold") == ""
    assert actors.actor("New versions can be published by anyone") == "licensee"
    assert actors.actor("The steward reserves the right to publish new versions") == "licensor"


def test_a_text_may_call_its_licensee_by_another_name() -> None:
    assert actors.aliases('an agreement between you ("you" or "Company") and Tealsoft ("Tealsoft")') == {"Company"}
    assert actors.aliases('the software ("Software" or "Work")') == frozenset()
