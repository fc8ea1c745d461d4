"""The folder that Chainlit runs in: its settings, its page, its words.

Chainlit reads and writes these below one folder, the working directory by default. It gets a private one that goes when
the process does, so that nothing of a conversation stays behind and no folder of the user's is touched.
"""

import importlib.util
import json
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus.errors import DataError

_HERE = Path(__file__).parent
_WORDS: dict[tuple[str, ...], str] = {
    ("chat", "watermark"): "Information, not legal advice. Questions stay on this machine.",
    ("chat", "input", "placeholder"): "Ask about a license, a model, or a document of your own",
    ("navigation", "newChat", "button"): "New question",
}


@cache
def folder() -> Path:
    """Return the folder, made and filled once in a process."""
    made = _kept().name
    path = Path(made)
    package = _package()
    (path / ".chainlit" / "translations").mkdir(parents=True)
    (path / "public").mkdir()
    (path / "build").mkdir()
    shutil.copyfile(_HERE / "templates" / "chainlit.toml", path / ".chainlit" / "config.toml")
    for name in ("logo_light.svg", "logo_dark.svg", "favicon.svg"):
        shutil.copyfile(_HERE / "static" / name, path / "public" / name)
    # An empty read-me is none: without the file Chainlit warns at every page.
    (path / "chainlit_en-US.md").write_text("", encoding="utf-8")
    words = _words((package / "translations" / "en-US.json").read_text(encoding="utf-8"))
    (path / ".chainlit" / "translations" / "en-US.json").write_text(words, encoding="utf-8")
    (path / "build" / "index.html").write_text(page(_packaged_page(package)), encoding="utf-8")
    return path


def assets() -> Path:
    """Return the folder of the scripts and styles that Chainlit's page loads."""
    return _package() / "frontend" / "dist" / "assets"


def page(packaged: str) -> str:
    """Return the chat's page made from Chainlit's own: the same script and style, nothing from another host.

    Raise DataError if Chainlit's page is not of the form that this relies on.
    """
    from ui.viewer import environment

    script = re.findall(r'<script type="module"[^>]* src="/assets/([\w.-]+\.js)"', packaged)
    style = re.findall(r'<link rel="stylesheet"[^>]* href="/assets/([\w.-]+\.css)"', packaged)
    if len(script) != 1 or len(style) != 1:
        raise DataError("Chainlit's page is not the one this version knows; install the pinned packages again")
    return environment().get_template("chat.html").render(script=script[0], style=style[0])


@cache
def _kept() -> "TemporaryDirectory[str]":
    """Return the temporary folder; it is removed when the process ends."""
    return TemporaryDirectory(prefix="clausewise-chat-", ignore_cleanup_errors=True)


def _package() -> Path:
    """Return where Chainlit is installed, without importing it: what it reads when imported is made here first."""
    found = importlib.util.find_spec("chainlit")
    if found is None or found.origin is None:
        raise DataError("Chainlit is not installed; install the packages again with: make setup")
    return Path(found.origin).parent


def _packaged_page(package: Path) -> str:
    return (package / "frontend" / "dist" / "index.html").read_text(encoding="utf-8")


def _words(packaged: str) -> str:
    words: dict[str, Any] = json.loads(packaged)
    for path, text in _WORDS.items():
        place = words
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = text
    return json.dumps(words, ensure_ascii=False)
