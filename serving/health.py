"""The health of a model server: does it answer, which models does it list, how long may a prompt be, and does it fit the machine.

Any server of the OpenAI protocol will do; what only vLLM tells (`/health`, the context length) is used where it is told.
"""

import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from serving.config import Server, profiles

TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What a server says of itself. `problem` is one line with what to change; empty if it can be used."""

    models: tuple[str, ...] = ()
    lengths: Mapping[str, int] | None = None
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Return True if the server answers and lists a model."""
        return not self.problem

    def length(self, model: str) -> int | None:
        """Return the longest prompt with reply that the model takes, in tokens, None if the server does not say."""
        return (self.lengths or {}).get(model)


def look(address: str, key: str | None = None, ca_file: str | None = None, timeout: float = TIMEOUT) -> Health:
    """Return the health of the server at `address` (`http://host:port/v1`)."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        with httpx.Client(timeout=timeout, verify=verify, trust_env=False, headers=headers) as client:
            return _read(address, client.get(f"{address.rstrip('/')}/models"))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Health(problem=f"{address} {trouble(error)}")


def trouble(error: Exception) -> str:
    """Return in words what came in the way of a request, with what to change."""
    said = " ".join(str(error).split())
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return "has a certificate that cannot be verified; name its authority's file in CLAUSEWISE_LLM_CA_FILE"
    if "WRONG_VERSION_NUMBER" in said or "record layer failure" in said:
        return "speaks no TLS; write http:// in its address"
    if isinstance(error, httpx.RemoteProtocolError):
        return f"does not speak HTTP as asked ({said or 'it closed the connection'}); check the address, http or https"
    if isinstance(error, httpx.TimeoutException):
        return "does not answer in time; see whether it still starts, or is overloaded"
    return f"cannot be reached ({said or type(error).__name__}); start it with make serve-llm, or correct the address"


def _read(address: str, response: httpx.Response) -> Health:
    if response.status_code in (401, 403):
        return Health(problem=f"{address} refuses the API key ({response.status_code}); set CLAUSEWISE_LLM_API_KEY")
    if response.status_code == 404:
        return Health(problem=f"{address} has no /models (404); the address mostly ends in /v1")
    if response.status_code != 200:
        return Health(problem=f"{address} answers {response.status_code} to /models; see the server's log")
    try:
        rows = response.json()["data"]
        lengths = {str(row["id"]): row.get("max_model_len") for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError):
        return Health(problem=f"{address} does not speak the OpenAI protocol; give the address of a server that does")
    if not lengths:
        return Health(problem=f"{address} lists no model; load one into the server")
    known = {name: length for name, length in lengths.items() if isinstance(length, int)}
    return Health(tuple(lengths), known)


def cards_gb() -> tuple[float, ...]:
    """Return the memory of each NVIDIA card of this machine; empty where there is none or no driver answers."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        return tuple(int(line) * 1.048576e-3 for line in listed.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()


def fits(server: Server) -> str:
    """Return why the model does not fit the cards of this machine, as far as can be told; empty if nothing speaks against it."""
    if server.device != "gpu" or server.ray:
        return ""
    cards = cards_gb()
    parts = server.tensor_parallel * server.pipeline_parallel * server.data_parallel
    if len(cards) < parts:
        return f"it wants {parts} NVIDIA card(s), and {len(cards)} answer(s) here; choose another profile"
    if server.need_gb and min(cards[:parts]) < server.need_gb:
        return (
            f"each card must have {server.need_gb:.0f} GB, and one has {min(cards[:parts]):.0f} GB; "
            "shorten max_length or choose a smaller profile"
        )
    return ""


def needs(model: str) -> tuple[Server, ...]:
    """Return the profiles of a model, which tell the memory that it takes; empty for a model without one."""
    return tuple(server for server in profiles().values() if server.model == model)
