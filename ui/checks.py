"""What a check of the doctor found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found: a level, what it is about, what was seen, and what to do unless all is well."""

    level: Level
    name: str
    found: str
    todo: str = ""

    def line(self) -> str:
        """Return the check as one line."""
        return f"{self.level:<5} {self.name}: {self.found}" + (f"; {self.todo}" if self.todo else "")
