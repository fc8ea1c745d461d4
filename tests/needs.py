"""What some tests wait for, in one place, and where each of them runs; and the eyes of a user who may not do everything."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from postgres import FOLDER, account

TEXTS = Path(os.environ.get("CLAUSEWISE_TEST_TEXTS", ""))
GOLD = Path(os.environ.get("CLAUSEWISE_TEST_GOLD", ""))
VLLM = os.environ.get("CLAUSEWISE_TEST_LLM_PYTHON", "")
_NOBODY = 65534

texts = pytest.mark.skipif(
    Path() == TEXTS,
    reason="waits for the texts that sync fetches: name their folder in CLAUSEWISE_TEST_TEXTS, as .ci/run does",
)
gold = pytest.mark.skipif(
    Path() == GOLD,
    reason="waits for development items and their scorer: name their folder in CLAUSEWISE_TEST_GOLD, as .ci/run does",
)
vllm = pytest.mark.skipif(
    not VLLM, reason="waits for an environment with vLLM: make test-serving makes it and runs this"
)

postgres = pytest.mark.skipif(
    FOLDER is None or not account(),
    reason="waits for PostgreSQL: apt-get install postgresql, as .ci/run does, then make test-slow and make test-browser",
)


@contextmanager
def foreign_folder(private: str = "") -> Iterator[Path]:
    """Yield a folder of somebody else: the block may look into it, and neither write nor read the file `private` in it.

    Root, who may do everything, is nobody meanwhile.
    """
    folder = Path(tempfile.mkdtemp(prefix="clausewise-foreign-"))
    root = os.geteuid() == 0
    if private:
        (folder / private).write_text("words", encoding="utf-8")
        (folder / private).chmod(0)
    folder.chmod(0o555)
    try:
        if root:
            os.seteuid(_NOBODY)
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)
