"""Parts of a project, by the names of frameworks that stand in them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from advisor.scan.report import CodeArea

_TESTS: Final = re.compile(r"(^|/)(tests?|testing)/|(^|/)test_[^/]*$|_test\.py$|(^|/)conftest\.py$")
#: Regular expressions, one a word. The first area of which one is found in «.name.» wins: special before general.
_MARKS: Final[tuple[tuple[CodeArea, str], ...]] = (
    ("tests", r"tensorflow\.test\. torch\.testing\. chex\.assert tensorflow\.python\.platform\.test"),
    ("distributed", r"""
        \.distribute\. torch\.distributed DataParallel horovod\. deepspeed\. accelerate\. \.pmap\. shard_map
        MirroredStrategy TPUStrategy fairscale\. multi_gpu_model tpu\. torch_tpu\. torch_xla\.
    """),
    ("serving", r"tensorflow_serving\. \.ts\. torchserve\."),
    ("export", r"""
        saved_model \.lite\. torch\.jit\. torch\.onnx\. torch\.export\. tensorflowjs\. tf2onnx\. executorch\.
        torch_tensorrt\. convert_variables_to_constants export_saved_model tflite litert \.quantization\. torchao\.
        model_optimization
    """),
    ("data_pipeline", r"""
        tensorflow\.data\. v1\.data\. utils\.data\. TFRecord \.io\. \.image\. preprocessing\. torchvision\.transforms
        torchvision\.datasets tensorflow_datasets\. torchdata\. torchtext\. torchaudio\. feature_column
        ImageDataGenerator pad_sequences parse_single_example queue_runner keras\.datasets\. tensorflow_transform\.
        FixedLenFeature
        DataLoader LightningDataModule
    """),
    ("losses_metrics", r"""
        \.losses?\. \.metrics?\. torchmetrics\. [a-z]Loss\. cross_entropy \.mse_loss\. Crossentropy
    """),
    ("training_loop", r"""
        GradientTape \.optim\. \.optimizers?\. \.train\. \.autograd\. \.amp\. Optimizer \.callbacks\. lr_scheduler
        \.Session\. \.InteractiveSession\. \.estimator\. \.gradients\. \.grad\. value_and_grad optax\. Trainer\.
        LightningModule no_grad clip_grad summary\. tensorboard \.cuda\. ignite\. global_variables_initializer
        ConfigProto
    """),
    ("model", r"""
        \.nn\. \.layers?\. \.models?\. \.applications\. \.Model\. \.Module\. \.Sequential\. slim\. flax\. haiku\.
        equinox\. sonnet\. timm\. Variable\. variable_scope get_variable placeholder \.activations\. \.initializers\.
        \.regularizers\. tensorflow_probability\. rnn \.Input\. \.backend\.
    """),
)  # fmt: skip
_AREAS: Final = tuple((area, re.compile("|".join(marks.split()))) for area, marks in _MARKS)


@lru_cache(maxsize=65_536)  # asked again for every finding of a file
def is_test(path: str) -> bool:
    """Whether a file tests, by where it lies and what it is called."""
    return _TESTS.search(path) is not None


@lru_cache(maxsize=65_536)
def area_of(name: str) -> CodeArea | None:
    """The area of a full name; None for names of every area, as ``torch.zeros``."""
    marked = f".{name}."
    return next((area for area, marks in _AREAS if marks.search(marked)), None)
