"""Conversations as they are kept: Chainlit's SQLAlchemy data layer, with what it leaves to chance put right.

It swallows the database's errors, and logs them with what people wrote; it reads all conversations to list a page of
them; it gives JSON back as text from either database; and a write that comes late brings a deleted conversation back.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from chainlit.context import context, context_var
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.types import PageInfo, PaginatedResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from corpus import atomic
from corpus.errors import ClausewiseError, InputError
from rag import shelf
from ui import history_tables, kept, positions, profile, sharing
from ui.history_files import Files
from ui.people import People, identifier

_TITLE = 120
_RESUMED = ("chat_profile", "chat_settings")  # of what a session holds, this is kept; the rest is made anew
_FOREIGN = "that conversation is not yours; start a new one"
_FLAGS = ("streaming", "waitForAnswer", "isError")  # SQLite has no truth values
_MINE = """SELECT t."id", t."name", t."createdAt" AS began, MAX(s."createdAt") AS latest
  FROM threads t LEFT JOIN steps s ON s."threadId" = t."id"
  WHERE t."userId" = :user {found}
  GROUP BY t."id", t."name", t."createdAt" ORDER BY COALESCE(MAX(s."createdAt"), t."createdAt") DESC, t."id" """
_FOUND = r"""AND (LOWER(t."name") LIKE :word{n} ESCAPE '\' OR EXISTS (
  SELECT 1 FROM steps f WHERE f."threadId" = t."id" AND LOWER(f."output") LIKE :word{n} ESCAPE '\'))"""
_WORDS = 16  # of a search

_ELSEWHERE = """SELECT 1 FROM threads WHERE "id" = :thread AND "userIdentifier" <> :reader
  UNION ALL SELECT 1 FROM steps WHERE "id" = :step AND "threadId" <> :thread"""


def url(home: Path, database: str | None) -> str:
    """Return the address of the database: the one that is named, else a file below the home folder.

    Raise StoreError if that cannot be made.
    """
    if database is not None:
        return database
    path = home / "conversations.sqlite"
    atomic.make_folder(home)
    with atomic.guarded(path):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else on the machine reads along
    return f"sqlite+aiosqlite:///{path}"


Told = Callable[[str], Awaitable[None]]
Stop = Callable[[str], None]


class History(SQLAlchemyDataLayer):  # type: ignore[misc]  # Chainlit's types are not read
    """The data layer of a server.

    `told` is called in a reader's session when something could not be kept, `stop` when a conversation is deleted.
    """

    def __init__(self, people: People, told: Told | None = None, stop: Stop | None = None) -> None:
        """Open the database lazily; `history_tables.prepare(self.engine)` makes the tables."""
        self.people, self.home = people, people.home
        address = url(self.home, people.access.database)
        self.files = Files(self.home)
        super().__init__(address, storage_provider=self.files)
        self.engine = history_tables.engine(address)
        self.told, self.stop = told, stop
        self.deleted: set[str] = set()
        # Writes of a conversation run in the order in which they were begun, also those that nobody waits for.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> Any:
        """Run a statement and return its rows, or how many it touched. Raise StoreError if the database cannot."""
        try:
            async with self.engine.begin() as connection:
                result = await connection.execute(
                    text(query), {key: _writable(each) for key, each in parameters.items()}
                )
                return (
                    self.clean_result([dict(row) for row in result.mappings()])
                    if result.returns_rows
                    else result.rowcount
                )
        except (SQLAlchemyError, OSError) as error:
            raise history_tables.explained(error) from None

    async def get_current_timestamp(self) -> str:
        """Return now, in UTC (Chainlit's own takes the local clock and calls it UTC)."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # Messages and elements. Chainlit writes these in tasks that nobody waits for: an error is told here or nowhere.

    @queue_until_user_message()  # type: ignore[untyped-decorator]
    async def create_step(self, step_dict: dict[str, Any]) -> None:
        """Keep a message; what it cannot keep is told to the reader."""
        await self._kept((step_dict["threadId"], step_dict["id"]), super().create_step, dict(step_dict))

    @queue_until_user_message()  # type: ignore[untyped-decorator]
    async def update_step(self, step_dict: dict[str, Any]) -> None:
        """Keep a message as it is now."""
        await self._kept((step_dict["threadId"], step_dict["id"]), super().create_step, dict(step_dict))

    @queue_until_user_message()  # type: ignore[untyped-decorator]
    async def delete_step(self, step_id: str) -> None:
        """Remove a message with its elements and their files."""
        await self._kept((context.session.thread_id, step_id), self._delete_step, step_id)

    async def _delete_step(self, id: str) -> None:
        for row in await self.execute_sql('SELECT "objectKey" FROM elements WHERE "forId" = :id', {"id": id}):
            await self.files.delete_file(row["objectKey"])
        await super().delete_step(id)

    @queue_until_user_message()  # type: ignore[untyped-decorator]
    async def create_element(self, element: Any) -> None:
        """Keep an element and its file."""
        await self._kept((element.thread_id, element.for_id or ""), super().create_element, element)

    async def update_thread(self, thread_id: str, **fields: Any) -> None:
        """Keep a conversation's name, owner or state; nothing brings a deleted one back, or gives it to somebody else.

        Raise InputError if it is somebody else's.
        """
        if not self._takes(thread_id):
            return
        if fields.get("name"):
            fields["name"] = " ".join(fields["name"].split())[:_TITLE]
        if fields.get("metadata"):
            fields["metadata"] = {name: each for name, each in fields["metadata"].items() if name in _RESUMED}
        rows = await self.execute_sql('SELECT "userId" FROM threads WHERE "id" = :id', {"id": thread_id})
        if not rows:
            # The first message may be kept before Chainlit says whose conversation it is; without an owner it could not be found.
            fields["user_id"] = fields.get("user_id") or (await self.create_user(context.session.user)).id
        elif fields.get("user_id") not in (None, rows[0]["userId"]):
            raise InputError(_FOREIGN)
        await super().update_thread(thread_id, **fields)

    async def _kept(self, place: tuple[str, str], write: Callable[[Any], Awaitable[None]], what: Any) -> None:
        """Write something of a message; `place` is (conversation, message)."""
        try:
            async with self._turn(place[0]):
                if self._takes(place[0]):
                    await self._check(*place)
                    await write(what)
        except ClausewiseError as error:
            if self.told is None:
                raise
            await self.told(str(error))

    def _takes(self, thread: str) -> bool:
        """Return True if something of a conversation may be kept: it is not deleted, and its reader is logged in.

        Outside of a page's session a request asks, and whose that is was told before it came here.
        """
        page = context_var.get(None)
        return thread not in self.deleted and (page is None or self.people.stands(page.session.token))

    async def _check(self, thread: str, step: str) -> None:
        """Raise InputError if a conversation is not its reader's, or a message of that id stands in another: pages choose the ids of theirs."""
        values = {"thread": thread, "step": step, "reader": context.session.user.identifier}
        if await self.execute_sql(_ELSEWHERE, values):
            raise InputError(_FOREIGN)

    def _turn(self, thread: str) -> asyncio.Lock:
        return self._turns.setdefault(thread, asyncio.Lock())

    # Conversations.

    async def list_threads(self, pagination: Any, filters: Any) -> Any:
        """Return a page of a user's conversations, the latest first, without their messages: those in which all words of a search stand."""
        words = {f"word{n}": _pattern(word) for n, word in enumerate((filters.search or "").split()[:_WORDS])}
        query = _MINE.format(found=" ".join(_FOUND.format(n=n) for n in range(len(words))))
        rows = await self.execute_sql(query, {"user": filters.userId, **words})
        at = next((n + 1 for n, row in enumerate(rows) if row["id"] == pagination.cursor), 0)
        page = rows[at : at + pagination.first]
        threads = [
            {
                "id": row["id"],
                "name": row["name"],
                "createdAt": row["latest"] or row["began"],
                "steps": [],
                "elements": [],
            }
            for row in page
        ]
        more = len(rows) > at + len(page)
        ends = (page[0]["id"], page[-1]["id"]) if page else (None, None)
        return PaginatedResponse(pageInfo=PageInfo(more, *ends), data=threads)

    async def get_thread_author(self, thread_id: str) -> str:
        """Return what Chainlit calls the user whose conversation it is: nobody where none is kept, so that nobody learns of another's."""
        rows = await self.execute_sql('SELECT "userIdentifier" FROM threads WHERE "id" = :id', {"id": thread_id})
        return str(rows[0]["userIdentifier"]) if rows else ""

    async def get_all_user_threads(self, user_id: str | None = None, thread_id: str | None = None) -> Any:
        """Return conversations with messages and elements, JSON read and truth values as such: a page needs them so."""
        async with self._turn(thread_id or ""):
            threads = await super().get_all_user_threads(user_id, thread_id)
        for thread in threads or ():
            thread["metadata"] = _read(thread["metadata"])
            for step in thread["steps"]:
                step["metadata"] = _read(step["metadata"])
                step.update({flag: bool(step[flag]) for flag in _FLAGS if step[flag] is not None})
            for element in thread["elements"]:
                element["props"] = _read(element["props"])
        return threads

    async def get_element(self, thread_id: str, element_id: str) -> Any:
        """Return an element of a conversation, None if it has no such."""
        thread = await self.get_thread(thread_id)
        return next((each for each in (thread or {}).get("elements", ()) if each["id"] == element_id), None)

    async def delete_thread(self, thread_id: str) -> None:
        """Delete a conversation with everything that was kept of it: messages, elements and their files, answers, links to them, documents.

        Raise StoreError if something stays. A position stays: it is a record of its own, until who signed it withdraws it.
        """
        self.deleted.add(thread_id)
        if self.stop is not None:
            self.stop(thread_id)
        try:
            async with self._turn(thread_id):
                # The database last: as long as something else stays, the conversation is listed and can be deleted again.
                await run_in_threadpool(self.forget_files, thread_id)
                await super().delete_thread(thread_id)
                if self.engine.dialect.name == "sqlite":
                    # What was deleted still stands in the log of what is to be written.
                    await self.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)", {})
        except BaseException:
            self.deleted.discard(thread_id)
            raise

    def forget_files(self, thread: str) -> None:
        """Delete what is kept of a conversation beside the database: answers, links to them, documents. Raise StoreError if something stays."""
        sharing.forget(self.home, thread)
        kept.forget(self.home, thread)
        shelf.forget(self.home, thread)

    async def is_of(self, thread: str, name: str) -> bool:
        """Return True if a conversation of that id is kept, and is the user's."""
        query = 'SELECT 1 FROM threads WHERE "id" = :id AND "userIdentifier" = :name'
        return bool(await self.execute_sql(query, {"id": thread, "name": identifier(name)}))

    async def mime_of(self, name: str, element: str) -> str | None:
        """Return the mime type of an element, None if the user `name` has none of that id."""
        query = """SELECT e."mime" FROM elements e JOIN threads t ON t."id" = e."threadId"
          WHERE e."id" = :id AND t."userIdentifier" = :name"""
        rows = await self.execute_sql(query, {"id": element, "name": identifier(name)})
        return str(rows[0]["mime"] or "") if rows else None

    async def forget_user(self, name: str) -> int:
        """Delete all that is kept of a user and return how many conversations that were.

        Raise StoreError if something stays: what is left goes when it is tried again.
        """
        mine = {"name": identifier(name)}
        rows = await self.execute_sql('SELECT "id" FROM threads WHERE "userIdentifier" = :name', mine)
        for row in rows:
            await self.delete_thread(row["id"])
        profile.save(self.home, name, {})
        for forget in (positions.forget, kept.forget_user, shelf.forget_user):
            await run_in_threadpool(forget, self.home, name)
        await self.execute_sql('DELETE FROM users WHERE "identifier" = :name', mine)
        return len(rows)


def _writable(value: Any) -> Any:
    """Return a value that a database takes: PostgreSQL knows no zero character, no database half a character."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return json.dumps(value) if isinstance(value, dict | list) else value


def _read(value: Any) -> dict[str, Any]:
    """Return the JSON object that a column holds, an empty one if it holds none."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _pattern(word: str) -> str:
    escaped = word.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
