"""What several tests share: a store of the installed license texts, built once; a small one; a scripted model server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from real_vllm import Running
    from scripted import Scripted

    from rag.pipeline import Pipeline


# How long an example takes is the machine's business: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with a store of all ScanCode texts of the catalog.

    Building takes a minute; with CLAUSEWISE_TEST_HOME the store in that folder is used, and only brought up to date.
    """
    from rag import index

    named = os.environ.get("CLAUSEWISE_TEST_HOME")
    home = Path(named) if named else tmp_path_factory.mktemp("home")
    index.build(home, only_scancode=True)
    return home


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> "Pipeline":
    """Return a pipeline over the small store of `model_store`, without a model until a test gives it one."""
    import model_store

    return model_store.pipeline(model_store.build(tmp_path_factory.mktemp("home")))


@pytest.fixture
def server() -> "Iterator[Scripted]":
    """Yield a model server that says what the test tells it to say."""
    from scripted import scripted

    with scripted() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Yield Debian's chromium, driven by Playwright."""
    from served import ARGUMENTS, CHROMIUM

    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="waits for Playwright: make test-browser installs it and runs this"
    )
    if not CHROMIUM.exists():
        pytest.skip(f"waits for {CHROMIUM}: apt-get install chromium, as .ci/run does, then make test-browser")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Yield the address of an empty database on a PostgreSQL server of its own."""
    from postgres import running

    with running() as address:
        yield address


@pytest.fixture(scope="session", autouse=True)
def chainlits_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give Chainlit, which writes settings into the working directory when it is imported, another one."""
    os.environ["CHAINLIT_APP_ROOT"] = str(tmp_path_factory.mktemp("chainlit"))


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password be hashed in a millisecond: what is tested here is not how hard argon2 is."""
    from argon2 import PasswordHasher

    from ui import users

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(users, "_hasher", lambda: quick)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a judge's second attempt follow its first at once."""
    from evals import judge_model

    monkeypatch.setattr(judge_model, "_PAUSE_S", 0.0)


@pytest.fixture
def known(server: "Scripted") -> "Scripted":
    """Return a judge whose verdicts can be reckoned by hand."""
    import judge_fakes

    server.by = judge_fakes.reply
    return server


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Running]":
    """Yield a real vLLM with the tiny random model."""
    import tiny_model
    from real_vllm import Running

    folder = tmp_path_factory.mktemp("vllm")
    made = Running(tiny_model.make(folder / "tiny"), folder / "log")
    made.start()
    yield made
    made.stop()
