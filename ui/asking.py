"""A question over HTTP: answered in a thread, and withdrawn when the client goes away, so that no model works for nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.types import Receive

from rag.answer_json import to_json
from rag.types import Answer, Request
from ui.wire import Publish, server_sent

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


async def answered(pipeline: "Pipeline", request: Request, receive: Receive) -> Answer:
    """Return the answer; `receive` tells when the client has gone."""
    async with _watched(receive) as gone:
        return await run_in_threadpool(pipeline.ask, request, gone.is_set)


async def streamed(
    pipeline: "Pipeline", request: Request, receive: Receive, publish: Publish = to_json
) -> AsyncIterator[str]:
    """Return the events of the answer, the whole one as `publish` gives it.

    The first is fetched before, so that what cannot be answered gets its proper status.
    """
    gone = threading.Event()
    events = iter(pipeline.stream(request, gone.is_set))
    first = await run_in_threadpool(next, events)
    return _sent(server_sent(chain([first], events), publish), gone, receive)


async def _sent(events: Iterator[str], gone: threading.Event, receive: Receive) -> AsyncIterator[str]:
    async with _watched(receive, gone):
        async for event in iterate_in_threadpool(events):
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
