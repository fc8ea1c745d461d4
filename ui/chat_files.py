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
from rag import settings

# The views of the chat, each a function of that name in `static/elements/`.
ANSWER, CLAUSE = "AnswerView", "ClauseView"
_HERE = Path(__file__).parent
_WORDS: dict[tuple[str, ...], str] = {
    ("chat", "watermark"): "Information, not legal advice. Questions stay on this machine.",
    ("chat", "input", "placeholder"): "Ask about a license, a model, or a document of your own",
    ("chat", "commands", "button"): "Commands",
    ("chat", "commands", "changeTool"): "Another command",
    ("chat", "commands", "availableTools"): "Commands",
    ("chat", "settings", "title"): "Settings",
    ("navigation", "newChat", "button"): "New question",
    ("chat", "input", "actions", "attachFiles"): "Attach documents",
    ("chat", "fileUpload", "errors", "failed"): "Not attached:",
    ("chat", "fileUpload", "errors", "cancelled"): "Not attached:",
    ("navigation", "newChat", "dialog", "tooltip"): "New question",
    ("navigation", "user", "menu", "logout"): "Log out",
    ("auth", "login", "title"): "Log in",
    ("auth", "login", "form", "email", "label"): "Name",
    ("auth", "login", "form", "email", "placeholder"): "",
    ("auth", "login", "form", "email", "required"): "Give your name",
    ("auth", "login", "form", "password", "required"): "Give your password",
    ("auth", "login", "form", "actions", "signin"): "Log in",
    ("auth", "login", "errors", "Unauthorized"): "Name and password do not fit together.",
    ("auth", "login", "errors", "default"): "You could not be logged in. Try again, or ask who runs the server.",
    ("auth", "login", "errors", "oauthSignin"): "This account may not log in here. Ask who runs the server.",
    ("threadHistory", "sidebar", "title"): "Conversations",
    ("threadHistory", "sidebar", "empty"): "No conversation found",
    ("threadHistory", "sidebar", "filters", "placeholder"): "Search your conversations",
    ("threadHistory", "thread", "untitled"): "Without a title",
    ("threadHistory", "thread", "actions", "delete", "title"): "Delete this conversation?",
    ("threadHistory", "thread", "actions", "delete", "description"): (
        "Its questions, answers, files and links are deleted for good. What you said of an answer stays in the inbox, "
        "and an answer that you signed off stays among your positions until you withdraw it."
    ),
    ("threadHistory", "thread", "actions", "delete", "success"): "The conversation is deleted",
    ("threadHistory", "thread", "actions", "delete", "inProgress"): "Deleting",
    ("threadHistory", "thread", "actions", "rename", "title"): "Rename the conversation",
    ("threadHistory", "thread", "actions", "rename", "description"): "Give it a name of your own",
    ("threadHistory", "thread", "actions", "rename", "form", "name", "placeholder"): "A new name",
    ("threadHistory", "thread", "actions", "rename", "success"): "The conversation is renamed",
    ("threadHistory", "thread", "actions", "rename", "inProgress"): "Renaming",
}
_SHARED = "Information, not legal advice. Questions stay on this server."


@cache
def folder(login: bool = False) -> Path:
    """Return the folder, made and filled once in a process; with `login` its page shows who is logged in."""
    path = Path(_kept(login).name)
    package = _package()
    (path / ".chainlit" / "translations").mkdir(parents=True)
    (path / "public").mkdir()
    (path / "build").mkdir()
    own = (_HERE / "templates" / "chainlit.toml").read_text(encoding="utf-8")
    own = re.sub(r"(?<=max_size_mb = )\d+", str(settings.upload_bytes() >> 20), own)
    (path / ".chainlit" / "config.toml").write_text(own, encoding="utf-8")
    for name in ("logo_light.svg", "logo_dark.svg", "favicon.svg"):
        shutil.copyfile(_HERE / "static" / name, path / "public" / name)
    (path / "public" / "elements").mkdir()
    for view in (ANSWER, CLAUSE):
        (path / "public" / "elements" / f"{view}.jsx").write_text(
            f"export default clausewise.{view};\n", encoding="utf-8"
        )
    # An empty read-me is none: without the file Chainlit warns at every page.
    (path / "chainlit_en-US.md").write_text("", encoding="utf-8")
    words = _words(login, (package / "translations" / "en-US.json").read_text(encoding="utf-8"))
    (path / ".chainlit" / "translations" / "en-US.json").write_text(words, encoding="utf-8")
    (path / "build" / "index.html").write_text(page(_packaged_page(package), login), encoding="utf-8")
    return path


def assets() -> Path:
    """Return the folder of the scripts and styles that Chainlit's page loads."""
    return _package() / "frontend" / "dist" / "assets"


def page(packaged: str, login: bool = False) -> str:
    """Return the chat's page made from Chainlit's own: the same script and style, nothing from another host.

    Raise DataError if Chainlit's page is not of the form that this relies on.
    """
    from ui.viewer import environment

    script = re.findall(r'<script type="module"[^>]* src="/assets/([\w.-]+\.js)"', packaged)
    style = re.findall(r'<link rel="stylesheet"[^>]* href="/assets/([\w.-]+\.css)"', packaged)
    if len(script) != 1 or len(style) != 1:
        raise DataError("Chainlit's page is not the one this version knows; install the pinned packages again")
    return environment().get_template("chat.html").render(script=script[0], style=style[0], login=login)


@cache
def _kept(login: bool) -> "TemporaryDirectory[str]":
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


def _words(login: bool, packaged: str) -> str:
    words: dict[str, Any] = json.loads(packaged)
    ours = _WORDS | ({("chat", "watermark"): _SHARED} if login else {})
    for path, text in ours.items():
        place = words
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = text
    return json.dumps(words, ensure_ascii=False)
