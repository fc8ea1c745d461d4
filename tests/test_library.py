from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import library
from corpus.errors import StoreError


def test_an_original_is_kept_to_the_byte(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf# Policy\r\n\x00\xff"
    kept = library.keep(tmp_path, "policy", Path("/somewhere/Policy.MD"), data)
    assert (kept.id, kept.name, kept.copy) == ("policy", "Policy.MD", "original.md")
    assert library.originals(tmp_path) == (kept,)
    assert library.path_of(tmp_path, kept).read_bytes() == data


def test_an_original_without_a_suffix_is_kept(tmp_path: Path) -> None:
    assert library.keep(tmp_path, "license", Path("LICENSE"), b"x").copy == "original"
    assert library.keep(tmp_path, "odd", Path("odd.t x"), b"x").copy == "original"


def test_originals_are_set_aside_and_restored(tmp_path: Path) -> None:
    kept = library.keep(tmp_path, "policy", Path("policy.md"), b"x")
    library.set_aside(tmp_path, "policy")
    assert library.originals(tmp_path) == ()
    library.restore(tmp_path, "policy")
    assert library.originals(tmp_path) == (kept,)
    with pytest.raises(StoreError, match="cannot write"):
        library.set_aside(tmp_path, "other")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id":"x"}', b"\xff"])
def test_damaged_metadata_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    library.keep(tmp_path, "policy", Path("policy.md"), b"x")
    (tmp_path / "files" / "policy" / library.METADATA).write_bytes(content)
    with pytest.raises(
        StoreError, match=r"metadata.json is damaged: remove the folder .*policy and add the file again"
    ):
        library.originals(tmp_path)


@pytest.mark.parametrize(
    ("name", "taken", "id"),
    [
        ("Acme 1.5.txt", (), "acme-1.5"),
        ("Acme 1.5.txt", ("acme-1.5",), "acme-1.5-2"),
        ("Acme 1.5.txt", ("acme-1.5", "acme-1.5-2"), "acme-1.5-3"),
        ("MIT.md", ("mit",), "mit-2"),
        ("政策.pdf", (), "document"),
        (f"{'x' * 240}.txt", (), "x" * 200),
    ],
)
def test_ids_follow_the_contract(name: str, taken: tuple[str, ...], id: str) -> None:
    assert library.new_id(Path(name), taken) == id


@given(st.text(min_size=1, max_size=80).filter(lambda name: "/" not in name and "\0" not in name))
def test_any_name_gives_an_id_that_is_a_file_name(name: str) -> None:
    id = library.new_id(Path(name), ())
    assert id
    assert not id.startswith((".", "-"))
    assert set(id) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
