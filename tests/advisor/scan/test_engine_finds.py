"""Every way in which a framework gets into a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from advisor.scan.report import ScanReport
from tests.advisor.trees import blind, found, scanned

#: (source, rule, line)
SEEN = {
    "contrib imported": ("from tensorflow.contrib import slim\n", "tf1-contrib", 1),  # tf_upgrade_v2 says «0 issues»
    "contrib in a chain": ("import tensorflow as tf\ntf.contrib.layers.xavier_initializer()\n", "tf1-contrib", 2),
    "as": ("import tensorflow as flow\nflow.Session()\n", "tf1-session", 2),
    "plain": ("import tensorflow\ntensorflow.Session()\n", "tf1-session", 2),
    "a name of it": ("from tensorflow import Session as S\nwith S() as s: pass\n", "tf1-session", 2),
    "in brackets": ("from tensorflow import (\n    constant,\n    placeholder,  # one\n)\nplaceholder(1)\n",
        "tf1-placeholder", 5),
    "a backslash": ("from tensorflow import constant, \\\n    placeholder\nplaceholder(1)\n", "tf1-placeholder", 3),
    "compat.v1": ("import tensorflow.compat.v1 as tf\ntf.layers.dense(x, 3)\n", "tf1-layers", 2),
    "compat.v1 in a chain": ("import tensorflow as tf\ntf.compat.v1.Session()\n", "tf1-compat", 2),
    "another name for a part": ("import tensorflow as tf\ntf1 = tf.compat.v1\ntf1.placeholder(1)\n", "tf1-graph-move",
        3),
    "a name for a name": ("from tensorflow import keras\nL = keras.layers\nD = L.CuDNNLSTM\nD(3)\n",
        "keras-cudnn-rnn", 4),
    "inside a function": ("def f():\n    import tensorflow as tf\n    return tf.Session()\n", "tf1-session", 3),
    "below try": ("try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.rfft(x, 1)\n", "torch-fft", 5),
    "import_module": ("import importlib\ntf = importlib.import_module('tensorflow')\ntf.Session()\n", "tf1-session", 3),
    "LazyLoader": ("tf = LazyLoader('tf', globals(), 'tensorflow')\ntf.Session()\n", "tf1-session", 2),
    "importorskip": ("import pytest\ntorch = pytest.importorskip('torch')\ntorch.rfft(x, 1)\n", "torch-fft", 3),
    "getattr with a literal": ("import tensorflow as tf\ngetattr(tf, 'Session')()\n", "tf1-session", 2),
    "a chain over lines": ("import tensorflow as tf\nx = (tf\n     .contrib\n     .layers)\n", "tf1-contrib", 2),
    "a decorator": ("import tensorflow as tf\n@tf.function\ndef f(x): return x\n", "tf-function", 2),
    "an f-string": ("import tensorflow as tf\nx = f'{tf.contrib}'\n", "tf1-contrib", 2),
    "TorchTPU": ("import torch_tpu\ntorch_tpu.device()\n", "torch-xla", 2),
    "a base": ("import torch.nn as nn\nclass A(nn.Module): pass\n", "torch-module", 2),
    "a base by where it is defined": (
        "from torch.nn.modules.module import Module\nclass A(Module): pass\n", "torch-module", 2),
    "a base of the modules": ("from torch.nn.modules import Module\nclass A(Module): pass\n", "torch-module", 2),
    "a base among others": ("from torch import nn\nclass A(B, nn.Module, metaclass=M): pass\n", "torch-module", 2),
    "a keyword": ("from torchvision import models\nmodels.resnet18(pretrained=True)\n", "torchvision-pretrained", 2),
    "keras alone": ("from keras.utils import multi_gpu_model\n", "keras-multi-gpu", 1),
    "keras in tensorflow": ("import tensorflow as tf\ntf.keras.utils.multi_gpu_model(m, 2)\n", "keras-multi-gpu", 2),
    "a method": ("import keras\nmodel.fit_generator(data)\n", "keras-fit-generator", 2),
    "Python 2": ("import tensorflow as tf\nprint 'x', tf.Session()\n", "tf1-session", 2),
    "Windows' ends of lines": ("import tensorflow as tf\r\ntf.Session()\r\n", "tf1-session", 2),
    "after a comment that ends with its name": ("import torch\n# goes by torch.\ntorch.rfft(x, 1)\n", "torch-fft", 3),
    "after a semicolon": ("import os; import tensorflow as tf; tf.Session()\n", "tf1-session", 1),
    "TensorFlow's class of transformers": ("from transformers import TFBertModel\n", "tf-transformers", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEN)
def test_it_is_found(case: str, tmp_path: Path) -> None:
    source, rule, line = SEEN[case]
    assert (rule, line) in found(scanned(tmp_path, {"a.py": source.encode()}))


#: Files of which the second gets a framework from the first.
HANDED_ON = {
    "a name": ("import tensorflow as tf\n", "from backend import tf\ntf.Session()\n"),
    "everything": ("import tensorflow as tf\n", "from backend import *\ntf.Session()\n"),
    "the module": ("import tensorflow as tf\n", "import backend\nbackend.tf.Session()\n"),
    "the module by another name": ("import tensorflow as tf\n", "import backend as b\nb.tf.Session()\n"),
    "a class": ("from tensorflow import Session\n", "from backend import Session as S\nS()\n"),
}


@pytest.mark.parametrize("case", HANDED_ON)
def test_a_framework_that_another_file_hands_on_is_found(case: str, tmp_path: Path) -> None:
    backend, source = HANDED_ON[case]
    report = scanned(tmp_path, {"backend.py": backend, "a.py": source})
    assert ("a.py", "tf1-session", 2) in {(one.file, one.rule, one.line) for one in report.findings}


def test_it_is_handed_on_through_packages_and_relative_imports(tmp_path: Path) -> None:
    files = {
        "p/__init__.py": "from .core.backend import tf\n",
        "p/core/__init__.py": "",
        "p/core/backend.py": "import tensorflow as tf\n",
        "p/core/a.py": "from .. import tf\ntf.Session()\n",
        "b.py": "from p.core.a import tf as flow\nflow.placeholder(1)\n",
        "c.py": "import os\nprint(os.name)\n",
    }
    report = scanned(tmp_path, files)
    assert {("p/core/a.py", "tf1-session"), ("b.py", "tf1-placeholder")} <= {
        (one.file, one.rule) for one in report.findings
    }
    assert report.coverage.sources == 6
    assert report.coverage.parsed == 4  # the empty one and c.py name no framework


def test_a_module_that_stands_for_a_framework(tmp_path: Path) -> None:
    files = {
        "p/__init__.py": "",
        "p/keras.py": "from keras import *\n",
        "a.py": "from p import keras\nkeras.layers.CuDNNGRU(1)\n",
    }
    assert ("keras-cudnn-rnn", 2) in found(scanned(tmp_path, files))


@pytest.mark.parametrize(
    ("files", "primary"),
    [
        ({"a.py": "import torch\ntorch.zeros(1)\n"}, "pytorch"),
        ({"a.py": "import tensorflow as tf\ntf.zeros(1)\n"}, "tensorflow"),
        ({"a.py": "import tensorflow as tf\ntf.keras.Model()\ntf.keras.layers.Dense(1)\n"}, "keras"),
        ({"a.py": "from tensorflow import keras\nkeras.Model()\n"}, "keras"),
        ({"a.py": "import tensorflow as tf\ntf.keras.Model()\n" + "tf.zeros(1)\n" * 9}, "tensorflow"),
        ({"a.py": "import keras\nkeras.Model()\n"}, "keras"),
        ({"a.py": "import jax\njax.jit(f)\n"}, "jax"),
        ({"a.py": "import torch\ntorch.zeros(1)\n", "b.py": "import tensorflow as tf\ntf.zeros(1)\n"}, "mixed"),
        ({"a.py": "import sklearn\n"}, "none"),
        ({"a.py": "import onnxruntime\ntry:\n    import torch\nexcept ImportError:\n    pass\n"}, "none"),
        ({"a.py": "import onnxruntime\ndef load():\n    import torch\n"}, "none"),
        (  # fed by tf.data, and what surrounds that in its file is for data too
            {
                "a.py": "import jax\n" + "jax.jit(f)\n" * 9,
                "b.py": "import tensorflow as tf\ntf.data.Dataset.range(1)\n" + "tf.cast(x, tf.int32)\n" * 4,
            },
            "jax",
        ),
        (  # the same beside a layer is not
            {
                "a.py": "import jax\n" + "jax.jit(f)\n" * 9,
                "b.py": "import tensorflow as tf\ntf.nn.relu(tf.data.x)\n" + "tf.cast(x, tf.int32)\n" * 4,
            },
            "mixed",
        ),
        ({}, "none"),
        (
            {"a.py": "import torch\ntorch.zeros(1)\n", "tests/test_a.py": "import tensorflow as tf\ntf.zeros(1)\n" * 3},
            "pytorch",
        ),
    ],
)
def test_whose_project_it_is(files: dict[str, str | bytes], primary: str, tmp_path: Path) -> None:
    assert scanned(tmp_path, files).primary == primary


@pytest.mark.parametrize(
    ("files", "major", "backend"),
    [
        ({"requirements.txt": "keras==2.3.1\n"}, "2", None),
        ({"requirements.txt": "keras>=3.1\n"}, "3", None),
        ({"requirements.txt": "keras\n"}, None, None),
        ({"b.py": "from keras import ops\nops.mean(1)\n"}, "3", None),
        ({"b.py": "import tf_keras as keras\n"}, "2", None),
        ({"b.py": "import os, keras\nos.environ['KERAS_BACKEND'] = 'torch'\n"}, None, "torch"),
        ({"Dockerfile": "FROM python:3.12\nENV KERAS_BACKEND=jax\n"}, None, "jax"),
        ({"keras.json": '{"backend": "torch"}'}, None, "torch"),
    ],
)
def test_which_keras_on_what(
    files: dict[str, str | bytes], major: str | None, backend: str | None, tmp_path: Path
) -> None:
    keras = scanned(tmp_path, {"a.py": "import keras\nkeras.Model()\n", **files}).frameworks["keras"]
    assert (keras.major, keras.backend) == (major, backend)


def test_where_it_is_imported_is_counted(tmp_path: Path) -> None:
    source = """\
        import torch
        def f():
            import tensorflow
        try:
            import keras
        except ImportError:
            pass
    """
    use = scanned(tmp_path, {"a.py": source}).frameworks
    assert [(one.imports, one.lazy, one.conditional) for one in (use["pytorch"], use["tensorflow"], use["keras"])] == [
        (1, 0, 0), (1, 1, 0), (1, 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import tensorflow as tf\ngetattr(tf.nn, name)(x)\n", "dynamic-attribute"),
        ("import importlib\nimportlib.import_module(name)\n", "dynamic-import"),
        ("from tensorflow.keras.layers import *\nDense(3)\n", "star-import"),
        ("import torch\ndef f(:\n", "unparsed"),
    ],
)
def test_what_cannot_be_seen_is_said(source: str, kind: str, tmp_path: Path) -> None:
    assert kind in blind(scanned(tmp_path, {"a.py": source}))


def test_what_was_not_parsed_is_said_by_its_lines(tmp_path: Path) -> None:
    source = "import torch\n" + "x = 1\n" * 20 + "def f(:\n" + "y = torch.rfft(x, 1)\n"
    report = scanned(tmp_path, {"a.py": source})
    (spot,) = report.blind_spots
    assert spot.said == "parsed to 95 %, line 22 not"
    assert ("torch-fft", 23) in found(report)


AGES = {
    "2.7": b"""import tensorflow as tf
print >>f, `x`, 10L, 0777, ur'x'
exec code in ns
if a <> b: raise E, 'x'
def f((a, b)): pass
try: pass
except X, e: pass
tf.Session()
""",
    "3.14": b"""import tensorflow as tf
type X[T] = list[T]
match x:
    case {'a': [1, *_]} if (y := 2): pass
try: pass
except* E: pass
try: pass
except A, B: pass
x = t'{a!r}' f'{f"{b}"}'
tf.Session()
""",
}


@pytest.mark.parametrize("age", AGES)
def test_the_oldest_and_the_newest_python_are_read_whole(age: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": AGES[age]})
    assert report.blind_spots == ()
    assert ("tf1-session", AGES[age].count(b"\n")) in found(report)


def test_a_notebook_is_read_by_cells(tmp_path: Path) -> None:
    cells = '{"cell_type": "markdown", "source": "tf.Session()"}, {"cell_type": "code", "source": '
    body = '["%matplotlib inline\\n", "import tensorflow as tf\\n", "!pip install x\\n", "tf.Session()"]}'
    text = f'{{"cells": [{cells}{body}], "nbformat": 4, "metadata": {{}}}}'
    (one,) = [one for one in scanned(tmp_path, {"a.ipynb": text}).findings if one.rule == "tf1-session"]
    assert (one.cell, one.line) == (2, 4)


def areas(report: ScanReport) -> dict[str, dict[str, int]]:
    return {area: dict(use.uses) for area, use in report.areas.items()}


def test_areas_are_told_apart(tmp_path: Path) -> None:
    source = """\
        import torch
        from torch import nn
        net = nn.Linear(1, 1)
        step = torch.optim.SGD(net.parameters())
        data = torch.utils.data.DataLoader(x)
        loss = nn.CrossEntropyLoss()
        torch.jit.trace(net, x)
        torch.distributed.init_process_group("gloo")
        y = torch.zeros(1)
    """
    report = scanned(tmp_path, {"a.py": source, "tests/test_a.py": "import torch\ntorch.zeros(1)\n"})
    assert areas(report) == {
        area: {"pytorch": 1}
        for area in ("model", "training_loop", "data_pipeline", "losses_metrics", "export", "distributed", "tests")
    }


def test_packages_scripts_and_operations_of_its_own_are_found(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "tensorflow==1.15\ntensorflow-addons\n",
        "Dockerfile": "FROM tensorflow/tensorflow:1.15.0-gpu\n",
        "op.cu": "#include <THC/THC.h>\n#include <torch/extension.h>\n",
        "setup.py": "from torch.utils.cpp_extension import CUDAExtension\nCUDAExtension('x', ['op.cu'])\n",
    }
    report = scanned(tmp_path, files)
    assert {
        ("requirements.txt", "tf1-pin"), ("requirements.txt", "tf-addons"), ("Dockerfile", "tf-docker-old"),
        ("op.cu", "native-thc"), ("op.cu", "native-torch-op"), ("setup.py", "native-torch-build"),
    } <= {(one.file, one.rule) for one in report.findings}  # fmt: skip
    assert "custom-op" in blind(report)


def test_the_same_tree_gives_the_same_report(tmp_path: Path) -> None:
    from advisor.scan.engine import scan

    files: dict[str, str | bytes] = {f"{name}.py": "import torch\ntorch.rfft(x, 1)\n" for name in "cab"}
    one, other = scanned(tmp_path, files), scan(tmp_path)
    assert replace(one, coverage=other.coverage) == other
    assert replace(one.coverage, seconds=other.coverage.seconds) == other.coverage
