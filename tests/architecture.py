"""The rules of the house as pure functions: the text of a file in, one line for each violation out."""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeGuard

WARN_LINES, MAX_LINES = 300, 400
MAX_FUNCTION_LINES, MAX_PARAMETERS = 60, 6

# Who may import whom; a package always may import itself.
PACKAGES = {
    "corpus": (),
    "rag": ("corpus",),
    "evals": ("corpus", "rag"),
    "ui": ("corpus", "rag", "evals", "serving.health"),
    "serving": (),
}
SERVING_MAY_IMPORT = ("httpx",)

# One library, one home. A folder's name with a slash stands for all its modules.
HOMES = {
    "argon2": ("ui/users.py",),
    "bm25s": ("rag/lexical.py",),
    "chainlit": (
        *("ui/chat.py", "ui/chat_documents.py", "ui/uploads.py"),
        *("ui/conversations.py", "ui/history.py", "ui/login.py"),
    ),
    "docx": ("corpus/word.py", "ui/memo_docx.py", "ui/memo_footnotes.py"),
    "faiss": ("rag/dense.py", "evals/baselines.py"),
    "langchain_classic": ("evals/baselines.py",),
    "langchain_community": ("evals/baselines.py",),
    "langchain_core": ("rag/generate.py", "rag/langchain_retriever.py", "evals/baselines.py"),
    "langchain_openai": ("rag/generate.py",),
    "langchain_text_splitters": ("evals/baselines.py",),
    "licensedcode": ("rag/detector.py",),
    "lxml": ("corpus/hypertext.py", "corpus/word.py"),
    "openai": ("rag/generate.py",),
    "PIL": ("ui/page_program.py",),
    "pypdf": ("corpus/pdf.py",),
    "pypdfium2": ("ui/page_program.py",),
    "ragas": ("evals/judge.py",),
    "reportlab": ("ui/memo_pdf.py", "ui/memo_fonts.py"),
    "sentence_transformers": (),
    "sqlalchemy": ("ui/history.py", "ui/history_tables.py"),
    "torch": ("rag/embed_torch.py", "rag/rerank.py"),
    "transformers": ("rag/embed_torch.py", "rag/rerank.py"),
    "vllm": (),
}
EDGES = ("ui/",)
PRINTS = ("ui/cli.py",)
READS_ENVIRONMENT = ("rag/settings.py", "serving/config.py")
PICKLES = ("pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve")

# Joined only in the patterns, so that this file does not break the rule it states.
ROOTS = ("work", "opt", "root")
HOSTS = ("py" r"pi\.org", "python" r"hosted\.org", "registry" r"\.npmjs", "deb" r"\.debian\.org")
FOREIGN_TEXT = {
    "a path of one machine": re.compile(rf"(?<![\w.~-])/({'|'.join(ROOTS)})/\w|/tmp/bash" + r"_jobs"),
    "a registry's host": re.compile("|".join(HOSTS)),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file: its path in the repository, in POSIX form, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self)

    @property
    def package(self) -> str:
        return self.path.split("/")[0]


@lru_cache(maxsize=512)
def _parsed(source: Source) -> ast.Module:
    return ast.parse(source.text, source.path)


Check = Callable[[Source], list[str]]


def at_home(path: str, homes: Collection[str]) -> bool:
    return any(path == home or (home.endswith("/") and path.startswith(home)) for home in homes)


def file_length(source: Source) -> list[str]:
    lines = source.text.count("\n")
    return [f"{source.path}: {lines} lines (at most {MAX_LINES}): split it by concept"] if lines > MAX_LINES else []


def function_size(source: Source) -> list[str]:
    found = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            found.append(f"{source.path}:{node.lineno}: {node.name} has {lines} lines (at most {MAX_FUNCTION_LINES})")
        count = len(_parameters(node.args))
        if count > MAX_PARAMETERS:
            found.append(f"{source.path}:{node.lineno}: {node.name} has {count} parameters (at most {MAX_PARAMETERS})")
    return found


def _parameters(arguments: ast.arguments) -> list[str]:
    positional = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
    if positional[:1] in (["self"], ["cls"]):
        positional.pop(0)
    rest = [arg.arg for arg in (arguments.vararg, *arguments.kwonlyargs, arguments.kwarg) if arg]
    return positional + rest


def module_docstring(source: Source) -> list[str]:
    return [] if ast.get_docstring(source.tree) else [f"{source.path}: no docstring on the module"]


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the line and full dotted name of everything that is imported, also by `import_module("name")`."""
    folder = source.path.rsplit("/", 1)[0].split("/")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            named = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
            yield from ((node.lineno, name) for name in named if isinstance(name, str))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def import_direction(source: Source) -> list[str]:
    allowed = (source.package, *PACKAGES[source.package])
    return [
        f"{source.path}:{line}: {source.package} may not import {name}"
        for line, name in imported(source)
        if name.split(".")[0] in PACKAGES and not any(_within(name, one) for one in allowed)
    ]


def one_home(source: Source) -> list[str]:
    return [
        f"{source.path}:{line}: {name.split('.')[0]} is imported in {' and '.join(homes) or 'no module'} only"
        for line, name in imported(source)
        if (homes := HOMES.get(name.split(".")[0])) is not None and not at_home(source.path, homes)
    ]


def serving_stands_alone(standard: Collection[str]) -> Check:
    def check(source: Source) -> list[str]:
        allowed = {"serving", *SERVING_MAY_IMPORT, *standard}
        return [
            f"{source.path}:{line}: serving may not import {name}: the standard library and httpx only"
            for line, name in imported(source)
            if source.package == "serving" and name.split(".")[0] not in allowed
        ]

    return check


def no_pickle(source: Source) -> list[str]:
    found = [
        f"{source.path}:{line}: {name} runs code on reading; store native files and JSON"
        for line, name in imported(source)
        if name.split(".")[0] in PICKLES
    ]
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.keyword) or node.arg not in ("allow_pickle", "allow_dangerous_deserialization"):
            continue
        if not (isinstance(node.value, ast.Constant) and node.value.value is False):
            found.append(f"{source.path}:{node.value.lineno}: {node.arg} runs code on reading; store native files")
    return found


def narrow_except(source: Source) -> list[str]:
    if at_home(source.path, EDGES):
        return []
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _is_broad(node.type)):
            found.append(f"{source.path}:{node.lineno}: broad except; name the errors (broad ones are for ui/)")
        if isinstance(node, ast.Call) and _name(node.func) == "suppress" and any(map(_is_broad, node.args)):
            found.append(f"{source.path}:{node.lineno}: broad suppress; name the errors")
    return found


def _is_broad(node: ast.expr) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(_name(kind) in ("Exception", "BaseException") for kind in kinds)


def no_print(source: Source) -> list[str]:
    return [
        f"{source.path}:{node.lineno}: print; only {' and '.join(PRINTS)} may"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and _name(node.func) == "print"
        and source.path not in PRINTS
        # rich's console.print is an output that the caller was given, not the process's own.
        and isinstance(node.func, ast.Name)
    ]


def environment(source: Source) -> list[str]:
    """Setting a variable is allowed in a function whose docstring says why: some libraries offer no other switch."""
    if source.path in READS_ENVIRONMENT:
        return []
    return [
        f"{source.path}:{line}: the environment is read in {' and '.join(READS_ENVIRONMENT)} only"
        for line in _environment_reads(source.tree, explained=False)
    ]


def _environment_reads(parent: ast.AST, explained: bool) -> Iterator[int]:
    if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
        explained = ast.get_docstring(parent) is not None
    for node in ast.iter_child_nodes(parent):
        if _is_environment(node) and not (explained and _is_setting(parent)):
            yield node.lineno
        yield from _environment_reads(node, explained)


def _is_environment(node: ast.AST) -> TypeGuard[ast.ImportFrom | ast.Attribute]:
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in ("environ", "environb", "getenv") for alias in node.names)
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ("environ", "environb", "getenv", "putenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    )


def _is_setting(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store | ast.Del)
    return isinstance(node, ast.Attribute) and node.attr in ("setdefault", "pop")


def no_license_ids(ids: Collection[str]) -> Check:
    """Knowledge is data: a check of strings, docstrings aside, against the ids of the catalog."""

    def check(source: Source) -> list[str]:
        docstrings = set(map(id, _docstrings(source.tree)))
        return [
            f"{source.path}:{node.lineno}: the license id {node.value!r} in code; it belongs in corpus/data"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and node.value.partition("#")[0] in ids
        ]

    return check


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield body[0].value


def foreign_text(path: str, text: str) -> list[str]:
    """Return the lines of any tracked file that only make sense on one machine."""
    return [
        f"{path}:{number}: {what}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FOREIGN_TEXT.items()
        if pattern.search(line)
    ]


def unnamed_modules(text: str, modules: Collection[str]) -> list[str]:
    """Return the modules (`rag/route.py`) that ARCHITECTURE.md names neither as `route` nor as route.py."""
    named = set(re.findall(r"(\w+)\.py\b", text)) | set(re.findall(r"`(?:\w+/)*(\w+)`", text))
    return [
        f"ARCHITECTURE.md does not name {module}"
        for module in modules
        if module.rsplit("/", 1)[-1].removesuffix(".py") not in named
    ]


def untested_pins(constraints: str, requirements: Collection[str]) -> list[str]:
    """Return the requirements that constraints.txt leaves open, and its lines that are no pin or out of order."""
    lines = [line.split("#")[0].strip() for line in constraints.splitlines()]
    lines = [line for line in lines if line]
    names = [_normal(line.split("==")[0]) for line in lines]
    found = [f"constraints.txt: {line} is no pin" for line in lines if not re.fullmatch(r"[\w.\-]+==[\w.!]+", line)]
    found += [f"constraints.txt: {b} stands after {a}" for a, b in pairwise(names) if a >= b]
    wanted = [_normal(re.split(r"[^\w.\-]", requirement)[0]) for requirement in requirements]
    return found + [f"constraints.txt does not pin {name}" for name in wanted if name not in names]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
