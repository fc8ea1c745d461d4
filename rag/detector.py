"""ScanCode's own detection engine, run as a program of its own: a text on standard input, what was detected as JSON on standard output.

Nothing imports this module: the engine takes eight seconds and 1.4 GB to load. `rag/opinion.py` starts it.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any


def detected(text: str) -> Iterator[dict[str, Any]]:
    """Yield what the engine detects in a text: a license expression, and the rules that matched, with their lines."""
    from licensedcode.detection import detect_licenses

    for found in detect_licenses(query_string=text):
        yield {
            "expression": str(found.license_expression),
            "matches": [
                {
                    "rule": str(match.rule.identifier),
                    "expression": str(match.rule.license_expression),
                    "coverage": float(match.coverage()),
                    "score": float(match.score()),
                    "start_line": int(match.start_line),
                    "end_line": int(match.end_line),
                }
                for match in found.matches
            ],
        }


def main() -> int:
    """Detect in what stands on standard input; the reply is one line of JSON."""
    warnings.simplefilter("ignore")
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    reply, sys.stdout = sys.stdout, sys.stderr  # what the engine prints is no part of the reply
    reply.write(json.dumps(list(detected(text))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
