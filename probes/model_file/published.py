"""A published model: a ``config.json`` of Hugging Face Transformers, alone or in a folder with its weights.

Nothing in here imports a library of either side, and nothing of it is code that would be run: weights are taken from
safetensors only, and nobody fetches anything.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from probes.contracts import UnsupportedError
from probes.schema import Framework
from probes.system import quoting

CONFIG: Final = "config.json"
LARGEST: Final = 2**20  # bytes of a configuration
#: Tokens of a sample: about a sentence.
TOKENS: Final = 32
#: What each half is built by, as an installed package, and the environment of ``data/runtimes.yaml`` that has it.
PACKAGES: Final[Mapping[Framework, tuple[str, ...]]] = {
    "pytorch": ("transformers", "safetensors"),
    "tensorflow": ("keras-hub", "safetensors"),
}
RUNTIMES: Final[Mapping[Framework, str]] = {"pytorch": "transformers", "tensorflow": "keras-hub"}
_MOST_WORDS: Final = 300  # of what a library says
_GENERATES: Final = ("ForCausalLM", "LMHeadModel")  # how the names of architectures end that write text
_SAFE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_UNSAFE: Final = ("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack")

#: ``encoder``: a text becomes a vector, the mean over its tokens. ``decoder``: each token's successor is told.
Kind = Literal["encoder", "decoder"]


def is_published(path: Path) -> bool:
    """Whether a model file is taken for a published model: a folder, or JSON instead of Python."""
    return path.suffix == ".json" or (path.suffix != ".py" and os.path.isdir(path))


@dataclass(frozen=True, slots=True)
class Published:
    """What was read: the configuration, and where its weights lie."""

    path: Path
    config: Mapping[str, Any]
    weights: tuple[Path, ...]  # safetensors; () if weights are drawn at random
    tokens_asked: int = TOKENS  # of a sample
    labelled: bool = True  # whether inputs come with labels

    @property
    def architecture(self) -> str:
        """As both libraries know it: «bert»."""
        return str(self.config["model_type"])

    @property
    def kind(self) -> Kind:
        """By the class that it was published as; a configuration that names none is an encoder's."""
        named = self.config.get("architectures") or [""]
        return "decoder" if str(named[0]).endswith(_GENERATES) else "encoder"

    @property
    def title(self) -> str:
        called = str(self.config.get("_name_or_path") or "").rpartition("/")[2]
        return called or (self.path.name if self.path.is_dir() else f"{self.architecture}, {self.kind}")

    @property
    def vocabulary(self) -> int:
        return int(self.config["vocab_size"])

    @property
    def width(self) -> int:
        """Values of the vector that an encoder gives. Raises UnsupportedError if the configuration doesn't say."""
        for field in ("hidden_size", "n_embd", "dim", "d_model"):
            if isinstance(self.config.get(field), int):
                return int(self.config[field])
        raise UnsupportedError(f"{self.path.name}: hidden_size is missing, the length of a token's vector")

    @property
    def tokens(self) -> int:
        """Of a sample: as many as are asked for, or as the model has places for."""
        places = (self.config.get(field) for field in ("max_position_embeddings", "n_positions"))
        # Some architectures keep the first two places for padding.
        return min([self.tokens_asked, *(place - 2 for place in places if isinstance(place, int) and place > 2)])

    def inputs(self, rng: Any, batch: int) -> tuple[dict[str, Any], Any]:
        """Token ids and a mask of ones, (batch, tokens) each. Labels, if there are any: of an encoder vectors
        (batch, width) to come near to, as a smaller encoder learns from a larger one; of a decoder the next tokens
        (batch, tokens)."""
        import numpy as np

        drawn = rng.integers(0, self.vocabulary, (batch, self.tokens + 1))
        padding = self.config.get("pad_token_id")
        ids = np.where(drawn == padding, (drawn + 1) % self.vocabulary, drawn)  # whose place some don't count
        x = {"input_ids": ids[:, :-1], "attention_mask": np.ones((batch, self.tokens), np.int64)}
        if not self.labelled:
            return x, None
        if self.kind == "decoder":
            return x, ids[:, 1:]
        return x, rng.standard_normal((batch, self.width)).astype(np.float32)


class HalfError(UnsupportedError):
    """A side's library can't build this model. The text says why; the other side may."""

    @classmethod
    def of(cls, published: Published, what: str, said: str) -> HalfError:
        """``said``: the library's own words, of which the begin is quoted."""
        return cls(f"{published.path.name}: {what}: {quoting.quoted(said, _MOST_WORDS)}")


def load(path: Path, sha256: str = "") -> Published:
    """Raises UnsupportedError naming the field, its value and what is allowed; also where ``read`` does."""
    read(path, sha256)
    config = _config(path)
    where = path.name

    def refused(field: str, allowed: str) -> UnsupportedError:
        value = json.dumps(config.get(field))[:80]
        return UnsupportedError(f"{where}: {field} is {value}; allowed: {allowed}")

    if not isinstance(config.get("model_type"), str):
        raise refused("model_type", "an architecture's name, as Transformers writes it into config.json")
    if config.get("is_encoder_decoder"):
        raise refused("is_encoder_decoder", "false: encoders and decoders of text are measured, not both in one")
    size = config.get("vocab_size")
    if not isinstance(size, int) or size < 2:
        raise refused("vocab_size", "a number of at least 2: models of text are measured, of images and sound not")
    if config.get("quantization_config"):
        raise refused("quantization_config", "none: both sides are compared in 32 bits")
    return Published(path, config, _weights(path))


def read(path: Path, sha256: str = "") -> bytes:
    """What stands for the model: its configuration, and each weight file's name, size and SHA-256. Raises
    UnsupportedError where it can't be read, or isn't what ``sha256`` (if given) says."""
    try:
        with _config_file(path).open("rb") as file:
            config = file.read(LARGEST + 1)
        files = [[file.name, file.stat().st_size, _digest(file, *_state(file))] for file in _weights(path)]
    except OSError as error:
        raise UnsupportedError(f"{path.name} can't be read: {error.strerror or error}") from error
    if len(config) > LARGEST:
        raise UnsupportedError(f"{path.name} has more than {LARGEST:,} bytes: that is no configuration of a model")
    found = json.dumps({"config": hashlib.sha256(config).hexdigest(), "weights": files}).encode()
    if sha256 and hashlib.sha256(found).hexdigest() != sha256:
        raise UnsupportedError(f"{path.name} has changed since it was looked at: begin again")
    return found


def _config_file(path: Path) -> Path:
    file = path / CONFIG if path.is_dir() else path
    if not file.is_file():
        raise UnsupportedError(f"{path.name} has no {CONFIG}: a folder is taken for a published model's")
    return file


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_config_file(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnsupportedError(f"{path.name} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnsupportedError(f"{path.name} holds a {type(found).__name__}; allowed: a configuration, {{…}}")
    return found


def _weights(path: Path) -> tuple[Path, ...]:
    """Safetensors of a folder. Raises UnsupportedError where weights lie there in a form that may hold code only."""
    if not path.is_dir():
        return ()
    if (path / _SAFE).is_file():
        return (path / _SAFE,)
    if (path / _INDEX).is_file():
        try:
            parts = json.loads((path / _INDEX).read_text(encoding="utf-8"))["weight_map"].values()
            files = tuple(path / str(name) for name in sorted(set(parts)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnsupportedError(f"{path.name}: {_INDEX} doesn't list the files of its weights") from error
        for file in files:
            if file.name != os.path.relpath(file, path) or not file.is_file():
                raise UnsupportedError(f"{path.name}: {_INDEX} names {file.name}, which isn't in the folder")
        return (path / _INDEX, *files)
    if unsafe := [name for name in _UNSAFE if (path / name).exists()]:
        raise UnsupportedError(
            f"{path.name}: its weights are in {unsafe[0]}, and only safetensors are loaded, which hold no code; "
            f"allowed: {_SAFE}, or a folder without weights, whose model gets random ones"
        )
    return ()


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=64)
def _digest(file: Path, size: int, modified: int) -> str:  # noqa: ARG001 - it is read anew when one of them changes
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
