"""PyTorch's half of a published model, as Transformers builds it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from probes.frameworks import pytorch
from probes.model_file import torch_subject
from probes.model_file.carrying import Given
from probes.model_file.published import HalfError, Published

if TYPE_CHECKING:
    from probes.contracts import Arrays

LIBRARY = "Transformers"
building = torch_subject.building


def library_version() -> str:
    """Raises ModuleNotFoundError if it isn't here."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # what it reports of each load would hide the last words of a process that fails
    logging.disable_progress_bar()
    return version("transformers")


def lacks(published: Published) -> bool:
    """Whether Transformers has no implementation of the architecture for what the model does."""
    from transformers import CONFIG_MAPPING

    known = published.architecture in CONFIG_MAPPING
    return not known or type(_config(published)) not in _auto(published)._model_mapping


def network(published: Published, *, load_weights: bool = True) -> Any:
    """A new one that answers as ``Published.kind`` says. ``load_weights``: those of its folder, if there are any.

    Raises HalfError for a configuration or weights that Transformers doesn't take.
    """
    import torch
    from torch import nn

    class Encoder(nn.Module):  # type: ignore[misc]  # PyTorch is no module to the type checker
        """The mean of its tokens' vectors."""

        def __init__(self, body: Any) -> None:
            super().__init__()
            self.body = body

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            vectors = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(vectors.dtype)
            return (vectors * mask).sum(1) / mask.sum(1)

    class Decoder(nn.Module):  # type: ignore[misc]  # PyTorch is no module to the type checker
        """How likely each token is to come next, at every place."""

        def __init__(self, body: Any) -> None:
            super().__init__()
            self.body = body

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.body(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits

    config, auto = _config(published), _auto(published)
    options: dict[str, Any] = {"trust_remote_code": False, "dtype": torch.float32}
    if "add_pooling_layer" in inspect.signature(auto._model_mapping[type(config)].__init__).parameters:
        options["add_pooling_layer"] = False  # nothing here reads it
    try:
        if load_weights and published.weights:
            body, found = auto.from_pretrained(
                str(published.path), config=config, local_files_only=True, use_safetensors=True,
                output_loading_info=True, **options,
            )  # fmt: skip
            if missing := sorted(found["missing_keys"]):
                raise HalfError.of(published, "the folder has no weights for some parts", ", ".join(missing[:3]))
        else:
            body = auto.from_config(config, **options)
    except Exception as error:  # its own checks raise many kinds
        if isinstance(error, HalfError) or pytorch.is_out_of_memory(error):
            raise
        raise HalfError.of(published, f"Transformers {library_version()} can't build it", str(error)) from error
    return Decoder(body) if published.kind == "decoder" else Encoder(body)


def module(built: Any) -> Any:
    """What is called with inputs: all of it."""
    return built


def without_dropout(built: Any) -> None:
    """Attention keeps its rate as a number of its own."""
    torch_subject.without_dropout(built)
    for layer in built.modules():
        for name, value in vars(layer).items():
            if "dropout" in name and isinstance(value, float):
                setattr(layer, name, 0.0)


class PublishedTorchSubject(torch_subject.OwnTorchSubject):
    """Weights go by the names of Transformers."""

    _reached: tuple[str, ...] = ()

    def _state(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.inner.body.state_dict()
        return found

    def weights(self) -> Arrays:
        """Those that the answer depends on: the other side has no others."""
        state = self.state()
        return {name: state[name] for name in self._trained()}

    def given(self) -> Given:
        """All of them; the other side knows which it needs."""
        return Given(self.state(), (), self.read(self.predict()))

    def generated(self, number: int) -> Any:
        """The prompt and so many tokens more, the likeliest one each time, with its cache of keys and values."""
        from transformers import GenerationConfig

        self.network.eval()
        # Nothing ends a text early: both sides write equally much.
        chosen = GenerationConfig(max_new_tokens=number, do_sample=False, use_cache=True, pad_token_id=0)
        self.inner.body.generation_config = chosen
        with self._torch.inference_mode():
            return self.inner.body.generate(**self.x)

    def _trained(self) -> tuple[str, ...]:
        """Names of the parameters that a gradient of the answer reaches, each once though it may have two."""
        if not self._reached:
            self.network.eval()
            self.network(self.x).sum().backward()
            named = list(self.inner.body.named_parameters())
            self._reached = tuple(name for name, parameter in named if parameter.grad is not None)
            for _, parameter in named:
                parameter.grad = None
        return self._reached


def _auto(published: Published) -> Any:
    from transformers import AutoModel, AutoModelForCausalLM

    return AutoModelForCausalLM if published.kind == "decoder" else AutoModel


def _config(published: Published) -> Any:
    from transformers import AutoConfig

    fields = dict(published.config)
    try:
        return AutoConfig.for_model(fields.pop("model_type"), **fields)
    except Exception as error:  # its own checks raise many kinds
        raise HalfError.of(published, "Transformers refuses the configuration", str(error)) from error
