"""What the code says of the questions on existing code."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.effort.estimate import estimate
from advisor.effort.seen import seen
from tests.advisor.trees import scanned

KERAS = "import keras\nm = keras.Sequential([keras.layers.Dense(1)])\n"
TF_KERAS = "import tensorflow as tf\nx = tf.keras.layers.Dense(1)\n"


@pytest.mark.parametrize(
    ("files", "framework"),
    [
        ({"a.py": "import tensorflow as tf\nx = tf.placeholder(1)\ntf.Session().run(x)\n"}, "tensorflow1"),
        ({"a.py": "import tensorflow as tf\nx = tf.reshape(tf.ones(1), (1,))\n"}, "tensorflow2"),
        ({"a.py": TF_KERAS}, "keras"),
        ({"a.py": TF_KERAS, "requirements.txt": "tensorflow==2.11.1\n"}, "keras2"),
        ({"a.py": TF_KERAS, "requirements.txt": "tensorflow>=2.16\n"}, "keras3"),
        ({"a.py": TF_KERAS, "requirements.txt": "tensorflow>=2.5\n"}, "keras"),
        ({"a.py": KERAS, "requirements.txt": "keras==2.4.3\n"}, "keras2"),
        ({"a.py": KERAS, "requirements.txt": "keras>=3\n"}, "keras3"),
        ({"a.py": KERAS}, "keras"),
        ({"a.py": "import torch\nx = torch.ones(1)\n"}, "pytorch"),
        ({"a.py": "import jax\nx = jax.numpy.ones(1)\n"}, "jax"),
        ({"a.py": "import torch\nx = torch.ones(1)\n", "b.py": "import jax\nx = jax.numpy.ones(1)\n"}, "mixed"),
        ({"a.py": "print(1)\n"}, "none"),
        ({"a.py": "import importlib\nimportlib.import_module(name)\n"}, None),
    ],
)
def test_which_code_it_is(files: dict[str, str | bytes], framework: str | None, tmp_path: Path) -> None:
    assert seen(scanned(tmp_path, files)).framework == framework


def test_what_is_only_tried_is_no_code_of_a_framework(tmp_path: Path) -> None:
    tried = "import onnxruntime\ntry:\n    import torch\nexcept ImportError:\n    pass\n"
    report = scanned(tmp_path, {"a.py": tried})
    assert (seen(report).framework, seen(report).lines) == ("none", None)
    assert not any(option.moves for option in estimate(report).options)


@pytest.mark.parametrize(
    ("asked", "python"),
    [(">=3.9,<3.12", "3.11"), ("~=3.10.2", "3.10"), (">=3.8", None), ("<3.8", None), ("", None)],
)
def test_the_newest_python_that_the_project_allows(asked: str, python: str | None, tmp_path: Path) -> None:
    line = f'requires-python = "{asked}"\n' if asked else ""
    files: dict[str, str | bytes] = {"pyproject.toml": f'[project]\nname = "x"\n{line}', "a.py": "import torch\n"}
    assert seen(scanned(tmp_path, files)).python == python
