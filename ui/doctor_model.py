"""The doctor's look at the model server: is one named, does it answer, do model, context length and memory fit."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from corpus.errors import InputError
from rag import settings
from rag.settings import ModelServer
from serving import health
from serving.health import Health
from ui.checks import Check

NAME = "model server"
SHORT = 8192  # tokens; a license of some length with instructions and reply does not fit into less
_HERE = ("localhost", "127.0.0.1", "::1")


def checks(environ: Mapping[str, str] | None = None, available_gb: float | None = None) -> Iterator[Check]:
    """Yield what is to be said of the model server that the environment names."""
    try:
        server = settings.model_server(environ)
    except InputError as error:
        found, _, todo = str(error).partition("; ")
        yield Check("fail", NAME, found, todo or "correct it")
        return
    if server is None:
        yield Check("ok", NAME, "none named; the rules engine answers")
        return
    seen = health.look(server.url, server.key, server.ca_file)
    if not seen.ready:
        found, _, todo = seen.problem.partition("; ")
        yield Check("fail", NAME, found, todo or "see its log")
        return
    name = served(server, seen)
    if name is None:
        listed = ", ".join(seen.models[:5])
        yield Check("fail", NAME, f"{server.url} serves {listed}", "name one of them with CLAUSEWISE_LLM_MODEL")
        return
    yield Check("ok", NAME, f"{server.url} serves {name}")
    yield context(server, seen.length(name))
    yield memory(server, name, available_gb)


def served(server: ModelServer, seen: Health) -> str | None:
    """Return the model that would be asked, None if it is not served or not clear."""
    if server.name is not None:
        return server.name if server.name in seen.models else None
    return seen.models[0] if len(seen.models) == 1 else None


def context(server: ModelServer, told: int | None) -> Check:
    """Return whether licenses fit the model's context."""
    known = [length for length in (server.context, told) if length]
    if not known:
        return Check(
            "warn", "context", f"the server does not tell; {SHORT} tokens assumed", "set CLAUSEWISE_LLM_CONTEXT"
        )
    if server.context and told and server.context > told:
        todo = "lower CLAUSEWISE_LLM_CONTEXT, or serve it longer"
        return Check("warn", "context", f"{server.context} tokens set, {told} served", todo)
    if min(known) < SHORT:
        todo = f"serve it with {2 * SHORT} or more; clauses are left out of long licenses"
        return Check("warn", "context", f"{min(known)} tokens", todo)
    return Check("ok", "context", f"{min(known)} tokens")


def memory(server: ModelServer, name: str, available_gb: float | None) -> Check:
    """Return whether this machine has the memory that the model takes, as far as a profile tells."""
    if urlsplit(server.url).hostname not in _HERE:
        return Check("ok", "model memory", "on another machine, not looked at")
    profiles = health.needs(name)
    if not profiles:
        return Check("ok", "model memory", f"not known for {name}; it runs")
    for profile in profiles:
        problem = health.fits(profile)
        short = profile.device == "cpu" and available_gb is not None and available_gb < (profile.need_gb or 0)
        if not problem and not short:
            return Check("ok", "model memory", f"{profile.need_gb or 0:.1f} GB needed (computed), it fits")
    found, _, todo = (problem or f"{profile.need_gb:.1f} GB needed, {available_gb:.1f} GB available").partition("; ")
    return Check("warn", "model memory", found, todo or "choose a smaller model")
