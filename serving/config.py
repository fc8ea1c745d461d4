"""The configuration of the model server, checked before anything is started: a profile, and what the environment changes of it.

It does not start anything, and it does not read the model: what a profile says of a model's shape is data.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

DEFAULT_PROFILE = "cpu"
VARIABLE = "CLAUSEWISE_SERVE_"
_GB = 1e9
_KV_BYTES = 2  # of one stored key or value, in half precision
_DTYPES = ("auto", "float32", "float16", "bfloat16")
_DEVICES = ("cpu", "gpu")
_SHORTEST = 2048  # tokens; a license clause with the instructions does not fit into less
_NAME = re.compile(r"[\w][\w./:-]*")


class ConfigError(Exception):
    """A profile or setting of the model server cannot be used. The message is one line: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model's memory follows from: billions of parameters, bytes of each, layers, key-value heads and their width."""

    billions: float
    bytes: float
    layers: int
    kv_heads: int
    head_width: int

    @property
    def weights_gb(self) -> float:
        """Return the memory of the weights."""
        return self.billions * self.bytes

    def cache_gb(self, tokens: int) -> float:
        """Return the memory of the keys and values of one request of that length."""
        return 2 * self.layers * self.kv_heads * self.head_width * _KV_BYTES * tokens / _GB


@dataclass(frozen=True, slots=True)
class Server:
    """One configuration of the model server. `memory_share` is the share of each card's memory that it may take.

    `dummy` starts with random weights of the model's shape, to measure speed without a download.
    """

    model: str
    title: str = ""
    device: str = "gpu"
    revision: str | None = None
    dtype: str = "auto"
    quantization: str | None = None
    tensor_parallel: int = 1
    data_parallel: int = 1
    pipeline_parallel: int = 1
    ray: bool = False
    max_length: int = 16384
    memory_share: float = 0.9
    card_gb: float | None = None
    prefix_caching: bool = True
    lora: Mapping[str, str] = field(default_factory=dict)
    api_key: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8001
    served_name: str | None = None
    thinking: bool = False
    dummy: bool = False
    eager: bool = False
    shape: Shape | None = None

    @property
    def name(self) -> str:
        """Return the name under which the model is asked for."""
        return self.served_name or self.model

    @property
    def address(self) -> str:
        """Return the address of the server as its clients give it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/v1"

    @property
    def need_gb(self) -> float | None:
        """Return the memory that each card must have: its part of the weights and of one longest request, within the share.

        Computed from the shape; None where that is not known.
        """
        if self.shape is None:
            return None
        parts = self.tensor_parallel * self.pipeline_parallel
        share = self.memory_share if self.device == "gpu" else 1.0
        return (self.shape.weights_gb + self.shape.cache_gb(self.max_length)) / parts / share

    def arguments(self) -> list[str]:
        """Return the arguments of vLLM's OpenAI-compatible server; the API key is no argument, since others could read it."""
        given = [
            *("--model", self.model, "--served-model-name", self.name),
            *("--host", self.host, "--port", str(self.port)),
            *("--dtype", self.dtype, "--max-model-len", str(self.max_length)),
            "--enable-prefix-caching" if self.prefix_caching else "--no-enable-prefix-caching",
            # The answer's form is a schema from the first token on: thinking aloud would only be cut off.
            *("--default-chat-template-kwargs", json.dumps({"enable_thinking": self.thinking})),
            # Small models fall into endless white space where the grammar lets them.
            *("--structured-outputs-config", json.dumps({"backend": "xgrammar", "disable_any_whitespace": True})),
            # The usage that vLLM reports tells how much of a prompt its cache served. Requests are not written to the log.
            *("--enable-prompt-tokens-details", "--disable-uvicorn-access-log", "--no-enable-log-requests"),
        ]
        if self.revision:
            given += ["--revision", self.revision]
        if self.quantization:
            given += ["--quantization", self.quantization]
        if self.device == "gpu":
            given += ["--gpu-memory-utilization", str(self.memory_share)]
        for option, count in (
            ("--tensor-parallel-size", self.tensor_parallel),
            ("--data-parallel-size", self.data_parallel),
            ("--pipeline-parallel-size", self.pipeline_parallel),
        ):
            given += [option, str(count)] if count > 1 else []
        if self.ray:
            given += ["--distributed-executor-backend", "ray"]
            given += ["--data-parallel-backend", "ray"] if self.data_parallel > 1 else []
        if self.lora:
            given += ["--enable-lora", "--lora-modules", *(f"{name}={path}" for name, path in self.lora.items())]
        given += ["--load-format", "dummy"] if self.dummy else []
        return given + (["--enforce-eager"] if self.eager else [])

    def environment(self) -> dict[str, str]:
        """Return the variables that the process gets beside those of its parent."""
        variables = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
        if self.api_key:
            variables["VLLM_API_KEY"] = self.api_key
        if self.device == "cpu":
            # Whole gigabytes of keys and values: what one longest request takes, and as much again for those beside it.
            need = self.shape.cache_gb(self.max_length) if self.shape else 0.5
            variables["VLLM_CPU_KVCACHE_SPACE"] = str(max(1, round(2 * need)))
        return variables


def profiles() -> dict[str, Server]:
    """Return the profiles that come with the product, by name.

    Raise ConfigError if one cannot be used.
    """
    data = tomllib.loads(resources.files("serving").joinpath("profiles.toml").read_text(encoding="utf-8"))
    return {name: parse(name, row) for name, row in data["profile"].items()}


def parse(name: str, row: Mapping[str, Any]) -> Server:
    """Return the configuration that a profile's row describes.

    Raise ConfigError if a field is unknown, missing or out of range.
    """
    known = {f.name for f in fields(Server)}
    unknown = [key for key in row if key not in known]
    if unknown or "model" not in row:
        problem = f"has no field {unknown[0]!r}" if unknown else "names no model"
        raise ConfigError(f"profile {name}: a profile {problem}; mend it in profiles.toml")
    shape = Shape(**row["shape"]) if "shape" in row else None
    return checked(Server(**{**row, "shape": shape}))


def load(environ: Mapping[str, str] | None = None) -> Server:
    """Return the configuration that the environment chooses: a profile, and what else `CLAUSEWISE_SERVE_...` says.

    Raise ConfigError if a variable cannot be used.
    """
    env = os.environ if environ is None else environ
    given = {
        key.removeprefix(VARIABLE).lower(): value for key, value in env.items() if key.startswith(VARIABLE) and value
    }
    name = given.pop("profile", DEFAULT_PROFILE)
    known = profiles()
    if name not in known:
        raise ConfigError(f"{VARIABLE}PROFILE={name} is no profile; choose one of {', '.join(known)}")
    server = known[name]
    if given.get("model", server.model) != server.model:
        # Another model has another shape: what the profile says of memory does not hold for it.
        server = replace(server, shape=None, revision=None, quantization=None)
    return checked(replace(server, **{key: _value(key, value) for key, value in given.items()}))


def environment() -> dict[str, str]:
    """Return the variables of this process, for a process that it starts."""
    return dict(os.environ)


def checked(server: Server) -> Server:
    """Return the configuration.

    Raise ConfigError if it cannot work.
    """
    for wrong, problem in (
        (not _NAME.fullmatch(server.model) and not Path(server.model).is_dir(), f"model {server.model!r} is no name"),
        (server.device not in _DEVICES, f"device {server.device!r} is not one of {', '.join(_DEVICES)}"),
        (server.dtype not in _DTYPES, f"dtype {server.dtype!r} is not one of {', '.join(_DTYPES)}"),
        (server.max_length < _SHORTEST, f"max_length {server.max_length} is too short; give at least {_SHORTEST}"),
        (
            not 0.1 <= server.memory_share <= 0.98,
            f"memory_share {server.memory_share} is not between 0.1 and 0.98",
        ),
        (not 1 <= server.port <= 65535, f"port {server.port} is not between 1 and 65535"),
        (server.api_key is not None and not server.api_key.isascii(), "api_key is not plain ASCII"),
        (
            server.device == "cpu" and server.tensor_parallel * server.data_parallel * server.pipeline_parallel > 1,
            "a CPU server runs in one part; leave the parallel sizes at 1",
        ),
    ):
        if wrong:
            raise ConfigError(f"model server: {problem}")
    for name in ("tensor_parallel", "data_parallel", "pipeline_parallel"):
        if not 1 <= getattr(server, name) <= 1024:
            raise ConfigError(f"model server: {name} {getattr(server, name)} is not between 1 and 1024")
    for name, path in server.lora.items():
        if not Path(path).is_dir() and not _NAME.fullmatch(path):
            raise ConfigError(f"model server: the LoRA adapter {name} at {path!r} is neither a folder nor a name")
    return server


def _value(key: str, written: str) -> Any:
    """Return the value of a variable in the type of its field."""
    kinds = {f.name: str(f.type) for f in fields(Server)}
    name = f"{VARIABLE}{key.upper()}"
    kind = kinds.get(key)
    if kind is None or key in ("shape", "title"):
        raise ConfigError(f"{name} is no setting of the model server; see serving/config.py for their names")
    if key == "lora":
        pairs = [pair.partition("=") for pair in written.split(",")]
        if not all(sign and left.strip() and right.strip() for left, sign, right in pairs):
            raise ConfigError(f"{name}={written!r} is not NAME=PATH, or several with a comma between them")
        return {left.strip(): right.strip() for left, _, right in pairs}
    if "bool" in kind:
        if written.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise ConfigError(f"{name}={written!r} is neither yes nor no")
        return written.lower() in ("1", "true", "yes")
    try:
        return int(written) if "int" in kind else float(written) if "float" in kind else written
    except ValueError:
        raise ConfigError(f"{name}={written!r} is not a number") from None
