"""The pages of memos, positions and shared links: whose they are, what they show, and what a form may do."""

import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from test_memo import answer
from test_viewer import Reader
from web_fakes import Replies, opener

from corpus.errors import InputError
from rag import settings
from ui import api, kept, memo_pages, profile
from ui.kept import Kept

BASE = "http://127.0.0.1:8000"
SIGNED = {"name": "Ada <b>", "date": "2026-02-03", "note": "Ask first."}


class Site:
    """A server over a home folder with two answers of one conversation; `user` asks."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, sharing: str = "1") -> None:
        monkeypatch.setenv("CLAUSEWISE_SHARING", sharing)
        self.home, self.user = home, ""
        monkeypatch.setattr(memo_pages, "owner", lambda request: self.user)
        self.http = TestClient(api.create_app(home, opener(Replies()), chat=False), base_url=BASE)
        self.thread = str(uuid.uuid4())
        self.first = self.keep(question="May <i>we</i>?")
        self.second = self.keep(question="And then?")

    def keep(self, **changes: object) -> Kept:
        return kept.keep(self.home, (self.thread, self.user), answer(**changes))

    def get(self, path: str, status: int = 200) -> str:
        response = self.http.get(path)
        assert response.status_code == status, response.text
        return response.text

    def post(self, path: str, fields: Mapping[str, str] | None = None, status: int = 303) -> str:
        response = self.http.post(path, data=dict(fields or {}), follow_redirects=False)
        assert response.status_code == status, response.text
        return response.headers.get("location", response.text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_a_memo_is_a_page_and_three_files(site: Site) -> None:
    page = site.get(f"/memo/{site.first.id}")
    assert "May &lt;i&gt;we&lt;/i&gt;?" in page
    found = Reader(page)
    links = [each["href"] for tag, each in found.tags if tag == "a"]
    for kind, begins in (("docx", b"PK"), ("pdf", b"%PDF-"), ("md", b"# License memo")):
        assert f"/memo/{site.first.id}.{kind}" in links
        response = site.http.get(f"/memo/{site.first.id}.{kind}")
        assert response.content.startswith(begins)
        assert response.headers["content-disposition"].endswith(f'.{kind}"')
        assert response.headers["x-content-type-options"] == "nosniff"
    targets = {each["id"] for _, each in found.tags if "id" in each}
    assert all(link[1:] in targets for link in links if link.startswith("#"))


def test_a_conversation_is_one_memo(site: Site) -> None:
    for page in (site.get(f"/memo/thread/{site.thread}"), site.get(f"/memo/thread/{site.thread}.md")):
        assert page.index("Question 1") < page.index("Question 2")
        assert "And then?" in page
    assert 'name="note"' not in site.get(f"/memo/thread/{site.thread}")


@pytest.mark.parametrize("path", ["/memo/x", "/memo/x.pdf", "/memo/thread/x", f"/memo/thread/{uuid.uuid4()}.docx"])
def test_what_is_not_kept_is_a_page_that_says_so(site: Site, path: str) -> None:
    assert "ask again" in site.get(path, 404)


def test_another_user_reaches_nothing(site: Site) -> None:
    site.post(f"/memo/{site.first.id}/sign", SIGNED)
    token = site.get("/shared") and site.post(f"/memo/{site.first.id}/share")
    assert token
    site.user = "bob"
    for path in (f"/memo/{site.first.id}", f"/memo/{site.first.id}.pdf", f"/memo/thread/{site.thread}"):
        site.get(path, 404)
    site.post(f"/memo/{site.first.id}/sign", SIGNED, 404)
    site.post(f"/memo/{site.first.id}/share", status=404)
    assert "None yet." in site.get("/positions")
    assert "None. Open" in site.get("/shared")


def test_signing_makes_a_position_that_the_next_answer_names(site: Site) -> None:
    assert site.post(f"/memo/{site.first.id}/sign", SIGNED) == f"/memo/{site.first.id}#signed"
    page = site.get(f"/memo/{site.first.id}")
    assert "Signed off by <strong>Ada &lt;b&gt;</strong>" in page
    assert "Position of" not in page
    second = site.get(f"/memo/{site.second.id}")
    assert "Position of 2026-02-03, signed by Ada &lt;b&gt;: On conditions" in second
    assert f'href="{BASE}/positions#' in second
    assert "Signed off by Ada" in site.get(f"/memo/{site.first.id}.md")
    listed = site.get("/positions")
    assert "Ask first." in listed
    assert f'href="/memo/{site.first.id}"' in listed
    assert "sell (weights) under Acme Open License 2 &lt;beta&gt;" in listed
    withdraw = next(each["action"] for tag, each in Reader(listed).tags if tag == "form")
    site.post(withdraw)
    assert "None yet." in site.get("/positions")
    assert "Position of" not in site.get(f"/memo/{site.second.id}")


def test_rest_answers_name_positions_of_the_same_acts(site: Site) -> None:
    asked = {"question": "Which court?"}
    plain = site.http.post("/api/ask", json=asked).json()
    assert "positions" not in plain
    bare = site.keep(question="Which court?", findings=())
    site.post(f"/memo/{bare.id}/sign", SIGNED)
    noted = site.http.post("/api/ask", json=asked).json()
    (row,) = noted.pop("positions")
    assert (row["signed_by"], row["verdict"]) == ("Ada <b>", "conditional")
    assert {**noted, "timings_ms": {}} == {**plain, "timings_ms": {}}
    stream = site.http.post("/api/ask", json=asked, headers={"Accept": "text/event-stream"}).text
    assert '"signed_by": "Ada <b>"' in stream.rpartition("event: done")[2]


def test_a_form_that_cannot_be_taken_keeps_what_was_typed(site: Site) -> None:
    page = site.post(f"/memo/{site.first.id}/sign", {**SIGNED, "date": "soon"}, 400)
    assert "is not a date" in page
    assert "Ask first.</textarea>" in page
    assert 'value="Ada &lt;b&gt;"' in page
    assert "None yet." in site.get("/positions")


def test_a_position_is_flagged_when_the_company_has_changed(site: Site) -> None:
    site.post(f"/memo/{site.first.id}/sign", SIGNED)
    assert "To be reviewed" not in site.get("/positions")
    profile.save(site.home, "", {"users": 800_000_000})
    assert "monthly active users: 1,000,000 then, 800,000,000 now" in site.get("/positions")
    kept.forget(site.home, site.thread)
    assert "Its conversation was deleted." in site.get("/positions")


def test_damaged_files_hide_no_memo_and_no_other_position(site: Site) -> None:
    site.post(f"/memo/{site.first.id}/sign", SIGNED)
    (path,) = (site.home / "positions").rglob("*.json")
    path.with_name(f"{'0' * 32}.json").write_text("{")
    profile.save(site.home, "", {"users": 5})
    next((site.home / profile.FOLDER).iterdir()).write_text("{")
    listed = site.get("/positions")
    assert "is damaged; mend or remove it" in listed
    assert "enter it again in the settings" in listed
    assert "Ask first." in listed
    memo = site.get(f"/memo/{site.first.id}")
    assert "a position cannot be named" in memo
    assert "Signed off by" in memo


def test_a_signature_that_cannot_be_written_keeps_what_was_typed(site: Site) -> None:
    (site.home / "positions").write_text("in the way")
    page = site.post(f"/memo/{site.first.id}/sign", SIGNED, 503)
    assert "Cannot write" in page
    assert "Ask first.</textarea>" in page


def test_a_form_that_is_none_is_refused(site: Site) -> None:
    for body in (b"\xff=\xff", b"&".join(b"a%d=1" % n for n in range(50))):
        response = site.http.post(f"/memo/{site.first.id}/sign", content=body)
        assert response.status_code == 400
        assert "the form cannot be read" in response.text


def test_a_shared_link_shows_one_answer_and_no_desk(site: Site) -> None:
    site.post(f"/memo/{site.second.id}/sign", SIGNED)
    assert site.post(f"/memo/{site.first.id}/share") == f"/memo/{site.first.id}#share"
    page = site.get(f"/memo/{site.first.id}")
    path = next(each["href"] for _, each in Reader(page).tags if each.get("href", "").startswith("/shared/"))
    site.user = "anybody"
    shared = Reader(site.get(path))
    assert [tag for tag, _ in shared.tags if tag in ("form", "textarea", "script")] == []
    text = site.get(path)
    assert "You may use, copy &amp; sell the Work &lt;freely&gt;." in text
    assert "Position of" not in text
    assert site.first.id not in text
    site.user = ""
    assert site.post(f"{path}/revoke") == "/shared"
    assert "leads to no answer" in site.get(path, 404)


def test_sharing_is_off_unless_it_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path, monkeypatch)
    site.post(f"/memo/{site.first.id}/share")
    path = next(each["href"] for _, each in Reader(site.get("/shared")).tags if "/shared/" in each.get("href", ""))
    off = Site(tmp_path, monkeypatch, "")
    assert "switched off" in off.get(path, 404)
    assert "switched off" in off.post(f"/memo/{off.first.id}/share", status=404)
    assert "Make a link" not in off.get(f"/memo/{off.first.id}")
    assert "switched off" in off.get("/shared")
    off.post(f"{path}/revoke")  # what was shared can be taken back all the same
    assert "None. Open" in off.get("/shared")


def test_the_setting_says_yes_or_no() -> None:
    assert not settings.sharing({})
    assert settings.sharing({"CLAUSEWISE_SHARING": " Yes "})
    with pytest.raises(InputError, match="CLAUSEWISE_SHARING='maybe' is neither yes nor no"):
        settings.sharing({"CLAUSEWISE_SHARING": "maybe"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": BASE, "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(site: Site, headers: dict[str, str], status: int) -> None:
    response = site.http.post(f"/memo/{site.first.id}/sign", data=SIGNED, headers=headers, follow_redirects=False)
    assert response.status_code == status
