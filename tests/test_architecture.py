"""Holds the whole tree to the rules of the house, and shows that each rule catches what it is for."""

import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterable
from pathlib import Path

import architecture as house
import pytest
from architecture import Check, Source

ROOT = Path(__file__).parent.parent
# These licenses are called like something else that code speaks of.
ORDINARY_WORDS = frozenset({"attribution", "json", "other", "public-domain", "unknown", "zlib"})


def tracked() -> list[str]:
    """Return the files that a clone has or is about to have, in POSIX form."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("waits for a git checkout, which .ci/run is run in")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources(folders: Iterable[str] = tuple(house.PACKAGES)) -> list[Source]:
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def catalog_ids() -> frozenset[str]:
    from corpus import catalog

    return frozenset(catalog.load().licenses) - ORDINARY_WORDS


def violations(check: Check, files: Iterable[Source]) -> str:
    return "\n".join(line for source in files for line in check(source))


# The tree


@pytest.mark.parametrize("check", [house.file_length, house.function_size])
def test_files_and_functions_are_short(check: Check) -> None:
    assert violations(check, sources((*house.PACKAGES, "tests"))) == ""


@pytest.mark.filterwarnings("default::UserWarning")
def test_files_that_grow_are_named() -> None:
    for source in sources():
        lines = source.text.count("\n")
        if lines > house.WARN_LINES:
            warnings.warn(f"{source.path} has {lines} lines: time to split it by concept", stacklevel=1)


@pytest.mark.parametrize(
    "check",
    [
        house.module_docstring,
        house.import_direction,
        house.one_home,
        house.serving_stands_alone(sys.stdlib_module_names),
        house.no_pickle,
        house.narrow_except,
        house.no_print,
        house.environment,
    ],
)
def test_the_packages_keep_the_rules(check: Check) -> None:
    assert violations(check, sources()) == ""


def test_no_license_is_known_to_the_code() -> None:
    ids = catalog_ids()
    assert len(ids) >= 120
    assert violations(house.no_license_ids(ids), sources()) == ""


def test_no_file_speaks_of_one_machine() -> None:
    found = []
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if b"\x00" not in data:
            found += house.foreign_text(name, data.decode("utf-8", "replace"))
    assert found == []


def test_the_documents_of_the_project_are_there_and_name_every_module() -> None:
    for name in ("README.md", "CHANGELOG.md", "ARCHITECTURE.md"):
        assert (ROOT / name).is_file(), f"{name} is missing"
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = [source.path for source in sources() if not source.path.endswith("__init__.py")]
    assert house.unnamed_modules(text, modules) == []


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    assert house.untested_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"), wanted) == []


def test_every_package_is_installed_with_its_data() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {Path(source.path).parent.as_posix().replace("/", ".") for source in sources()}
    assert folders == set(tool["packages"])
    for name in tracked():
        package, _, inside = name.partition("/")
        if package in house.PACKAGES and not name.endswith(".py"):
            patterns = tool["package-data"].get(package, [])
            assert any(name in globbed(package, pattern) for pattern in patterns), f"a wheel would lack {inside}"


def globbed(package: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / package).glob(pattern)}


# The rules themselves


def at(path: str, text: str) -> Source:
    return Source(path, text)


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 60


@pytest.mark.parametrize(
    ("check", "source", "says"),
    [
        (house.file_length, at("rag/x.py", "\n" * 401), "401 lines"),
        (house.function_size, at("rag/x.py", LONG_FUNCTION), "f has 61 lines"),
        (house.function_size, at("rag/x.py", "async def f(a, b, /, c, *d, e, f, **g): ..."), "f has 7 parameters"),
        (house.function_size, at("rag/x.py", "class A:\n def f(self, a, b, c, d, e, f, g): ..."), "f has 7 parameters"),
        (house.module_docstring, at("rag/x.py", "x = 1\n"), "no docstring"),
        (house.import_direction, at("corpus/x.py", "import rag.types\n"), "corpus may not import rag.types"),
        (house.import_direction, at("rag/x.py", "def f():\n    from ui import cli\n"), "rag may not import ui.cli"),
        (house.import_direction, at("evals/x.py", "import ui\n"), "evals may not import ui"),
        (house.import_direction, at("ui/x.py", "from serving import launch\n"), "ui may not import serving.launch"),
        (
            house.import_direction,
            at("serving/x.py", "from corpus.types import Span\n"),
            "serving may not import corpus",
        ),
        (house.import_direction, at("rag/x.py", "__import__('evals.gold')\n"), "rag may not import evals.gold"),
        (house.one_home, at("rag/x.py", "import faiss\n"), "faiss is imported in rag/dense.py"),
        (house.one_home, at("ui/x.py", "from importlib import import_module as i\nimport_module('torch.nn')"), "torch"),
        (house.one_home, at("ui/x.py", "from langchain_core.retrievers import BaseRetriever\n"), "langchain_core"),
        (house.one_home, at("serving/x.py", "import vllm\n"), "in no module only"),
        (house.serving_stands_alone(sys.stdlib_module_names), at("serving/x.py", "import numpy\n"), "httpx only"),
        (house.no_pickle, at("rag/x.py", "import pickle\n"), "runs code on reading"),
        (house.no_pickle, at("rag/x.py", "np.load(f, allow_pickle=True)\n"), "allow_pickle"),
        (house.narrow_except, at("rag/x.py", "try: f()\nexcept: pass\n"), "broad except"),
        (house.narrow_except, at("rag/x.py", "try: f()\nexcept (OSError, Exception): pass\n"), "broad except"),
        (house.narrow_except, at("rag/x.py", "with contextlib.suppress(BaseException): f()\n"), "broad suppress"),
        (house.no_print, at("rag/x.py", "print(1)\n"), "print; only ui/cli.py"),
        (house.environment, at("rag/x.py", "import os\nx = os.environ['A']\n"), "environment"),
        (house.environment, at("rag/x.py", "x = os.getenv('A')\n"), "environment"),
        (house.environment, at("rag/x.py", "from os import environ\n"), "environment"),
        (house.environment, at("rag/x.py", "import os\nos.environ['A'] = 'b'\n"), "environment"),
        (house.no_license_ids({"mit"}), at("rag/x.py", "if key == 'mit': pass\n"), "license id 'mit'"),
        (house.no_license_ids({"mit"}), at("rag/x.py", "x = 'mit#2'\n"), "license id 'mit#2'"),
    ],
)
def test_a_planted_violation_is_caught(check: Check, source: Source, says: str) -> None:
    assert says in violations(check, [source])


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (house.file_length, at("rag/x.py", "\n" * 400)),
        (house.function_size, at("rag/x.py", LONG_FUNCTION.replace("    x = 1\n", "", 1))),
        (house.function_size, at("rag/x.py", "class A:\n def f(self, a, b, c, d, e, f): ...")),
        (house.module_docstring, at("rag/x.py", '"""What it is."""\n')),
        (
            house.import_direction,
            at("ui/x.py", "from serving.health import check\nimport serving.health\nimport rag\n"),
        ),
        (house.import_direction, at("rag/sub/x.py", "from ..types import Hit\nfrom . import y\nimport re\n")),
        (house.one_home, at("rag/dense.py", "import faiss\n")),
        (house.one_home, at("ui/x.py", "import importlib.util\nimportlib.util.find_spec('torch')\n")),
        (
            house.serving_stands_alone(sys.stdlib_module_names),
            at("serving/x.py", "import os, httpx\nimport serving.y\n"),
        ),
        (house.no_pickle, at("rag/x.py", "np.load(f, allow_pickle=False)\n")),
        (house.narrow_except, at("rag/x.py", "try: f()\nexcept (OSError, ValueError): pass\n")),
        (house.narrow_except, at("ui/x.py", "try: f()\nexcept Exception: pass\n")),
        (house.no_print, at("ui/cli.py", "print(1)\n")),
        (house.no_print, at("ui/x.py", "console.print(1)\n")),
        (house.environment, at("rag/settings.py", "import os\nx = os.environ['A']\n")),
        (house.environment, at("rag/x.py", "def f():\n 'It is read at import.'\n os.environ['A'] = 'b'\n")),
        (house.environment, at("rag/x.py", "def f():\n 'Why.'\n os.environ.setdefault('A', 'b')\n")),
        (house.no_license_ids({"mit"}), at("rag/x.py", '"""mit"""\nx = "permit"\ndef f():\n    "mit"\n')),
    ],
)
def test_what_keeps_the_rule_passes(check: Check, source: Source) -> None:
    assert violations(check, [source]) == ""


def test_planted_text_of_one_machine_is_caught() -> None:
    root, host = house.ROOTS[0], house.HOSTS[0].replace("\\", "")
    text = f"see /{root}/x\nfrom {host}\nfine: a/{root}/b, ~/{root}, net{root}/b\n/{house.ROOTS[1]}/x\n"
    assert [line.split(":")[1] for line in house.foreign_text("a.md", text)] == ["1", "2", "4"]


def test_a_module_that_the_architecture_forgets_is_caught() -> None:
    text = "`route` finds; see rag/facts.py and `rag/verify`; types are plain"
    modules = ["rag/route.py", "rag/facts.py", "rag/verify.py", "corpus/types.py"]
    assert house.unnamed_modules(text, modules) == ["ARCHITECTURE.md does not name corpus/types.py"]


def test_an_open_or_unsorted_requirement_is_caught() -> None:
    text = "# why\nb_c==1.0  # note\na==2\nd>=1\n"
    found = house.untested_pins(text, ["B.c", "a>=1", "missing[extra]"])
    assert found == [
        "constraints.txt: d>=1 is no pin",
        "constraints.txt: a stands after b-c",
        "constraints.txt does not pin missing",
    ]
