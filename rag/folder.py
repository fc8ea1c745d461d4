"""A model folder as it stands on a hub: what its tag says, what its license file says, what it was made from."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import InputError
from corpus.files import read_file
from corpus.model_rows import Model
from rag.clashes import Found
from rag.identify import Match
from rag.stack import Component, Stack, Use, reason, shown

# How a hub names the relation to a base model, in the words of stack files.
_RELATIONS = {"finetune": "fine-tune", "adapter": "lora", "merge": "merge", "quantized": "quantize"}
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_MOST_BYTES = 1_000_000
_LICENSE = re.compile(r"([^-_. ]+[-_. ])?(licen[cs]e|copying)([-._].*)?", re.IGNORECASE)
# What a license file is for, by its name.
_OF_CODE = re.compile(r"(?<![a-z])(code|software|source|src)(?![a-z])", re.IGNORECASE)
_OF_WEIGHTS = re.compile(r"(?<![a-z])(models?|weights?|checkpoints?)(?![a-z])", re.IGNORECASE)
_NOTICE = re.compile(r"notice([-._].*)?", re.IGNORECASE)
_POLICY = re.compile(r"use_policy([-._].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a model folder declares: the license of its tag, its base models with the relation, and its legal files.

    `link` is where the tag says the license stands: a file of the folder, or an address.
    """

    name: str
    tag: str | None
    link: str | None
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
    bases = _names("base_model", front.get("base_model") or adapter.get("base_model_name_or_path"))
    relation = next(
        iter(_names("base_model_relation", front.get("base_model_relation"))), "adapter" if adapter else None
    )
    link = next(iter(_names("license_link", front.get("license_link"))), None)
    return Folder(
        path.resolve().name,
        _tag(front),
        link,
        bases,
        _RELATIONS.get(relation, relation) if relation else None,
        legal,
        any(_NOTICE.fullmatch(file.name) for file in files),
        any(_POLICY.fullmatch(file.name) for file in files),
    )


def _tag(front: dict[str, Any]) -> str | None:
    """Return the license of the front matter: its tag, behind `other` the name; of several tags all bind."""
    tags = _names("license", front.get("license"))
    if set(tags) <= {"other", "unknown"}:
        tags = _names("license_name", front.get("license_name"))
    return " AND ".join(tags) or None


def _names(field: str, value: Any) -> tuple[str, ...]:
    """Return the name or names that a field holds. Raise InputError if it holds something else."""
    values = value if isinstance(value, list) else [value]
    wrong = next(
        (v for v in values if v is not None and (not isinstance(v, str | int | float) or len(str(v)) > 400)), None
    )
    if wrong is not None:
        raise InputError(f"{field} of the model folder must be a name or a list of names, not {shown(wrong)}")
    return tuple(dict.fromkeys(str(v) for v in values if v is not None and v != ""))


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
        raise InputError(f"the front matter of README.md is not YAML: {reason(error)}") from error
    return data if isinstance(data, dict) else {}


def _adapter(path: Path) -> dict[str, Any]:
    text = _small(path)
    try:
        data = json.loads(text) if text is not None else {}
    except (ValueError, RecursionError) as error:
        raise InputError(f"adapter_config.json is not JSON: {error}") from error
    return data if isinstance(data, dict) else {}


def texts(folder: Folder, identify: Callable[[str], tuple[Match, ...]]) -> dict[Path, tuple[str, ...]]:
    """Return the known texts that each license file is or holds.

    Raise InputError if one of them cannot be read.
    """
    return {path: tuple(match.key for match in identify(read_file(path).text)) for path in folder.license_files}


def governing(folder: Folder, known: Mapping[Path, tuple[str, ...]], tagged: Collection[str]) -> str | None:
    """Return the license expression that the folder's model is under: the text decides, the tag where no text contradicts it."""
    keys = _of(known, _OF_WEIGHTS, _OF_CODE) or {key for found in known.values() for key in found}
    if not keys or keys & set(tagged):
        return folder.tag
    return " AND ".join(sorted(keys))


def stack(folder: Folder, use: Use, license: str | None) -> Stack:
    """Return the folder as a stack: the model under its license, made from its base models."""
    parents = tuple(Component(name, model=name) for name in dict.fromkeys(folder.bases))
    how = folder.how or ("fine-tune" if parents else None)
    model = Component(folder.name, license=license, derived_from=tuple(p.name for p in parents), how=how)
    return Stack(use, (*parents, model) if license or parents else ())


def findings(folder: Folder, known: Mapping[Path, tuple[str, ...]], tagged: Collection[str]) -> tuple[Found, ...]:
    """Return what is wrong between the tag and the files of a folder; `tagged` are the licenses that the tag names."""
    texts = {key for keys in known.values() for key in keys}
    tagged = set(tagged)
    says = f"the tag says {folder.tag}"
    if folder.tag is None and not known:
        text = "neither a license tag nor a license file: nothing on file grants anything; the owner could"
        return (Found("error", folder.name, "no-license", text, (), (folder.name,)),)
    if not known:
        where = f" (it points to {folder.link})" if folder.link else ""
        text = f"{says}{where}, but there is no license file: recipients get no copy of the terms"
        return (Found("warning", folder.name, "label-without-text", text),)
    if folder.tag is None:
        text = f"the license file is {_listed(texts) or 'no known text'}, but there is no license tag"
        return (Found("warning", folder.name, "text-without-label", text),)
    if not texts:
        return (Found("warning", folder.name, "unknown-text", f"the license file is no known text; {says}"),)
    code, weights = _of(known, _OF_CODE, _OF_WEIGHTS), _of(known, _OF_WEIGHTS, _OF_CODE)
    rest = {
        key for path in known for key in known[path] if _OF_WEIGHTS.search(path.name) or not _OF_CODE.search(path.name)
    }
    if tagged & code and not tagged & rest:
        other = f"the weights are under {_listed(weights)}" if weights else "no file says what the weights are under"
        text = f"{says}, which by its file is the license of the code; {other}"
        return (Found("error", folder.name, "code-license-for-weights", text, (), (folder.name,)),)
    if tagged and not tagged & texts:
        text = f"{says}, the license file is {_listed(texts)}"
        return (Found("error", folder.name, "tag-against-text", text, (), (folder.name,)),)
    return ()


def _of(known: Mapping[Path, tuple[str, ...]], mine: re.Pattern[str], others: re.Pattern[str]) -> set[str]:
    """Return the texts of the files that are for one thing and not for the other, by their names."""
    paths = (path for path in known if mine.search(path.name) and not others.search(path.name))
    return {key for path in paths for key in known[path]}


def _listed(keys: set[str]) -> str:
    return ", ".join(sorted(keys))


def of_known(folder: Folder, model: Model | None, tagged: Collection[str]) -> tuple[Found, ...]:
    """Return the finding where a known model's tag names the license of its code, while its weights are under another."""
    code = model.assets.get("code") if model is not None else None
    if model is None or code is None or code not in tagged or set(tagged) & set(model.licenses):
        return ()
    other = _listed(set(model.licenses)) or model.missing or "another license"
    text = f"the tag says {folder.tag}, which is the license of the code of {model.name}; its weights are under {other}"
    return (Found("error", folder.name, "code-license-for-weights", text, (), (folder.name,)),)
