"""The pages around a memo: the memo itself with its files, signing it off, and links that share it.

An answer is its owner's: whoever else asks for it learns only that there is none. A shared link is the one way around
that, and shows one answer, to read.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from corpus.errors import DataError, InputError, StoreError
from corpus.store import Store
from rag import settings
from rag.types import Value
from ui import kept, memo_build, memo_forms, positions, profile, sharing
from ui.documents import Documents
from ui.kept import Kept
from ui.memo import Memo, SignOff
from ui.memo_build import Given
from ui.people import owner
from ui.positions import Position
from ui.viewer import environment
from ui.words import basis, plain, said

_OFF = "sharing is switched off here; whoever runs the server can allow it with CLAUSEWISE_SHARING=1"


def add(app: FastAPI, documents: Documents) -> None:
    """Add the routes of memos, positions and shared links.

    Raise InputError if the setting that allows sharing cannot be read.
    """
    desk = _Desk(documents)
    _add_memos(app, desk)
    _add_positions(app, desk)
    _add_shared(app, desk)


class _Desk:
    """What the routes work on: the home folder, and the texts on file now."""

    def __init__(self, documents: Documents) -> None:
        self.home, self._documents = documents.home, documents
        self.sharing = settings.sharing()

    def store(self, thread: str, owner: str) -> Store:
        """Return the texts of a conversation: those that everybody has, and its owner's."""
        return self._documents.pipeline((thread, owner)).store

    def answer(self, request: Request, id: str) -> Kept:
        """Return the user's kept answer of that id; there is no such page otherwise."""
        try:
            return kept.load(self.home, id, owner(request))
        except InputError as error:
            raise HTTPException(404, str(error)) from None

    def memo(self, request: Request, answers: Sequence[Kept], beside: bool = True) -> Memo:
        """Return the memo of kept answers of one conversation, with the owner's positions `beside` them."""
        store = self.store(answers[0].thread, answers[0].owner)
        return memo_build.build([self._given(each, store, beside) for each in answers], store, _base(request))

    def row(self, of: Position, owner: str, company: Mapping[str, Value]) -> dict[str, Any]:
        """Return what the list says of a position of the owner's; `memo` is where its answer stands, empty if that is gone."""
        records = self.store(of.thread, owner).records
        changed = (*positions.changed_texts(of, records), *positions.changed_facts(of, company))
        try:
            memo = f"/memo/{kept.load(self.home, of.answer, owner).id}"
        except (InputError, DataError, StoreError):
            memo = ""
        titles = {id: records[id].title for id, _, _ in of.about if id in records}
        return {**positions.published(of, changed), "memo": memo, "titles": titles}

    def _given(self, of: Kept, store: Store, beside: bool) -> Given:
        own = [each for each in positions.of_owner(self.home, of.owner).positions if each.answer == of.id]
        signed = tuple(SignOff(s.name, s.date, s.note) for s in (each.signature for each in reversed(own)))
        answer = {**of.answer, "positions": []}
        if beside:
            noted = positions.noted(self.home, of.owner, of.answer, store.records)
            keys = {each.key for each in own}
            answer = {**noted, "positions": [row for row in noted.get("positions", []) if row["id"] not in keys]}
        return Given(answer, of.time, of.origin, signed)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a posted form. Raise InputError if it is none."""
    try:
        fields = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=16)
    except ValueError:
        raise InputError("the form cannot be read; send it again") from None
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(_form)]


def _add_memos(app: FastAPI, desk: _Desk) -> None:
    @app.get("/memo/thread/{name}", response_class=HTMLResponse)
    def conversation(name: str, request: Request) -> Response:
        """Return the memo of a whole conversation, as a page or, with a suffix, as a file."""
        id, kind = _named(name)
        try:
            answers = kept.of_thread(desk.home, id, owner(request))
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        if not answers:
            raise HTTPException(404, "no answer of this conversation is kept, or it was deleted; ask again")
        memo = desk.memo(request, answers)
        return (
            _file(memo, kind, id) if kind else _rendered("memo.html", memo=memo, path=f"/memo/thread/{id}", desk=None)
        )

    @app.get("/memo/{name}", response_class=HTMLResponse)
    def one(name: str, request: Request) -> Response:
        """Return the memo of an answer, as a page or, with a suffix, as a file."""
        id, kind = _named(name)
        answer = desk.answer(request, id)
        return _file(desk.memo(request, [answer]), kind, id) if kind else _memo_page(desk, request, answer)

    @app.post("/memo/{id}/sign")
    def sign(id: str, request: Request, form: Form) -> Response:
        """Sign an answer off: it becomes a position."""
        answer = desk.answer(request, id)
        try:
            by = positions.signature(form.get("name", ""), form.get("date", ""), form.get("note", ""))
            positions.sign(desk.home, answer.owner, (answer.id, answer.answer), by)
        except (InputError, StoreError) as error:
            return _memo_page(desk, request, answer, form, error)  # with all that was typed
        return RedirectResponse(f"/memo/{answer.id}#signed", 303)


def _memo_page(
    desk: _Desk,
    request: Request,
    answer: Kept,
    typed: Mapping[str, str] | None = None,
    error: InputError | StoreError | None = None,
) -> HTMLResponse:
    links = {link.answer: link for link in sharing.of_owner(desk.home, answer.owner)} if desk.sharing else {}
    blank = {"name": answer.owner, "date": datetime.now(UTC).date().isoformat(), "note": ""}
    told = {
        "answer": answer,
        "form": {**blank, **(typed or {})},
        "error": str(error or ""),
        "sharing": desk.sharing,
        "token": links[answer.id].token if answer.id in links else "",
        "base": _base(request),
        "longest": (positions.LONGEST_NAME, positions.LONGEST_NOTE),
    }
    page = _rendered("memo.html", memo=desk.memo(request, [answer]), path=f"/memo/{answer.id}", desk=told)
    if error:
        page.status_code = 400 if isinstance(error, InputError) else 503
    return page


def _add_positions(app: FastAPI, desk: _Desk) -> None:
    @app.get("/positions", response_class=HTMLResponse)
    def listed(request: Request) -> Response:
        """List the user's positions, with what has changed since they were signed: their texts, what is told of the company."""
        name = owner(request)
        held = positions.of_owner(desk.home, name)
        try:
            company, problems = profile.load(desk.home, name), held.problems
        except (DataError, StoreError) as error:
            company, problems = {}, (*held.problems, str(error))
        rows = [desk.row(each, name, company) for each in held.positions]
        return _rendered("positions.html", rows=rows, problems=problems, said=said, basis=basis, plain=plain)

    @app.post("/positions/{key}/withdraw")
    def withdraw(key: str, request: Request) -> Response:
        """Withdraw a position: later answers name it no more."""
        positions.withdraw(desk.home, owner(request), key)
        return RedirectResponse("/positions", 303)


def _add_shared(app: FastAPI, desk: _Desk) -> None:
    def allowed() -> None:
        if not desk.sharing:
            raise HTTPException(404, _OFF)

    @app.post("/memo/{id}/share")
    def share(id: str, request: Request) -> Response:
        """Make a link that shows an answer to whoever has it."""
        allowed()
        sharing.share(desk.home, desk.answer(request, id))
        return RedirectResponse(f"/memo/{id}#share", 303)

    @app.get("/shared", response_class=HTMLResponse)
    def listed(request: Request) -> Response:
        """List the user's links."""
        name = owner(request)
        rows: list[dict[str, Any]] = []
        for link in sharing.of_owner(desk.home, name):
            try:
                question = str(kept.load(desk.home, link.answer, name).answer["question"])
            except InputError:
                question = ""
            rows.append({"link": link, "question": question})
        return _rendered("links.html", rows=rows, sharing=desk.sharing, base=_base(request))

    @app.get("/shared/{token}", response_class=HTMLResponse)
    def shared(token: str, request: Request) -> Response:
        """Show one answer to whoever has its link."""
        allowed()
        try:
            answer = sharing.shared(desk.home, token)
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        return _rendered("shared.html", memo=desk.memo(request, [answer], beside=False))

    @app.post("/shared/{token}/revoke")
    def revoke(token: str, request: Request) -> Response:
        """Revoke a link."""
        sharing.revoke(desk.home, owner(request), token)
        return RedirectResponse("/shared", 303)


def _named(name: str) -> tuple[str, str]:
    """Return what a path names: an id, and the kind of file that is asked for, empty for the page."""
    stem, _, kind = name.rpartition(".")
    return (stem, kind) if kind in memo_forms.TYPES else (name, "")


def _file(memo: Memo, kind: str, id: str) -> Response:
    name = f"license-memo-{memo.made}-{id.rpartition('.')[2][:6]}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(memo_forms.written(memo, kind), media_type=memo_forms.TYPES[kind], headers=headers)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _rendered(template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(environment().get_template(template).render(**values))
