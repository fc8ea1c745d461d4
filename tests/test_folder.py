"""Model folders: the tag against the license file, licenses of code and of weights, what is missing, folders that cannot be read."""

import json
from pathlib import Path

import pytest
from small_store import build, fails, opener

from corpus import registry, scancode
from corpus.errors import InputError
from rag import folder
from rag.folder import Folder
from rag.identify import Match
from ui import cli


def write(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return path


def checked(path: Path, key: str | None) -> list[str]:
    read = folder.read(path)
    matches = (Match(key, "exact", 1.0, 1.0),) if key else ()
    texts = folder.texts(read, lambda text: matches)
    return [f.code for f in folder.findings(read, texts, (read.tag,) if read.tag else ())]


def test_the_tag_of_a_folder_is_held_against_its_license_file(tmp_path: Path) -> None:
    front = (
        "---\nlicense: apache-2.0\nbase_model: meta-llama/Llama-3.1-8B\nbase_model_relation: finetune\n---\n# Model\n"
    )
    path = write(tmp_path / "m", README__md=front)
    assert checked(path, None) == ["label-without-text"]
    write(path, LICENSE="any text")
    assert checked(path, "mit") == ["tag-against-text"]
    assert checked(path, "apache-2.0") == []
    assert checked(path, None) == ["unknown-text"]
    assert folder.read(path).how == "fine-tune"
    write(path, README__md="# Model\n")
    assert checked(path, "mit") == ["text-without-label"]
    (path / "LICENSE").unlink()
    write(path, config__json="{}")
    assert checked(path, None) == ["no-license"]
    write(path, README__md="---\nlicense: unknown\n---\n")
    assert checked(path, None) == ["no-license"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"README__md": "---\nlicense: [\n---\n"}, "is not YAML: .* in line"),
        ({"adapter_config__json": "{"}, "is not JSON"),
        ({"adapter_config__json": '{"base_model_name_or_path": {}}'}, "base_model of the model folder must be a name"),
        (
            {"README__md": "---\nlicense: [mit, [mit]]\n---\n"},
            "license of the model folder must be a name .* not a list",
        ),
        ({"README__md": f"---\nlicense: {'x' * 500}\n---\n"}, "license of the model folder must be a name"),
        ({"notes__txt": "x"}, "holds neither"),
        ({"README__md": "x" * 1_000_001}, "at most 1,000,000"),
    ],
)
def test_a_folder_that_cannot_be_read_is_refused(files: dict[str, str], why: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=why):
        folder.read(write(tmp_path / "m", **files))
    with pytest.raises(InputError, match="is no folder"):
        folder.read(tmp_path / "absent")


def test_the_tag_of_the_front_matter_may_be_a_list_a_name_or_none(tmp_path: Path) -> None:
    tags = {
        "license: mit": "mit",
        "license: [mit, apache-2.0]": "mit AND apache-2.0",
        "license: other\nlicense_name: llama3.1\nlicense_link: LICENSE": "llama3.1",
        "license: unknown": None,
        "language: en": None,
    }
    for n, (front, tag) in enumerate(tags.items()):
        read = folder.read(write(tmp_path / str(n), README__md=f"---\n{front}\n---\n", config__json="{}"))
        assert (read.tag, read.link) == (tag, "LICENSE" if "link" in front else None)


@pytest.mark.parametrize(
    ("files", "tag", "code", "license"),
    [
        ({"LICENSE-CODE": "mit", "LICENSE-MODEL": "finch"}, "mit", ["code-license-for-weights"], "finch"),
        ({"LICENSE-CODE": "mit"}, "mit", ["code-license-for-weights"], "mit"),
        ({"LICENSE-CODE": "mit", "LICENSE-MODEL": "finch"}, "finch", [], "finch"),
        ({"LICENSE-CODE": "mit", "LICENSE": "mit"}, "mit", [], "mit"),
        ({"MODEL_LICENSE.txt": "finch"}, "mit", ["tag-against-text"], "finch"),
        ({"LICENSE": "finch", "COPYING": "wren"}, None, ["text-without-label"], "finch AND wren"),
    ],
)
def test_the_license_of_the_code_is_not_that_of_the_weights(
    files: dict[str, str], tag: str | None, code: list[str], license: str
) -> None:
    read = Folder("m", tag, None, (), None, tuple(map(Path, files)), False, False)
    known = {path: (files[path.name],) for path in read.license_files}
    tagged = (tag,) if tag else ()
    assert [f.code for f in folder.findings(read, known, tagged)] == code
    assert folder.governing(read, known, tagged) == license


def test_a_known_models_code_license_is_not_taken_for_its_weights() -> None:
    read = Folder("deepseek-llm-7b", "mit", None, (), None, (Path("LICENSE"),), False, False)
    model = registry.load().model("deepseek-llm")
    assert model is not None
    (found,) = folder.of_known(read, model, ("mit",))
    assert (found.level, found.code) == ("error", "code-license-for-weights")
    assert model.licenses[0] in found.text
    assert folder.of_known(read, model, model.licenses) == ()
    assert folder.of_known(read, None, ("mit",)) == ()


def test_folders_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scancode, "keys", lambda: ("mit", "bsd-new"))
    home = build(tmp_path / "home")
    mit = scancode.read("mit").text

    def audit(path: Path) -> tuple[int, dict[str, list[dict[str, str]]]]:
        status = cli.main(["--home", str(home), "audit", str(path), "--format", "json"], opener)
        return status, json.loads(capsys.readouterr().out)

    status, found = audit(write(tmp_path / "a", README__md="---\nlicense: bsd-3-clause\n---\n", LICENSE=mit))
    assert (status, [f["code"] for f in found["findings"]]) == (1, ["tag-against-text"])
    # The text decides what is audited.
    assert [bond["license"] for bond in found["components"][0]["licenses"]] == ["mit"]  # type: ignore[index]
    status, found = audit(write(tmp_path / "b", LICENSE=mit))
    assert (status, found["verdict"], [f["code"] for f in found["findings"]]) == (0, "yes", ["text-without-label"])
    status, found = audit(write(tmp_path / "c", config__json="{}"))
    assert (status, found["verdict"], [f["code"] for f in found["findings"]]) == (1, "no", ["no-license"])
    large = write(tmp_path / "d", README__md="---\nlicense: mit\n---\n")
    (large / "LICENSE").write_bytes(b"x" * 50_000_000)
    status, line = fails(capsys, "--home", str(home), "audit", str(large))
    assert (status, "LICENSE is larger than 20 MB" in line) == (2, True)
