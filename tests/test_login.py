"""Logging in with a password: one name is tried once at a time, and a wrong password costs a pause."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.settings import Access
from ui import login, users
from ui.people import People

RIGHT, WRONG = "correct horse battery", "incorrect horse battery"


def test_guesses_at_one_name_wait_for_each_other_and_others_do_not(
    tmp_path: Path, quick_hashes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("jo", "mo"):
        users.add(tmp_path, name, RIGHT)
    told: list[str] = []
    verified = users.verified

    def heard(home: Path, name: str, password: str) -> str | None:
        told.append(name)
        return verified(home, name, password)

    async def pause(seconds: float) -> None:
        told.append(f"pause of {seconds}")
        await again.wait()

    monkeypatch.setattr(users, "verified", heard)
    monkeypatch.setattr(login, "asyncio", SimpleNamespace(Semaphore=asyncio.Semaphore, Lock=asyncio.Lock, sleep=pause))
    again = asyncio.Event()

    async def tried() -> list[Any]:
        known = login._by_password(SimpleNamespace(User=SimpleNamespace), People(tmp_path, Access("password")))
        guesses = [asyncio.create_task(known(name, WRONG)) for name in ("jo", " JO")]
        while "pause of 1.0" not in told:
            await asyncio.sleep(0)
        other = await known("mo", RIGHT)  # while the first guess is paused for
        assert told == ["jo", "pause of 1.0", "mo"]
        again.set()
        return [other, *await asyncio.gather(*guesses), await known("jo", RIGHT)]

    other, first, second, right = asyncio.run(tried())
    assert (other.identifier, first, second, right.identifier) == ("mo", None, None, "jo")
    assert told[3:5] == [" JO", "pause of 1.0"]
