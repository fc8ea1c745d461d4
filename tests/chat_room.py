"""A stand-in for Chainlit's side of a conversation: what is said, the views below it, and what a page sends back."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any


class Session(dict):
    """What Chainlit keeps for one reader."""

    def set(self, key: str, value: object) -> None:
        self[key] = value


class Room:
    """One conversation. `said` holds what was sent: the kind of message, its text, the props of its views.

    `told` holds the commands, settings and task marks that were sent to the page, `buttons` those below messages.
    """

    def __init__(self, user: str = "") -> None:
        self.said: list[tuple[str, str, list[Any]]] = []
        self.told: list[tuple[str, Any]] = []
        self.buttons: list[Any] = []
        self.messages: list[Any] = []
        self.acts: dict[str, Callable[[Any], Awaitable[Any]]] = {}
        self.user_session = Session(user=SimpleNamespace(identifier=user) if user else None)
        self.context = SimpleNamespace(session=SimpleNamespace(thread_id=str(uuid.uuid4())), emitter=self)
        self.input_widget = SimpleNamespace(MultiSelect=dict, TextInput=dict)
        room = self

        class Message:
            def __init__(self, content: str = "", type: str = "assistant_message", author: str = "") -> None:
                self.content, self.kind, self.elements = content, type, []
                self.id, self.metadata = str(uuid.uuid4()), None
                room.messages.append(self)

            async def stream_token(self, token: str) -> None:
                self.content += token

            async def send(self) -> None:
                name = "User" if self.kind == "user_message" else type(self).__name__
                room.said.append((name, self.content, [element["props"] for element in self.elements]))

            async def update(self) -> None:
                await self.send()

        class ErrorMessage(Message):
            pass

        self.Message, self.ErrorMessage = Message, ErrorMessage

    def Action(self, **fields: Any) -> Any:  # noqa: N802  (Chainlit's name)
        async def send(for_id: str) -> None:
            self.buttons.append(SimpleNamespace(**fields, below=for_id))

        async def remove() -> None:
            self.buttons = [each for each in self.buttons if each.id != fields["id"]]

        return SimpleNamespace(**fields, send=send, remove=remove)

    def CustomElement(self, **fields: Any) -> dict[str, Any]:  # noqa: N802  (Chainlit's name)
        return fields

    def ChatProfile(self, **fields: Any) -> dict[str, Any]:  # noqa: N802  (Chainlit's name)
        return fields

    def ChatSettings(self, inputs: list[Any]) -> Any:  # noqa: N802  (Chainlit's name)
        async def send() -> None:
            self.told.append(("settings", inputs))

        return SimpleNamespace(send=send)

    async def set_commands(self, commands: list[Any]) -> None:
        self.told.append(("commands", commands))

    async def task_start(self) -> None:
        self.told.append(("task", "start"))

    async def task_end(self) -> None:
        self.told.append(("task", "end"))

    def action_callback(self, name: str) -> Callable[[Any], None]:
        return lambda act: self.acts.update({name: act})

    def set_chat_profiles(self, offered: Callable[..., Awaitable[Any]]) -> None:
        self.acts["profiles"] = lambda _: offered(None, None)

    def on_settings_update(self, chosen: Callable[[Any], Awaitable[None]]) -> None:
        self.acts["settings"] = lambda action: chosen(action.payload)

    def act(self, name: str, payload: object) -> Any:
        """Do what a page asks for, made up or not; return what it is told."""
        return asyncio.run(self.acts[name](SimpleNamespace(payload=payload)))  # type: ignore[arg-type]

    def press(self, label: str) -> Any:
        """Press the newest button of that label."""
        button = [each for each in self.buttons if each.label == label][-1]
        return self.act(button.name, button.payload)

    @property
    def last(self) -> tuple[str, str]:
        """Return kind and text of what was said last."""
        return self.said[-1][:2]

    @property
    def view(self) -> dict[str, Any]:
        """Return the props of the view that was shown last."""
        return next(props for _, _, views in reversed(self.said) for props in views)
