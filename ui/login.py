"""How people log in to the chat, as Chainlit is told it: not at all, with a password, by a proxy's header, or by OAuth."""

import asyncio
import logging
import os
from typing import Any
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool

from corpus.errors import ClausewiseError, InputError
from ui import users
from ui.people import STAMP, People, identifier

_PAUSE_S = 1.0  # after a wrong password, before the same name is tried again: whoever guesses is slow
# Passwords that are checked at a time, whoever guesses at many names: each takes 64 MB and a moment of the processor.
_AT_ONCE = 2


def register(chainlit: Any, people: People) -> None:
    """Tell Chainlit how people log in. Raise InputError if OAuth is asked for and not one provider is configured."""
    os.environ["CHAINLIT_AUTH_SECRET"] = people.secret
    # The address to which a provider sends people back; Chainlit would take it from the request, which a proxy rewrites.
    os.environ["CHAINLIT_URL"] = people.access.address
    code = chainlit.config.config.code
    code.password_auth_callback = code.header_auth_callback = code.oauth_callback = None
    if people.access.way == "password":
        chainlit.password_auth_callback(_by_password(chainlit, people))
    elif people.access.way == "oauth":
        _one_provider()
        chainlit.oauth_callback(_by_oauth(chainlit, people))
    else:
        chainlit.header_auth_callback(_by_header(chainlit, people))


def _by_header(chainlit: Any, people: People) -> Any:
    async def known(headers: Any) -> Any:
        if people.access.way == "none":
            return chainlit.User(identifier=identifier(""), display_name="This machine")
        name = people.vouched(headers)
        return None if name is None else chainlit.User(identifier=name)

    return known


def _by_password(chainlit: Any, people: People) -> Any:
    at_once = asyncio.Semaphore(_AT_ONCE)
    turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of each name that is being tried

    async def verified(written: str, password: str) -> str | None:
        async with at_once:
            try:
                return await run_in_threadpool(users.verified, people.home, written, password)
            except ClausewiseError as error:
                logging.getLogger("uvicorn.error").error("nobody can log in: %s", error)
                return None

    async def known(written: str, password: str) -> Any:
        async with turns.setdefault(written.strip().lower(), asyncio.Lock()):
            name = await verified(written, password)
            if name is None:
                await asyncio.sleep(_PAUSE_S)
                return None
        return chainlit.User(identifier=name, metadata={STAMP: users.stamp(people.home, name)})

    return known


def _by_oauth(chainlit: Any, people: People) -> Any:
    async def known(provider: str, token: str, said: dict[str, Any], user: Any) -> Any:
        try:
            name = users.name_of(str(user.identifier or ""))
        except InputError:
            return None
        # Nothing of what the provider says of a person is kept but the name.
        return chainlit.User(identifier=name) if people.may(name) else None

    return known


def _one_provider() -> None:
    """Raise InputError unless exactly one provider is configured: the same name at another one is another person."""
    from chainlit.oauth_providers import get_configured_oauth_providers

    found = get_configured_oauth_providers()
    if len(found) != 1:
        named = f"{', '.join(found)} are" if found else "none is"
        raise InputError(
            f"CLAUSEWISE_AUTH=oauth needs one provider and {named} configured; set for example OAUTH_GITHUB_CLIENT_ID and "
            "OAUTH_GITHUB_CLIENT_SECRET, or the OAUTH_GENERIC_ variables of Chainlit"
        )
