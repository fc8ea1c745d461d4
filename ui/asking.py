"""A question over HTTP: answered in a thread, and withdrawn when the client goes away, so that no model works for nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.types import Receive

from rag.types import Answer, Event, Request
from ui.wire import server_sent

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


async def answered(pipeline: "Pipeline", request: Request, receive: Receive) -> Answer:
    """Return the answer; `receive` tells when the client has gone."""
    async with _watched(receive) as gone:
        return await run_in_threadpool(pipeline.ask, request, gone.is_set)


async def streamed(pipeline: "Pipeline", request: Request, receive: Receive) -> AsyncIterator[str]:
    """Return the events of the answer. The first is fetched before, so that what cannot be answered gets its proper status."""
    gone = threading.Event()
    events = iter(pipeline.stream(request, gone.is_set))
    first = await run_in_threadpool(next, events)
    return _sent(chain([first], events), gone, receive)


async def _sent(events: Iterator[Event], gone: threading.Event, receive: Receive) -> AsyncIterator[str]:
    async with _watched(receive, gone):
        async for event in iterate_in_threadpool(server_sent(events)):
            yield event


@asynccontextmanager
async def _watched(receive: Receive, gone: threading.Event | None = None) -> AsyncIterator[threading.Event]:
    """Set the event as soon as the client goes away, and at the end of the block in any case."""
    told = gone or threading.Event()
    watcher = asyncio.create_task(_until_gone(receive, told))
    try:
        yield told
    finally:
        told.set()
        watcher.cancel()


async def _until_gone(receive: Receive, gone: threading.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
