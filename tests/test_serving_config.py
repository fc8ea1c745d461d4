"""The model server's profiles and settings: what they start, what they need, and what is refused with one line."""

import json
from pathlib import Path

import pytest

from corpus import catalog, registry
from serving import config
from serving.config import ConfigError, Server, Shape


def option(server: Server, name: str) -> str | None:
    words = server.arguments()
    return words[words.index(name) + 1] if name in words else None


def test_five_profiles_from_a_smoke_test_to_several_nodes() -> None:
    known = config.profiles()
    assert list(known) == ["cpu", "card", "big-card", "cards", "nodes"]
    assert known["cpu"].device == "cpu"
    assert known["nodes"].ray
    for server in known.values():
        assert server.prefix_caching
        assert server.need_gb is not None
        assert server.card_gb is None or server.need_gb <= server.card_gb, server.model


def test_every_profile_names_a_model_whose_license_is_open_and_confirmed() -> None:
    known, texts = registry.load(), catalog.load()
    for server in config.profiles().values():
        mention = known.mentions(server.model)[0]
        model = known.model(str(mention.model))
        assert model is not None, server.model
        assert model.basis == "page", server.model
        assert model.licenses, server.model
        assert all(texts.licenses[id].class_ == "open-source" for id in model.licenses), server.model


def test_memory_is_computed_from_the_shape() -> None:
    shape = Shape(billions=8, bytes=2, layers=32, kv_heads=8, head_width=128)
    assert shape.weights_gb == 16
    # keys and values: 2 x 32 layers x 8 heads x 128 x 2 bytes = 131,072 bytes a token
    assert shape.cache_gb(10_000) == pytest.approx(1.31072)
    server = Server("m", memory_share=0.9, tensor_parallel=2, max_length=10_000, shape=shape)
    assert server.need_gb == pytest.approx((16 + 1.31072) / 2 / 0.9)
    assert Server("m").need_gb is None


def test_the_arguments_are_those_of_the_configuration() -> None:
    server = Server(
        "org/model",
        revision="abc",
        quantization="fp8",
        tensor_parallel=4,
        data_parallel=2,
        ray=True,
        lora={"ours": "org/adapter"},
        api_key="secret",
        dummy=True,
    )
    assert option(server, "--model") == "org/model"
    assert option(server, "--revision") == "abc"
    assert option(server, "--quantization") == "fp8"
    assert option(server, "--tensor-parallel-size") == "4"
    assert option(server, "--data-parallel-size") == "2"
    assert option(server, "--data-parallel-backend") == "ray"
    assert option(server, "--lora-modules") == "ours=org/adapter"
    assert option(server, "--gpu-memory-utilization") == "0.9"
    assert option(server, "--load-format") == "dummy"
    assert "--enable-prefix-caching" in server.arguments()
    assert json.loads(str(option(server, "--default-chat-template-kwargs"))) == {"enable_thinking": False}
    assert "secret" not in " ".join(server.arguments())
    assert "secret" not in repr(server)
    assert server.environment()["VLLM_API_KEY"] == "secret"
    assert server.environment()["VLLM_NO_USAGE_STATS"] == "1"


def test_a_cpu_server_reserves_whole_gigabytes_for_its_cache() -> None:
    shape = Shape(0.6, 2, 28, 8, 128)
    server = Server("m", device="cpu", max_length=8192, shape=shape)
    assert server.environment()["VLLM_CPU_KVCACHE_SPACE"] == str(round(2 * shape.cache_gb(8192)))
    assert Server("m", device="cpu").environment()["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert option(server, "--gpu-memory-utilization") is None


def test_the_environment_changes_the_profile() -> None:
    server = config.load(
        {
            "CLAUSEWISE_SERVE_PROFILE": "card",
            "CLAUSEWISE_SERVE_MAX_LENGTH": "4096",
            "CLAUSEWISE_SERVE_MEMORY_SHARE": "0.5",
            "CLAUSEWISE_SERVE_API_KEY": "k",
            "CLAUSEWISE_SERVE_PREFIX_CACHING": "no",
            "CLAUSEWISE_SERVE_LORA": "a=x, b=y/z",
            "CLAUSEWISE_SERVE_PORT": "",
            "OTHER": "1",
        }
    )
    assert (server.max_length, server.memory_share, server.api_key, server.port) == (4096, 0.5, "k", 8001)
    assert not server.prefix_caching
    assert server.lora == {"a": "x", "b": "y/z"}
    assert server.shape is not None
    assert config.load({}).device == "cpu"


def test_another_model_has_another_shape(tmp_path: Path) -> None:
    server = config.load({"CLAUSEWISE_SERVE_MODEL": str(tmp_path), "CLAUSEWISE_SERVE_SERVED_NAME": "ours"})
    assert server.shape is None
    assert (server.name, server.address) == ("ours", "http://127.0.0.1:8001/v1")
    assert Server("m", host="::1", port=9).address == "http://[::1]:9/v1"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("PROFILE", "huge", "choose one of cpu, card"),
        ("MODEL", "two words", "is no name"),
        ("DTYPE", "int3", "not one of auto"),
        ("DEVICE", "tpu", "not one of cpu, gpu"),
        ("MAX_LENGTH", "12", "too short"),
        ("MAX_LENGTH", "many", "is not a number"),
        ("MEMORY_SHARE", "1.5", "between 0.1 and 0.98"),
        ("PORT", "99999", "between 1 and 65535"),
        ("TENSOR_PARALLEL", "2", "a CPU server runs in one part"),
        ("TENSOR_PARALLEL", "0", "tensor_parallel 0 is not between"),
        ("PREFIX_CACHING", "perhaps", "neither yes nor no"),
        ("LORA", "adapter", "NAME=PATH"),
        ("LORA", "a=no such folder", "neither a folder nor a name"),
        ("API_KEY", "schlüssel", "not plain ASCII"),
        ("SHAPE", "1", "is no setting"),
        ("MAGIC", "1", "CLAUSEWISE_SERVE_MAGIC is no setting"),
    ],
)
def test_a_bad_setting_gets_one_line(variable: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load({f"CLAUSEWISE_SERVE_{variable}": value})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("row", "says"), [({}, "names no model"), ({"model": "m", "speed": 1}, "no field 'speed'")])
def test_a_bad_profile_is_named(row: dict, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        config.parse("mine", row)
