"""TensorFlow's half of a published model, as KerasHub builds it, and how Transformers' weights get into it.

KerasHub's own converters know where each of Transformers' weights goes. They are run with what PyTorch's half gave
instead of with a file; and, to compare what training changed, with the place of each number instead of the number, so
that it is known where in Transformers' layout a number of Keras' belongs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from probes.frameworks import tensorflow
from probes.model_file import keras_parts, keras_subject
from probes.model_file.carrying import NotCarriedError
from probes.model_file.published import HalfError, Published
from probes.model_file.subject_options import SubjectOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

LIBRARY = "KerasHub"
building = keras_subject.building
#: Transformers' names of what stands between the two dense layers of a block.
_ACTIVATION = ("hidden_act", "activation_function", "activation", "hidden_activation")


@dataclass(frozen=True, slots=True)
class HubNetwork:
    """A model that takes what Transformers takes, and what it is made of."""

    published: Published
    model: Any
    backbone: Any
    task: Any  # that writes text; None for an encoder
    converter: Any  # KerasHub's module for the architecture


def library_version() -> str:
    """Raises ModuleNotFoundError if it isn't here."""
    import keras_hub  # noqa: F401 - whatever it lacks shows

    return version("keras-hub")


def lacks(published: Published) -> bool:
    """Whether KerasHub takes no Transformers model of the architecture, or has none that does what the model does."""
    try:
        loader = _loader(published)
        return published.kind == "decoder" and _task_class(loader.check_backbone_class()) is None
    except ValueError:  # the word of KerasHub for it
        return True


def network(published: Published, *, load_weights: bool = True) -> HubNetwork:
    """A new one that answers as ``Published.kind`` says. ``load_weights``: those of its folder, if there are any.

    Raises HalfError for a configuration that KerasHub can't build.
    """
    import keras
    from keras import ops

    loader = _loader(published)
    kind = loader.check_backbone_class()
    weights = bool(load_weights and published.weights)
    try:
        backbone = loader.load_backbone(kind, weights, **_rates(published, loader, kind))
        task = _task_class(kind)(backbone=backbone, preprocessor=None) if published.kind == "decoder" else None
    except Exception as error:  # its own checks raise many kinds
        if tensorflow.is_out_of_memory(error):
            raise
        said = f"the configuration lacks {error}" if isinstance(error, KeyError) else str(error)
        raise HalfError.of(published, f"KerasHub {library_version()} can't build it", said) from error
    _same_gelu(published, backbone)
    _same_epsilon(published, backbone)
    _same_scale(published, backbone)
    ids, mask = (keras.Input((None,), dtype="int32", name=name) for name in ("input_ids", "attention_mask"))
    known = {"token_ids": ids, "padding_mask": mask, "segment_ids": ops.zeros_like(ids)}
    if unknown := [name for name in backbone.input if name not in known]:
        raise HalfError.of(published, f"KerasHub {library_version()} asks for more than tokens", ", ".join(unknown))
    # Keras takes what is too much by place: ESM, which has no mask, would be given the mask for its tokens.
    given = {name: known[name] for name in backbone.input}
    inner = task or backbone
    if isinstance(inner.output, dict):  # without what nothing here reads: a layer behind it would never be trained
        inner = keras.Model(backbone.input, backbone.output["sequence_output"])
    answer = inner(given)
    if task is None:
        weight = ops.cast(ops.expand_dims(mask, -1), answer.dtype)
        answer = ops.sum(answer * weight, 1) / ops.sum(weight, 1)
    model = keras.Model({"input_ids": ids, "attention_mask": mask}, answer)
    return HubNetwork(published, model, backbone, task, loader.converter)


def module(built: HubNetwork) -> Any:
    """What is called with inputs."""
    return built.model


def without_dropout(built: HubNetwork) -> None:
    keras_subject.without_dropout(built.model)


class PublishedKerasSubject(keras_subject.OwnKerasSubject):
    """Weights go by the names of Transformers, in its layout."""

    def __init__(self, built: HubNetwork, options: SubjectOptions) -> None:
        self._built = built
        self._given: Mapping[str, NDArray[Any]] = {}
        if built.task is not None:
            xla, eagerly = options.mode == "jit_compile=True", options.mode == "eager"
            built.task.compile(sampler="greedy", jit_compile=xla, run_eagerly=eagerly)
        super().__init__(built.model, options)

    def _placed(self, array: Any) -> Any:
        tensor = super()._placed(array)
        return self._tf.cast(tensor, self._tf.int32) if tensor.dtype == self._tf.int64 else tensor

    def parameters(self) -> int:
        return sum(int(variable.numpy().size) for variable in self.network.trainable_variables)

    def take(self, given: Mapping[str, NDArray[Any]]) -> None:
        """Begin with Transformers' weights. Raises NotCarriedError where KerasHub's converter can't take them."""
        self._given = given
        self._convert(given)

    def weights(self) -> Arrays:
        """What is trained, by Transformers' names and in its layout; by Keras' own where that can't be told."""
        try:
            placed = self.places()
        except NotCarriedError:
            return {variable.path: variable.numpy() for variable in self.network.trainable_variables}
        found: dict[str, NDArray[Any]] = {}
        for variable, name, places in placed:
            # What Keras has no place for (rows that stand for padding) stays as it was given.
            array = found.setdefault(name, self._given[name].copy())
            array.reshape(-1)[places] = variable.numpy()
        return found

    def places(self) -> list[tuple[Any, str, NDArray[Any]]]:
        """(variable, Transformers' name, where each of its numbers stands there, in the variable's shape).

        Raises NotCarriedError where a converter computes with numbers instead of moving them, or nothing was taken.
        """
        import numpy as np

        if not self._given:
            raise NotCarriedError("nothing was carried")
        places = {name: np.arange(array.size).reshape(array.shape) for name, array in self._given.items()}
        runs = []
        for tensors in (places, self._given):
            with _noting_assignments() as noted:
                asked = self._convert(tensors, noted)
            runs.append(list(zip(asked, noted, strict=True)))
        needed, found = self._needed(), []
        for (name, (variable, place)), (_, (_, number)) in zip(*runs, strict=True):
            if id(variable) in needed:
                moved = place.dtype.kind in "iu" and np.array_equal(self._given[name].reshape(-1)[place], number)
                if not moved:
                    raise NotCarriedError(f"KerasHub's converter computes {variable.path} instead of moving it")
                found.append((variable, name, place))
        return found

    def read(self, value: Any) -> NDArray[Any]:
        """What KerasHub has written is on the host already."""
        import numpy as np

        return value if isinstance(value, np.ndarray) else super().read(value)

    def _needed(self) -> frozenset[int]:
        """Ids of the variables that the answer depends on."""
        return frozenset(id(variable) for variable in self.network.trainable_variables)

    def _convert(self, tensors: Mapping[str, NDArray[Any]], noted: list[Any] | None = None) -> list[str]:
        """Run KerasHub's converter on these. The name of the tensor that each of ``noted`` came from."""
        loader = _loader_of(tensors, self._needed(), noted if noted is not None else [])
        try:
            self._built.converter.convert_weights(self._built.backbone, loader, dict(self._built.published.config))
        except KeyError as error:
            raise NotCarriedError(f"KerasHub looks for {error}, which Transformers' half doesn't have") from error
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            raise NotCarriedError(f"KerasHub's converter can't take the weights: {error}") from error
        names: list[str] = loader.names_of()
        return names

    def generated(self, number: int) -> Any:
        """The prompt and so many tokens more, the likeliest one each time, with its cache of keys and values."""
        import numpy as np

        room = np.zeros((1, number), np.int32)
        ids, mask = (np.concatenate([self.x[name].numpy(), room], 1) for name in ("input_ids", "attention_mask"))
        # Nothing ends a text early: both sides write equally much.
        return self._built.task.generate({"token_ids": ids, "padding_mask": mask}, stop_token_ids=None)["token_ids"]


def _loader(published: Published) -> Any:
    """KerasHub's own for Transformers' models. Raises ValueError for an architecture that it has none for."""
    from keras_hub.src.utils.transformers.preset_loader import TransformersPresetLoader

    return TransformersPresetLoader(str(published.path), dict(published.config))


def _task_class(backbone: Any) -> Any:
    """The one that writes text with such a backbone; None if there is none."""
    import keras_hub
    from keras_hub.src.utils.preset_utils import list_subclasses

    found = (kind for kind in list_subclasses(keras_hub.models.CausalLM) if kind.backbone_cls is backbone)
    return next(found, None)


def _rates(published: Published, loader: Any, kind: Any) -> dict[str, float]:
    """Dropout as the configuration has it, where KerasHub's converter leaves it at its own default."""
    import inspect

    rate = published.config.get("hidden_dropout_prob", published.config.get("dropout"))
    taken = "dropout" in inspect.signature(kind.__init__).parameters
    told = "dropout" in inspect.getsource(loader.converter.convert_backbone_config)
    return {"dropout": float(rate)} if taken and not told and isinstance(rate, int | float) else {}


def _same_gelu(published: Published, backbone: Any) -> None:
    """The exact form of GELU where the configuration names it: KerasHub's BERT has the other one, by tanh, built in."""
    import keras
    from keras_hub.src.utils.keras_utils import gelu_approximate

    if next((published.config[name] for name in _ACTIVATION if name in published.config), None) != "gelu":
        return
    for layer in keras_parts.layers_of(backbone):
        if getattr(layer, "activation", None) is gelu_approximate:
            layer.activation = keras.activations.gelu


def _same_epsilon(published: Published, backbone: Any) -> None:
    """That of the configuration in every norm, where it names one for all: KerasHub's Qwen3 and Qwen3-MoE keep their
    own default, 1e-5, in the norms of queries and keys."""
    if not isinstance(epsilon := published.config.get("rms_norm_eps"), float):
        return
    for layer in keras_parts.layers_of(backbone):
        if isinstance(getattr(layer, "epsilon", None), float):
            layer.epsilon = epsilon


def _same_scale(published: Published, backbone: Any) -> None:
    """Queries divided by the root of what the configuration names: KerasHub's Gemma 2 and 3 know the width of a head
    and the width of all by the number of heads, and in its Gemma 3 the first is built in."""
    if not isinstance(scalar := published.config.get("query_pre_attn_scalar"), int | float):
        return
    for layer in keras_parts.layers_of(backbone):
        if hasattr(layer, "query_head_dim_normalize") and hasattr(layer, "hidden_dim"):
            layer.query_head_dim_normalize = False
            layer.hidden_dim = int(scalar) * layer.num_query_heads


def _loader_of(tensors: Mapping[str, NDArray[Any]], needed: frozenset[int], noted: list[Any]) -> Any:
    """A loader of KerasHub that takes weights from memory instead of from a file. A variable that isn't ``needed`` may
    go without."""
    import numpy as np
    from keras_hub.src.utils.transformers.safetensor_utils import SafetensorLoader

    class Whole(np.ndarray[Any, Any]):
        """Some converters round to 16 bits on the way, as the files that they were written for do."""

        def astype(self, dtype: Any, *arguments: Any, **options: Any) -> Any:
            return self if np.dtype(dtype).kind == "f" else super().astype(dtype, *arguments, **options)

    class Loader(SafetensorLoader):  # type: ignore[misc]  # KerasHub is no module to the type checker
        def __init__(self) -> None:
            contextlib.ExitStack.__init__(self)  # there is no file that the class itself would look for
            self.prefix, self.safetensor_config = None, None
            self._asked: list[tuple[int, str]] = []  # how much was noted by then, and the tensor

        def get_prefixed_key(self, hf_weight_key: str, dict_like: Any) -> str:
            found = str(super().get_prefixed_key(hf_weight_key, dict_like))
            bare = hf_weight_key.partition(".")[2]  # files of a whole task name the body first
            return bare if found not in dict_like and bare in dict_like else found

        def get_tensor(self, hf_weight_key: str) -> Any:
            name = self.get_prefixed_key(hf_weight_key, tensors)
            self._asked.append((len(noted), name))
            return tensors[name].view(Whole)

        def port_weight(self, keras_variable: Any, hf_weight_key: str, hook_fn: Any = None) -> None:
            there = self.get_prefixed_key(hf_weight_key, tensors) in tensors
            if there or id(keras_variable) in needed:
                super().port_weight(keras_variable, hf_weight_key, hook_fn)

        def names_of(self) -> list[str]:
            """Of everything noted, the tensor that was asked for last before it."""
            return [next(name for at, name in reversed(self._asked) if at <= number) for number in range(len(noted))]

    return Loader()


@contextlib.contextmanager
def _noting_assignments() -> Iterator[list[tuple[Any, NDArray[Any]]]]:
    """Inside, a variable that is assigned to stays as it is: it is noted with the value, (variable, array)."""
    import keras
    import numpy as np

    noted: list[tuple[Any, NDArray[Any]]] = []

    def note(self: Any, value: Any) -> Any:
        noted.append((self, np.asarray(value).reshape(self.shape)))
        return value

    keras.Variable.assign = note
    try:
        yield noted
    finally:
        del keras.Variable.assign  # it is inherited
