"""The sentences that go with one that decides."""

import pytest
from texts import case

from rag import companions
from rag.case import Evidence

TEXT = """Ruff Ltd: Rules for the archive

1. Access
1.1 Staff may show the archive to guests. The guests must be registered. It closes at six.
1.2 Recordings must not leave the house. This does not apply to copies of less than a minute.

2. Exceptions
2.1 The director may grant an exception from 1.1 in writing.
"""


@pytest.mark.parametrize(
    ("start", "companion"),
    [
        ("1.2 Recordings must not", "This does not apply"),
        ("1.1 Staff may show", "exception from 1.1"),
    ],
)
def test_what_carries_a_line_on_goes_with_it(start, companion):
    found = case(TEXT, "May staff show recordings to guests?", "policy")
    sheet = found.sheets[0]
    (first,) = [e for line in sheet.lines if (e := Evidence(sheet, line, "")).text.startswith(start)]
    assert any(companion in e.text for e in companions.of(found, (first,)))
