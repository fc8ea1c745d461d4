"""What several tests share: a store of the installed license texts, built once."""

import os
from pathlib import Path

import pytest


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
