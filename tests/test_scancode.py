"""License texts from the installed ScanCode package: nothing lost, nothing shifted, nothing copied."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import scancode
from corpus.errors import DataError, UnknownDocument

# Their front matter holds `---` before its closing line.
RULES_IN_FRONT = (
    "ada-linking-exception",
    "aptana-exception-3.0",
    "bootloader-exception",
    "hdf4",
    "libwebsockets-exception",
    "llvm-exception",
    "mcrae-pl-4-r53",
    "socketxx-2003",
    "syntext-serna-exception-1.0",
)
# Their text holds a line that is only `---`.
RULES_IN_TEXT = ("angi-1.0", "txl-10.5")


@pytest.mark.parametrize(
    ("raw", "front", "text"),
    [
        (b"---\nkey: a\n---\nBody\n", "key: a\n", "Body\n"),
        (b"---\nkey: a\nnotes: 'x --- y'\n---\nBody", "key: a\nnotes: 'x --- y'\n", "Body"),
        (b"---\nkey: a\nnotes: |\n  ----\n  ---\n---\nBody", "key: a\nnotes: |\n  ----\n  ---\n", "Body"),
        (b"---\nkey: a\n---\nBody\n---\nMore", "key: a\n", "Body\n---\nMore"),
        (b"---\r\nkey: a\r\n---\r\nOne\r\nTwo\r", "key: a\r\n", "One\r\nTwo\r"),
        (b"---\nkey: a\n---  \nBody", "key: a\n", "Body"),
        (b"---\nkey: a\n---", "key: a\n", ""),
        (b"---\nkey: a\n---\n", "key: a\n", ""),
        (b"---\n---\nBody", "", "Body"),
        (b"\xef\xbb\xbf---\nkey: a\n---\nBody", "key: a\n", "Body"),
        (b"---\nkey: a\n---\n\xef\xbb\xbfBody", "key: a\n", "Body"),
        (b"No front matter\n---\nat all", "", "No front matter\n---\nat all"),
        (b"---\nnever closed --- here", "", "---\nnever closed --- here"),
        (b"", "", ""),
    ],
)
def test_front_matter_ends_at_a_whole_line(raw: bytes, front: str, text: str) -> None:
    assert scancode.split(raw) == (front, text)


def test_all_texts_are_read_and_only_some_are_empty() -> None:
    keys = scancode.keys()
    texts = {key: scancode.split((scancode.data_dir() / f"{key}.LICENSE").read_bytes())[1] for key in keys}
    assert len(texts) > 2500
    empty = {key for key, text in texts.items() if not text.strip()}
    assert 0 < len(empty) < 40
    assert {"public-domain", "unknown", "proprietary"} <= empty
    assert not any(text.startswith(("\ufeff", "key:", "---\n")) for text in texts.values())


@pytest.mark.parametrize("key", [*RULES_IN_FRONT, *RULES_IN_TEXT])
def test_texts_with_rules_are_whole(key: str) -> None:
    raw = (scancode.data_dir() / f"{key}.LICENSE").read_bytes().decode("utf-8")
    text = scancode.read(key).text
    assert raw.endswith(text)
    assert scancode.metadata(key)["key"] == key
    front_lines = raw.removesuffix(text).split("\n")
    assert front_lines[0] == front_lines[-2] == "---"
    assert "---" not in front_lines[1:-2]
    if key in RULES_IN_TEXT:
        assert "\n---\n" in text
    else:
        assert "---" in "\n".join(front_lines[1:-2])


def test_document() -> None:
    document = scancode.read("apache-2.0")
    assert document.id == document.license == "apache-2.0"
    assert document.title == "Apache License 2.0"
    assert document.kind == "license"
    assert document.origin.source == f"scancode:{scancode.version()}"
    assert document.origin.sha256 == hashlib.sha256(document.text.encode()).hexdigest()
    assert "END OF TERMS AND CONDITIONS" in document.text
    assert "spdx_license_key" not in document.text


def test_an_empty_text_is_a_document_too() -> None:
    assert scancode.read("public-domain").text.strip() == ""


def test_metadata() -> None:
    found = scancode.metadata("mit")
    assert (found["key"], found["spdx_license_key"], found["category"]) == ("mit", "MIT", "Permissive")


@pytest.mark.parametrize("key", ["apache-3.0", "", "../../mit", "mit.LICENSE", "MIT"])
def test_unknown_keys_are_refused(key: str) -> None:
    with pytest.raises(UnknownDocument, match="has no license"):
        scancode.read(key)


def test_unknown_key_names_near_ones() -> None:
    with pytest.raises(UnknownDocument, match=r"near: .*apache-2\.0"):
        scancode.metadata("apache-2")


def test_damaged_files_give_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "licenses"
    folder.mkdir()
    (folder / "mit.LICENSE").write_bytes(b"---\nkey: [mit\n---\nBody")
    (folder / "isc.LICENSE").write_bytes(b"---\nkey: isc\n---\n\xff\xfe")
    (folder / "zlib.LICENSE").write_bytes(b"---\n- a list\n---\nBody")
    scancode.read("mit")  # the list of keys is remembered: take it from the real folder
    monkeypatch.setattr(scancode, "data_dir", lambda: folder)
    for key in ("mit", "isc", "zlib"):
        with pytest.raises(DataError, match=rf"{key} .*install the requirements again"):
            scancode.read(key)


def test_missing_package_gives_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scancode.importlib.util, "find_spec", lambda name: None)
    scancode.data_dir.cache_clear()
    try:
        with pytest.raises(DataError, match="scancode-toolkit-mini is not installed"):
            scancode.data_dir()
    finally:
        scancode.data_dir.cache_clear()


def test_the_engine_is_never_imported() -> None:
    code = "import sys; from corpus import scancode; scancode.read('mit'); sys.exit('licensedcode' in sys.modules)"
    root = Path(scancode.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
