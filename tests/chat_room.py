"""A stand-in for Chainlit's side of a conversation: what is said, the buttons below it, and a reader who presses them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any


class Session(dict):
    """What Chainlit keeps for one reader."""

    def set(self, key: str, value: object) -> None:
        self[key] = value


@dataclass
class Button:
    """One button, as the room makes it."""

    room: "Room"
    name: str
    payload: Any
    label: str
    icon: str | None = None

    async def remove(self) -> None:
        self.room.buttons.remove(self)


class Room:
    """One conversation. `said` holds what was sent: the kind of message, its text, the names of its elements."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, list[str]]] = []
        self.buttons: list[Button] = []
        self.presses: dict[str, Callable[[Any], Awaitable[None]]] = {}
        self.user_session = Session()
        room = self

        class Message:
            def __init__(self, content: str = "", actions: list[Button] | None = None) -> None:
                self.content, self.actions, self.elements = content, actions or [], []

            async def stream_token(self, token: str) -> None:
                self.content += token

            async def send(self) -> None:
                room.said.append((type(self).__name__, self.content, [element["name"] for element in self.elements]))
                room.buttons += self.actions

        class ErrorMessage(Message):
            pass

        self.Message, self.ErrorMessage = Message, ErrorMessage

    def Text(self, **fields: object) -> dict[str, object]:  # noqa: N802  (Chainlit's name)
        return fields

    def Action(self, **fields: Any) -> Button:  # noqa: N802  (Chainlit's name)
        return Button(self, **fields)

    def action_callback(self, name: str) -> Callable[[Any], None]:
        return lambda press: self.presses.update({name: press})

    def press(self, label: str, at: int = -1) -> None:
        """Press the newest button of that label, or another of them."""
        button = [each for each in self.buttons if each.label == label][at]
        self.press_any(button.name, button.payload)

    def press_any(self, name: str, payload: object) -> None:
        """Press what no page shows: a button that is gone, or one that was made up."""
        asyncio.run(self.presses[name](SimpleNamespace(payload=payload)))  # type: ignore[arg-type]

    @property
    def last(self) -> tuple[str, str]:
        """Return kind and text of what was said last."""
        return self.said[-1][:2]

    @property
    def labels(self) -> list[str]:
        """Return the labels of the buttons that are shown."""
        return [each.label for each in self.buttons]
