"""The database of conversations: its tables, how it is opened, and what its errors mean to a reader.

The tables are those that Chainlit's SQLAlchemy data layer writes to, with a column for every field that its messages and
elements have. They are made where they are missing; SQLite and PostgreSQL take the same words.
"""

from typing import TYPE_CHECKING, Any

from corpus.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_WAIT_S = 10  # for another writer, or for a database server that does not answer
_USERS = """CREATE TABLE IF NOT EXISTS users (
  "id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" TEXT NOT NULL, "createdAt" TEXT)"""
_THREADS = """CREATE TABLE IF NOT EXISTS threads (
  "id" TEXT PRIMARY KEY, "createdAt" TEXT, "name" TEXT, "userId" TEXT REFERENCES users("id") ON DELETE CASCADE,
  "userIdentifier" TEXT, "tags" TEXT, "metadata" TEXT)"""
_STEPS = """CREATE TABLE IF NOT EXISTS steps (
  "id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL,
  "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE, "parentId" TEXT, "streaming" BOOLEAN NOT NULL,
  "waitForAnswer" BOOLEAN, "isError" BOOLEAN, "metadata" TEXT, "tags" TEXT, "input" TEXT, "output" TEXT, "createdAt" TEXT,
  "command" TEXT, "modes" TEXT, "start" TEXT, "end" TEXT, "generation" TEXT, "showInput" TEXT, "language" TEXT, "indent" INTEGER,
  "defaultOpen" BOOLEAN, "autoCollapse" BOOLEAN, "icon" TEXT)"""
_ELEMENTS = """CREATE TABLE IF NOT EXISTS elements (
  "id" TEXT PRIMARY KEY, "threadId" TEXT REFERENCES threads("id") ON DELETE CASCADE, "type" TEXT, "url" TEXT, "chainlitKey" TEXT,
  "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INTEGER, "language" TEXT, "forId" TEXT, "mime" TEXT,
  "props" TEXT, "autoPlay" BOOLEAN, "playerConfig" TEXT)"""
_FEEDBACKS = """CREATE TABLE IF NOT EXISTS feedbacks (
  "id" TEXT PRIMARY KEY, "forId" TEXT NOT NULL, "threadId" TEXT REFERENCES threads("id") ON DELETE CASCADE,
  "value" INTEGER NOT NULL, "comment" TEXT)"""
_TABLES = (
    _USERS,
    _THREADS,
    _STEPS,
    _ELEMENTS,
    _FEEDBACKS,
    'CREATE INDEX IF NOT EXISTS threads_of_user ON threads("userId")',
    'CREATE INDEX IF NOT EXISTS steps_of_thread ON steps("threadId")',
    'CREATE INDEX IF NOT EXISTS elements_of_thread ON elements("threadId")',
)
_FULL = ("disk is full", "no space left", "disk full", "quota")


def engine(url: str) -> "AsyncEngine":
    """Return the engine of a database. Its errors name no value of a query: those are what people wrote."""
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"timeout": _WAIT_S}}
    if not url.startswith("sqlite"):
        # A connection that the server closed meanwhile is noticed before it is used.
        return create_async_engine(url, pool_pre_ping=True, **options)
    made = create_async_engine(url, **options)
    event.listen(made.sync_engine, "connect", _prepare)
    return made


async def prepare(opened: "AsyncEngine") -> None:
    """Make the tables that are missing. Raise StoreError if the database cannot be used."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        async with opened.begin() as connection:
            for each in _TABLES:
                await connection.execute(text(each))
    except (SQLAlchemyError, OSError) as error:
        raise explained(error) from None


def explained(error: BaseException) -> StoreError:
    """Return the one line that tells a reader what an error of the database means."""
    said = str(getattr(error, "orig", None) or error).lower()
    if any(word in said for word in _FULL):
        return StoreError("the disk of the database is full; free some space and try again")
    if "disk i/o error" in said:
        return StoreError("the disk of the database is full, or fails; free some space and try again")
    if "readonly" in said or "read-only" in said or "permission denied" in said:
        return StoreError("the database of conversations may not be written; make it writable and try again")
    if "locked" in said:
        return StoreError("another program holds the database of conversations; end it and try again")
    if "malformed" in said or "not a database" in said:
        return StoreError("the database of conversations is damaged; put a copy back, or move it away to begin anew")
    kind = type(getattr(error, "orig", None) or error).__name__
    return StoreError(f"the database of conversations cannot be used ({kind}); check that it runs and can be reached")


def _prepare(connection: Any, _: Any) -> None:
    """Set up a connection to SQLite."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(
        "PRAGMA secure_delete = ON"
    )  # what is deleted is overwritten, not only left to be overwritten some day
    cursor.close()
    # SQLite's own knows no letter beyond ASCII, and a search must find them all.
    connection.create_function("LOWER", 1, lambda text: text.lower() if isinstance(text, str) else text)
