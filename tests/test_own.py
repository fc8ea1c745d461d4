"""Which of the user's own files a question names."""

import pytest
from texts import document

from corpus.registry import Mention
from rag.own import beside, named, names

POLICY = document(
    "# Tern Freight: Use of AI at work\n\nStaff may use TernChat. Ask Mira Solvang before you use other tools. Nobody may paste prices.\n",
    "policy",
    "tern-ai-policy",
)
SPEECH = document(
    "SKUA SPEECH CORPUS - DATA LICENSE AGREEMENT\n\nThe provider is Havfrue Stiftung. You may train models on the speech in the corpus.\n"
    "Models are kept in skua-base and skua-large.\n",
    "contract",
    "skua-speech",
)
OPEN_SOURCE = document(
    "# Open Source Policy\n\nEvery library is reviewed. Nobody ships GPL code.\n", "policy", "open-source-policy"
)
FILES = [POLICY, SPEECH, OPEN_SOURCE]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("What does the Tern policy say about chat tools?", ("tern-ai-policy",)),
        ("may i paste prices into ternchat?", ("tern-ai-policy",)),
        ("Can we train a speech model on the Skua recordings?", ("skua-speech",)),
        ("Havfrue's list came out, do we retrain?", ("skua-speech",)),
        ("Under our open source policy, may we ship LGPL code?", ("open-source-policy",)),
        # Ordinary words of titles name nothing.
        ("We trained a speech model on a corpus under some data agreement.", ()),
        ("Is this open source?", ()),
        ("May I use AI at work?", ()),
        ("Nobody asked. Can I sell weights?", ()),
        ("", ()),
    ],
)
def test_files_are_named_by_proper_names_and_titles(asked, found):
    assert named(asked, FILES) == found


def test_beside_another_name_only_what_is_written_as_a_name_counts():
    assert named("We use llama and a tern", FILES, alone=False) == ()
    assert named("We use llama at Tern", FILES, alone=False) == ("tern-ai-policy",)
    assert named("the data license agreement and llama", FILES, alone=False) == ()


def test_a_name_that_many_texts_share_names_none():
    assert named("What about Tern?", FILES, common=lambda word: word == "tern") == ()


def test_names_leave_out_what_the_text_writes_small():
    assert {"tern", "solvang"} <= names(POLICY)
    assert "skua" in names(SPEECH)  # in file names only it stands in lower case
    assert not {"speech", "corpus", "staff", "nobody", "policy"} & (names(POLICY) | names(SPEECH))


def test_a_file_is_named_by_what_it_speaks_of_all_along():
    terms = document(
        "Havn Model Terms\n\n"
        + "You may run Curlew. We publish Curlew every year. The name is Curlew now. Do not sell Curlew to Otto. "
        "Ask us about Curlew.\n",
        "license",
        "havn-terms",
    )
    assert named("We mix Curlew and llama", [*FILES, terms], alone=False) == ("havn-terms",)
    assert named("We mix Otto and llama", [*FILES, terms], alone=False) == ()
    assert named("We mix Curlew and llama at Tern", [*FILES, terms], alone=False) == ("tern-ai-policy",)


def mention(text: str, name: str, *licenses: str) -> Mention:
    """Return the mention of a name in a text."""
    return Mention(text.index(name), text.index(name) + len(name), name, "license", name, licenses)


def test_names_beside_a_file_are_asked_of_unless_they_are_its_title_or_what_a_work_is_put_under():
    asked = "Under the Skua Speech Corpus data license we publish our notes under QPL. Does XPL allow that?"
    title, given, other = (mention(asked, n, n.lower()) for n in ("Speech Corpus", "QPL", "XPL"))
    assert beside(asked, (title, given, other), [SPEECH]) == (other,)
    assert beside(asked, (title, given, other), []) == (title, given, other)
    family = mention(asked, "XPL", "xpl-1", "xpl-2")
    assert beside(asked, (family, other), [POLICY]) == (other,)
