"""What a figure was measured on: processor, memory, system, and the versions of the parts that matter for speed."""

import os
import platform
import re
from importlib import metadata
from pathlib import Path

_PARTS = (
    "clausewise",
    "numpy",
    "torch",
    "transformers",
    "tokenizers",
    "faiss-cpu",
    "faiss-gpu",
    "bm25s",
    "fastapi",
    "uvicorn",
    "chainlit",
    "langchain-community",
    "langchain-openai",
    "langchain-text-splitters",
    "scancode-toolkit-mini",
)


def describe() -> dict[str, str | int | float]:
    """Return the machine in words and figures."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), r"^model name\s*:\s*(.+)$") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_gb": round(_kilobytes(Path("/proc/meminfo"), "MemTotal") / 1e6, 1),
        "system": platform.platform(),
        "python_version": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the version of each part that is installed."""
    found = {}
    for name in _PARTS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in megabytes, 0 where the system does not say."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1e3


def _kilobytes(path: Path, name: str) -> int:
    return int(_field(path, rf"^{name}:\s*(\d+) kB") or 0)


def _field(path: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return found[1].strip() if found else None
