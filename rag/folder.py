"""A model folder as it stands on a hub: what its tag says, what its license file says, what it was made from."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import InputError
from corpus.files import read_file
from rag.clashes import Found
from rag.identify import Match
from rag.stack import Component, Stack, Use

# How a hub names the relation to a base model, in the words of stack files.
_RELATIONS = {"finetune": "fine-tune", "adapter": "lora", "merge": "merge", "quantized": "quantize"}
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_MOST_BYTES = 1_000_000
_LICENSE = re.compile(r"(licen[cs]e|copying)([-._].*)?", re.IGNORECASE)
_NOTICE = re.compile(r"notice([-._].*)?", re.IGNORECASE)
_POLICY = re.compile(r"use_policy([-._].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a model folder declares: the license of its tag, its base models with the relation, and its legal files."""

    name: str
    tag: str | None
    bases: tuple[str, ...]
    how: str | None
    license_files: tuple[Path, ...]
    notice: bool
    policy: bool


def read(path: Path) -> Folder:
    """Return what a model folder declares.

    Raise InputError if it is no model folder, or its front matter or adapter file cannot be read.
    """
    if not path.is_dir():
        raise InputError(f"{path} is no folder; give a stack file (.toml, .yaml) or a model folder")
    files = [file for file in sorted(path.iterdir()) if file.is_file()]
    front = _front(path / "README.md")
    adapter = _adapter(path / "adapter_config.json")
    legal = tuple(file for file in files if _LICENSE.fullmatch(file.name))
    if not (front or adapter or legal or (path / "config.json").is_file()):
        raise InputError(
            f"{path} holds neither README.md with front matter, config.json, adapter_config.json nor a license file"
        )
    bases = front.get("base_model") or adapter.get("base_model_name_or_path") or []
    relation = front.get("base_model_relation") or ("adapter" if adapter else None)
    tag = front.get("license")
    name = front.get("license_name") if tag in (None, "other") else tag
    return Folder(
        path.resolve().name,
        str(name) if name else None,
        tuple(map(str, bases)) if isinstance(bases, list) else (str(bases),),
        _RELATIONS.get(str(relation), None if relation is None else str(relation)),
        legal,
        any(_NOTICE.fullmatch(file.name) for file in files),
        any(_POLICY.fullmatch(file.name) for file in files),
    )


def _small(path: Path) -> str | None:
    """Return the text of a small file; None if it is not there."""
    if not path.is_file():
        return None
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path.name} has {path.stat().st_size:,} bytes; at most {_MOST_BYTES:,} are read")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read as UTF-8 text: {error}") from error


def _front(path: Path) -> dict[str, Any]:
    found = _FRONT.match(_small(path) or "")
    if found is None:
        return {}
    try:
        data = yaml.safe_load(found.group("front"))
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"the front matter of README.md is not YAML: {str(error).splitlines()[0]}") from error
    return data if isinstance(data, dict) else {}


def _adapter(path: Path) -> dict[str, Any]:
    text = _small(path)
    try:
        data = json.loads(text) if text is not None else {}
    except (ValueError, RecursionError) as error:
        raise InputError(f"adapter_config.json is not JSON: {error}") from error
    return data if isinstance(data, dict) else {}


def stack(folder: Folder, use: Use) -> Stack:
    """Return the folder as a stack: the model, made from its base models."""
    parents = tuple(Component(name, model=name) for name in dict.fromkeys(folder.bases))
    how = folder.how or ("fine-tune" if parents else None)
    model = Component(folder.name, license=folder.tag, derived_from=tuple(p.name for p in parents), how=how)
    return Stack(use, (*parents, model) if folder.tag or parents else ())


def findings(
    folder: Folder, identify: Callable[[str], tuple[Match, ...]], named: Callable[[str], tuple[str, ...]]
) -> tuple[Found, ...]:
    """Return what is wrong between the tag and the files of a folder; `named` gives the license ids that a tag names."""
    found = []
    texts = [match.key for path in folder.license_files for match in identify(read_file(path).text)[:1]]
    tagged = named(folder.tag) if folder.tag else ()
    if folder.tag is None and not folder.license_files:
        text = "neither a license tag nor a license file: nothing on file grants anything; the owner could"
        found.append(Found("error", folder.name, "no-license", text, (), (folder.name,)))
    elif not folder.license_files:
        text = f"the tag says {folder.tag}, but there is no license file: recipients get no copy of the terms"
        found.append(Found("warning", folder.name, "label-without-text", text))
    elif folder.tag is None:
        text = f"the license file is {', '.join(texts) or 'no known text'}, but there is no license tag"
        found.append(Found("warning", folder.name, "text-without-label", text))
    elif not texts:
        found.append(
            Found(
                "warning", folder.name, "unknown-text", f"the license file is no known text; the tag says {folder.tag}"
            )
        )
    elif tagged and not set(tagged) & set(texts):
        text = f"the tag says {folder.tag}, the license file is {', '.join(texts)}"
        found.append(Found("error", folder.name, "tag-against-text", text, (), (folder.name,)))
    return tuple(found)
