"""Audits of whole stacks: forty-five stacks with what has to be found, model folders, and files that are no stack."""

import json
import random
import time
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import build, opener

from corpus import catalog, registry, scancode
from corpus.cutting import all_terms
from corpus.errors import InputError
from corpus.segment import segment
from rag import lineage
from rag.audit import Auditor
from rag.case import Case
from rag.question import Question
from rag.sheet import Sheet, make
from rag.stack import HOWS, Component, of, parse
from ui import cli

STACKS = Path(__file__).parent / "stacks"
EXPECTED = tomllib.loads((STACKS / "expected.toml").read_text(encoding="utf-8"))


@cache
def sheet(id: str) -> Sheet:
    document = catalog.load().describe(scancode.read(id))
    clauses = segment(document)
    return make(document, clauses, all_terms(document, clauses))


class Library:
    """All texts of the catalog, read when they are asked for."""

    def has(self, id: str) -> bool:
        """Return True if the catalog has the text."""
        return id in catalog.load().licenses

    def case(self, question: Question, id: str) -> Case:
        """Return the case of a question under a license with its bundle."""
        known = catalog.load()
        return Case(question, id, tuple(map(sheet, known.bundle(id))), {}, known.get(id))


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor(registry.load(), Library())


def test_every_stack_has_its_expectation() -> None:
    assert {path.stem for path in STACKS.glob("*.toml")} - {"expected"} == set(EXPECTED)
    assert len(EXPECTED) >= 44


@pytest.mark.parametrize("name", EXPECTED)
def test_a_stack_is_found_to_be_what_it_is(name: str, auditor: Auditor) -> None:
    found = auditor.audit(parse((STACKS / f"{name}.toml").read_text(encoding="utf-8")))
    said = [
        " ".join([f.level, f.component, f.code, *(f"{c.document}#{c.clause}" for c in f.citations)])
        for f in found.findings
        if f.level != "note"
    ]
    assert (found.verdict, said) == (EXPECTED[name]["verdict"], EXPECTED[name]["findings"])
    duties = {
        f"{o.component} {o.duty.kind} {o.root} {o.citations[0].document}#{o.citations[0].clause}"
        for o in found.obligations
    }
    assert set(EXPECTED[name].get("duties", ())) <= duties
    for each in (*found.findings, *found.obligations, *found.permissions):
        for citation in each.citations:
            text = sheet(citation.document).document.text
            assert text[citation.start : citation.end] == citation.quote
    causes = {root for f in found.findings if f.level == "error" for root in f.roots}
    assert {r.component for r in found.replacements} <= causes
    assert bool(found.replacements) == bool(causes)


@pytest.mark.parametrize(
    ("license", "how", "clause"),
    [
        ("stability-ai-community-2024", "lora", True),
        ("bigscience-open-rail-m", "distill", True),
        ("gpl-3.0", "link", True),
        ("mit", "fine-tune", False),
    ],
)
def test_each_parent_says_itself_what_its_derivative_is(license: str, how: str, clause: bool, auditor: Auditor) -> None:
    parts = f"[[component]]\nname = 'a'\nlicense = '{license}'\n[[component]]\nname = 'b'\nderived_from = ['a']\nhow = '{how}'\n"
    (note,) = [f for f in auditor.audit(parse(parts)).findings if f.code == "derivative"]
    assert (note.component, bool(note.citations)) == ("b", clause)
    assert ("by its own definition" in note.text) == clause


@pytest.mark.parametrize(
    ("reached", "apart"),
    [
        (
            ("gpl-2.0", "gpl-3.0", "agpl-3.0", "osl-3.0"),
            ("lgpl-2.1", "lgpl-3.0", "mpl-2.0", "epl-2.0", "cddl-1.0", "mit"),
        ),
    ],
)
def test_a_copyleft_reaches_what_is_linked_unless_its_text_lets_that_stay_apart(
    reached: tuple[str, ...], apart: tuple[str, ...]
) -> None:
    library = Library()
    parts = (Component("lib", license="x"), Component("app", derived_from=("lib",), how="link"))
    kinds = {}
    for license in (*reached, *apart):
        bonds = lineage.bonds(parts, {"lib": (license,)}, lambda id: library.case(Question("", "permission"), id))
        kinds[license] = bonds["app"][0].kind
    assert kinds == {**dict.fromkeys(reached, "derivative"), **dict.fromkeys(apart, "part")}


@pytest.mark.parametrize(
    ("how", "verdict"), [("separate-process", "yes"), ("load-as-data", "yes"), ("aggregate", "yes"), ("link", "no")]
)
def test_own_work_beside_others_is_bound_by_none_of_them(how: str, verdict: str, auditor: Auditor) -> None:
    use = "[use]\ndistribution = 'hosted'\n[[component]]\nname = 'a'\nlicense = 'elastic-license-v2'\n"
    found = auditor.audit(parse(f"{use}[[component]]\nname = 'ours'\nderived_from = ['a']\nhow = '{how}'\n"))
    assert {b.component.name: b.verdict for b in found.components} == {"a": "no", "ours": verdict}


def test_own_work_made_from_what_is_not_known_stays_open(auditor: Auditor) -> None:
    parts = "[[component]]\nname = 'a'\nmodel = 'acme/zebra-9b'\n[[component]]\nname = 'b'\nderived_from = ['a']\nhow = 'lora'\n"
    assert [bound.verdict for bound in auditor.audit(parse(parts)).components] == ["unclear", "unclear"]


@pytest.mark.parametrize(("license", "kept"), [("lgpl-2.1", False), ("mpl-2.0", False), ("gpl-3.0", True)])
def test_what_links_a_part_that_stays_apart_need_not_keep_its_license(
    license: str, kept: bool, auditor: Auditor
) -> None:
    parts = f"[use]\ndistribution = 'on-premises'\n[[component]]\nname = 'lib'\nlicense = '{license}'\n"
    found = auditor.audit(parse(f"{parts}[[component]]\nname = 'app'\nderived_from = ['lib']\nhow = 'link'\n"))
    told = {o.component for o in found.obligations if o.duty.kind == "same-license"}
    assert told == ({"lib", "app"} if kept else {"lib"})


def test_a_duty_is_told_once_for_a_clause(auditor: Auditor) -> None:
    found = auditor.audit(parse((STACKS / "llama-pupil-of-qwen.toml").read_text(encoding="utf-8")))
    told = [(o.component, o.root, o.duty.text, o.citations) for o in found.obligations]
    assert len(told) == len(set(told))


def test_a_line_on_what_is_no_derivative_makes_nothing_one(auditor: Auditor) -> None:
    found = auditor.audit(parse((STACKS / "odbl-by-sa-gazetteer.toml").read_text(encoding="utf-8")))
    (line,) = [f.citations[0] for f in found.findings if f.code == "derivative" and "Open Database" in f.text]
    assert line.quote.startswith('"Derivative Database"')


def test_what_the_whole_allows_names_the_component_that_decides(auditor: Auditor) -> None:
    found = auditor.audit(parse((STACKS / "lora-on-merge.toml").read_text(encoding="utf-8")))
    allowed = {p.act: (p.verdict, p.component) for p in found.permissions}
    assert allowed["sell"] == ("no", "reranker")
    free = auditor.audit(parse("[use]\ndistribution = 'weights'\n[[component]]\nname = 'a'\nlicense = 'mit'\n"))
    assert {(p.act, p.verdict) for p in free.permissions if p.act != "train-on-outputs"} == {
        (act, "yes") for act in ("commercial-use", "host-as-service", "redistribute", "sell", "fine-tune")
    }


def test_the_license_of_a_choice_that_asks_for_least_is_taken(auditor: Auditor) -> None:
    found = auditor.audit(parse((STACKS / "fine-choice.toml").read_text(encoding="utf-8")))
    (note,) = [f for f in found.findings if f.code == "choice"]
    assert "MIT License" in note.text


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("", "has no [[component]]"),
        ("[use\n", "is not TOML"),
        ("x = 1\n[[component]]\nname = 'a'\nlicense = 'mit'", "'x' is not known"),
        ("[use]\ndistribution = 'sold'\n[[component]]\nname = 'a'\nlicense = 'mit'", "must be one of internal"),
        ("[use]\npurposes = ['fun']\n[[component]]\nname = 'a'\nlicense = 'mit'", "'fun' is none of"),
        ("[[component]]\nlicense = 'mit'", "needs a name"),
        ("[[component]]\nname = 'a'", "needs a model, a license, or derived_from"),
        ("[[component]]\nname = 'a'\nlicense = 'mit'\nmodel = 'b'", "has a model and a license"),
        ("[[component]]\nname = 'a'\nlicense = 'mit'\nhow = 'lora'", "but not from what; add derived_from"),
        ("[[component]]\nname = 'a'\nlicense = 'mit'\n[[component]]\nname = 'a'\nlicense = 'mit'", "is named twice"),
        ("[[component]]\nname = 'a'\nderived_from = ['b']", "'b', which is no component"),
        (
            "[[component]]\nname = 'a'\nderived_from = ['b']\n[[component]]\nname = 'b'\nderived_from = ['a']",
            "made from each other in a circle",
        ),
        ("[use]\nusers = [{ value = -1 }]\n[[component]]\nname = 'a'\nlicense = 'mit'", "-1 is no amount"),
        (
            "[use]\nrevenue = [{ value = 1, currency = 'EUR' }, { value = 2, currency = 'USD' }]\n[[component]]\nname = 'a'\nlicense = 'mit'",
            "EUR and USD are not converted",
        ),
        (
            "[use]\nusers = [{ value = 1, as_of = '2025-13' }]\n[[component]]\nname = 'a'\nlicense = 'mit'",
            "is not a date",
        ),
        ("[use]\nusers = [{ value = [1] }]\n[[component]]\nname = 'a'\nlicense = 'mit'", "a list is no amount"),
        (
            "[use]\nrevenue = [{ value = 1, currency = ['EUR'] }]\n[[component]]\nname = 'a'\nlicense = 'mit'",
            "a list is no currency",
        ),
        ("".join(f"[[component]]\nname = 'c{n}'\nlicense = 'mit'\n" for n in range(501)), "at most 500"),
    ],
)
def test_a_file_that_is_no_stack_is_refused_in_one_line(wrong: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(wrong)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    for form in (True, False):
        try:
            parse(text, form)
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017  (any other exception fails)


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "use component name model license derived_from how users revenue value currency as_of purposes markets x".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(DATA, DATA)
def test_no_data_breaks_the_reader(use: object, component: object) -> None:
    for data in (
        use,
        {"use": use, "component": [component]},
        {"use": use, "component": [{"name": "a", "license": "mit"}]},
    ):
        try:
            of(data)
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017  (any other exception fails)


def test_a_list_that_names_itself_many_times_over_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghijklm"))
    for place in ("use: {users: [{value: *m}]}", "use: {purposes: *m}", "component: *m", "component: [{name: *m}]"):
        with pytest.raises(InputError) as caught:
            parse(f"{bomb}{place}\n".replace("a: &a", "x: &a"), yaml_form=True)
        assert len(str(caught.value)) < 300


def test_yaml_that_is_none_is_named_with_its_line() -> None:
    with pytest.raises(InputError, match=r"^the stack file is not YAML: expected .* in line 4$"):
        parse("use: {}\ncomponent:\n  - [\n", yaml_form=True)


def test_yaml_says_the_same_as_toml() -> None:
    toml = parse("[use]\ndistribution = 'hosted'\n[[component]]\nname = 'a'\nlicense = 'mit'\n")
    assert parse("use: {distribution: hosted}\ncomponent: [{name: a, license: mit}]\n", yaml_form=True) == toml


@pytest.mark.parametrize(
    ("license", "code"),
    [
        ("not a (license", "bad-expression"),
        ("Zebra-9.9", "unknown-license"),
        ("custom-apache-2.0-made-up", "unknown-license"),
    ],
)
def test_a_license_that_is_none_is_a_finding(license: str, code: str, auditor: Auditor) -> None:
    found = auditor.audit(parse(f"[[component]]\nname = 'a'\nlicense = '{license}'\n"))
    assert [f.code for f in found.findings] == [code]


@pytest.mark.parametrize(
    ("license", "bound", "codes"),
    [
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", ["mit", "apache-2.0"], ["choice"]),
        ("llama3.1", ["llama-3.1-license-2024"], []),
        ("isc", ["isc"], []),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ["gpl-2.0"], ["exception"]),
        ("gfdl", ["gfdl-1.1", "gfdl-1.2", "gfdl-1.3"], ["which-version"]),
    ],
)
def test_a_license_is_named_by_expression_key_or_tag(
    license: str, bound: list[str], codes: list[str], auditor: Auditor
) -> None:
    found = auditor.audit(parse(f"[use]\ndistribution = 'weights'\n[[component]]\nname = 'a'\nlicense = '{license}'\n"))
    assert [bond.license for bond in found.components[0].bonds] == bound
    told = {f.code for f in found.findings if f.code in ("choice", "exception", "which-version", "unknown-license")}
    assert sorted(told) == codes


def test_many_ways_through_a_stack_are_no_trouble(auditor: Auditor) -> None:
    # Each layer is merged from both parts of the one before: 2^60 ways lead from the first to the last.
    parts = [f"[[component]]\nname = '{side}0'\nlicense = '{id}'\n" for side, id in (("a", "mit"), ("b", "apache-2.0"))]
    for n in range(1, 61):
        above = f"derived_from = ['a{n - 1}', 'b{n - 1}']\nhow = 'merge'\n"
        parts += [f"[[component]]\nname = '{side}{n}'\n{above}" for side in "ab"]
    found = auditor.audit(parse("".join(parts)))
    last = next(bound for bound in found.components if bound.component.name == "a60")
    assert [(bond.license, bond.root, len(bond.via)) for bond in last.bonds] == [
        ("mit", "a0", 60),
        ("apache-2.0", "b0", 60),
    ]


def test_an_unknown_model_is_a_finding_with_near_names(auditor: Auditor) -> None:
    found = auditor.audit(parse("[[component]]\nname = 'a'\nmodel = 'acme/zebra-9b'\n"))
    assert [f.code for f in found.findings] == ["unknown-model"]


def test_what_passes_along_an_edge_is_decided_by_the_parent() -> None:
    parts = (Component("rail", license="x"), Component("student", derived_from=("rail",), how="distill"))
    library = Library()
    for license, kind in (("bigscience-open-rail-m", "derivative"), ("llama-3.3-license-2024", "taught")):
        bonds = lineage.bonds(parts, {"rail": (license,)}, lambda id: library.case(Question("", "permission"), id))
        assert [bond.kind for bond in bonds["student"]] == [kind]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("home"))


def test_audits_on_the_command_line(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "bsd-new"))
    fine = tmp_path / "stack.yaml"
    fine.write_text("use: {distribution: weights}\ncomponent: [{name: lib, license: MIT}]\n", encoding="utf-8")
    assert cli.main(["--home", str(home), "audit", str(fine), "--format", "json"], opener) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["components"][0]["licenses"][0]["license"]) == ("yes", "mit")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[[component]]\nname = 'a'\nlicense = 'Zebra-9.9'\n", encoding="utf-8")
    assert cli.main(["--home", str(home), "audit", str(wrong)], opener) == 1
    assert "unknown-license" in capsys.readouterr().out
    assert cli.main(["--home", str(home), "audit", str(tmp_path / "absent.toml")], opener) == 2


@pytest.mark.slow
def test_two_hundred_components_take_a_second_at_most(auditor: Auditor) -> None:
    dice = random.Random(200)
    licenses = (
        "mit",
        "apache-2.0",
        "gpl-3.0",
        "llama-3.1-license-2024",
        "cc-by-nc-4.0",
        "bigscience-open-rail-m",
        "agpl-3.0",
    )
    rows = []
    for n in range(200):
        row = f"[[component]]\nname = 'c{n}'\n"
        if n < 3 or dice.random() < 0.5:
            rows.append(f"{row}license = '{dice.choice(licenses)}'\n")
        else:
            above = sorted({f"c{dice.randrange(n)}" for _ in range(dice.randint(1, 3))})
            rows.append(f"{row}derived_from = {above}\nhow = '{dice.choice(HOWS)}'\n")
    stack = parse("[use]\ndistribution = 'hosted'\npurposes = ['commercial']\n" + "".join(rows))
    spent = []
    for _ in range(3):
        started = time.process_time()
        found = auditor.audit(stack)
        spent.append(time.process_time() - started)
    assert (len(found.components), bool(found.findings), bool(found.replacements)) == (200, True, True)
    # Of processor time, so that a busy machine does not count; the first run reads the texts.
    assert min(spent[1:]) <= 1
