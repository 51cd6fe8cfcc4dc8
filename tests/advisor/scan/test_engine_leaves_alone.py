"""What only looks like a framework is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.advisor.trees import blind, found, scanned

ALONE = {
    "nothing imported": "tf.Session()\ntorch.load('x')\n",
    "a string": "import tensorflow as tf\nx = 'tf.Session()'\n",
    "a docstring": 'import tensorflow as tf\n"""\ntf.Session()\n"""\n',
    "a comment": "import tensorflow as tf\n# tf.Session()\n",
    "an attribute": "import tensorflow as tf\nself.tf.Session()\nx.tf.placeholder(1)\n",
    "a parameter": "import tensorflow as tf\ndef f(tf):\n    return tf.Session()\n",
    "a parameter with a default": "import tensorflow as tf\ndef f(tf=None):\n    return tf.Session()\n",
    "a typed parameter": "import tensorflow as tf\ndef f(tf: object):\n    return tf.Session()\n",
    "a lambda's parameter": "import tensorflow as tf\nf = lambda tf: tf.Session()\n",
    "a variable of a function": "import tensorflow as tf\ndef f():\n    tf = fake()\n    return tf.Session()\n",
    "a loop's variable": "import tensorflow as tf\ndef f():\n    for tf in fakes:\n        tf.Session()\n",
    "a comprehension's variable": "import tensorflow as tf\nx = [tf.Session() for tf in fakes]\n",
    "a keyword": "import tensorflow as tf\nf(tf=3)\n",
    "another module": "import mytensorflow as tf\ntf.Session()\nimport torchy\ntorchy.load('x')\n",
    "a longer name": "import tensorflow as tf\ntfx.Session()\nmytf.Session()\n",
    "a name that begins alike": "import tensorflow as tf\ntf.SessionLike()\ntf.contribution()\n",
    "a name of another function": (
        "import torch.nn as nn\ndef f():\n    layer = nn.DataParallel\ndef g(layer):\n    return layer()\n"
    ),
    "the same method elsewhere": "import flask\nmodel.fit_generator(x)\nmodel.register_hook(f)\n",
}
#: Where importing or naming is itself a finding, on this line and no other.
NAMED = {"a name of another function": {("torch-dataparallel", 3)}}


@pytest.mark.parametrize("case", ALONE)
def test_what_only_looks_like_it(case: str, tmp_path: Path) -> None:
    assert found(scanned(tmp_path, {"a.py": ALONE[case]})) == NAMED.get(case, set())


OLD = "tf.contrib.rnn.x"
#: An old name where versions are told apart: whoever wrote that has seen to both.
GUARDED = {
    "a version": "if tf.__version__ < '2':\n    {old}\nelse:\n    new\n",
    "a parsed version": "if Version(tf.__version__).major >= 2:\n    new\nelse:\n    {old}\n",
    "a flag": "if IS_TF_1:\n    {old}\n",
    "a function": "if not utils.is_tf2():\n    if x:\n        {old}\n",
    "the second question": "if x:\n    pass\nelif is_tf2():\n    new\nelse:\n    {old}\n",
    "an attribute": "if hasattr(tf, 'contrib'):\n    {old}\n",
    "in one line": "x = {old} if hasattr(tf, 'contrib') else new\n",
    "an attempt": "try:\n    {old}\nexcept AttributeError:\n    new\n",
    "an attempt to import": "try:\n    from tensorflow import contrib\nexcept (ImportError, KeyError):\n    pass\n",
}
UNGUARDED = {
    "another question": "if mode:\n    {old}\n",
    "a question in the branch": "if mode:\n    print(tf.__version__)\n    {old}\n",
    "behind the question": "if is_tf2():\n    new\n{old}\n",
    "another error": "try:\n    {old}\nexcept ValueError:\n    new\n",
    "a long attempt": "try:\n" + "    f()\n" * 20 + "    {old}\nexcept AttributeError:\n    new\n",
}


@pytest.mark.parametrize("case", GUARDED)
def test_what_stands_where_versions_are_told_apart(case: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": "import tensorflow as tf\n" + GUARDED[case].format(old=OLD)})
    assert found(report) == set()
    assert [(spot.kind, spot.count) for spot in report.blind_spots] == [("guarded", 1)]


@pytest.mark.parametrize("case", UNGUARDED)
def test_what_only_seems_to_stand_there(case: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": "import tensorflow as tf\n" + UNGUARDED[case].format(old=OLD)})
    assert {rule for rule, _ in found(report)} == {"tf1-contrib"}
    assert blind(report) == set()


def test_a_name_for_what_is_guarded_is_guarded_wherever_it_stands(tmp_path: Path) -> None:
    source = f"import tensorflow as tf\nif is_tf2():\n    Cell = new\nelse:\n    Cell = {OLD}\ndef f():\n    Cell()\n"
    report = scanned(tmp_path, {"a.py": source})
    assert found(report) == set()
    assert [(spot.kind, spot.count) for spot in report.blind_spots] == [("guarded", 2)]


def test_a_move_meets_what_is_guarded_as_well(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": "import tensorflow as tf\nif is_tf2():\n    pass\nelse:\n    tf.Session()\n"})
    assert {rule for rule, _ in found(report)} == {"tf1-graph-move"}


def test_a_module_of_the_trees_own_name(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"torch.py": "def load(x): ...\n", "a.py": "import torch\ntorch.load('x')\n"})
    assert report.findings == ()
    assert report.primary == "none"
    assert "own-name" in blind(report)


def test_a_submodule_called_keras_isnt_in_the_way_of_the_package(tmp_path: Path) -> None:
    files = {"p/__init__.py": "", "p/keras.py": "x = 1\n", "p/a.py": "import keras\nkeras.Model()\n"}
    assert scanned(tmp_path, files).primary == "keras"


@pytest.mark.parametrize(
    "line",
    [
        "torch.load(f, weights_only=True)",
        "torch.load(f, **options)",
        "torch.onnx.export(m, x, f, dynamo=True)",
        "torch.stft(x, 4, return_complex=True)",
        "torch.nn.CrossEntropyLoss(reduction='sum')",
        "torch.autograd.grad(y, x)",
        "torch.svd",
        "torch.linalg.solve(a, b)",
        "torch.cuda.amp_like()",
        "torch.distributed_thing()",
    ],
)
def test_a_call_as_it_should_be(line: str, tmp_path: Path) -> None:
    assert found(scanned(tmp_path, {"a.py": f"import torch\n{line}\n"})) - {("torch-onnx", 2)} == set()


def test_keras_as_it_is_today(tmp_path: Path) -> None:
    source = """\
        import keras
        from keras import layers, ops

        model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        model.compile(keras.optimizers.Adam(learning_rate=0.1), "mse")
        x = ops.mean(ops.ones(3))
    """
    report = scanned(tmp_path, {"a.py": source})
    assert report.findings == ()
    assert report.frameworks["keras"].major == "3"


def test_a_guard_for_both_versions_of_tensorflow(tmp_path: Path) -> None:
    """One of both names works, whichever version there is."""
    source = """\
        try:
            import tensorflow.compat.v1 as tf
        except ImportError:
            import tensorflow as tf
        tf.get_variable("x", [1])
    """
    assert ("tf1-variables", 5) not in found(scanned(tmp_path, {"a.py": source}))


def test_who_imports_a_module_of_the_tree_imports_nothing_of_what_that_one_imports(tmp_path: Path) -> None:
    files = {
        "data.py": "import tensorflow_text\nfrom tensorflow.contrib import slim\n",
        "a.py": "import data\nimport torch\n",
    }
    report = scanned(tmp_path, files)
    assert {one.file for one in report.findings} == {"data.py"}
    assert report.frameworks["tensorflow"].files == 1


def dispatched(users: int, chooser: str) -> dict[str, str | bytes]:
    """As google/trax has it: ``trax/fastmath/ops.py`` chooses between ``jax.py`` and ``tf.py`` beside it."""
    return {
        "net/__init__.py": "",
        "net/fast/__init__.py": "from net.fast.ops import *\n",
        "net/fast/jax.py": "import jax\n\ndef exp(x):\n    return jax.numpy.exp(x)\n",
        "net/fast/tf.py": "import tensorflow as tf\n\ndef exp(x):\n    return tf.math.exp(x)\n",
        "net/fast/ops.py": f"from net.fast import jax\nfrom net.fast import tf\n\n{chooser}",
        **{f"net/layer{number}.py": "from net.fast import numpy as np\nnp.exp(1.0)\n" for number in range(users)},
    }


def test_what_goes_by_a_module_that_chooses_the_framework_is_counted_for_none(tmp_path: Path) -> None:
    chooser = (
        "class Names:\n    def __getattr__(self, name):\n        return getattr(chosen(), name)\n\nnumpy = Names()\n"
    )
    report = scanned(tmp_path, dispatched(9, chooser))
    (spot,) = [one for one in report.blind_spots if one.kind == "dispatcher"]
    assert (spot.file, spot.count) == ("net/fast/ops.py", 9)
    assert "JAX or TensorFlow" in spot.said
    assert report.primary == "mixed"


@pytest.mark.parametrize(
    ("users", "chooser"),
    [(9, "def exp(x):\n    return jax.exp(x)\n"), (2, "def __getattr__(name):\n    return getattr(jax, name)\n")],
    ids=["hands nothing on", "few go by it"],
)
def test_two_frameworks_beside_each_other_are_no_dispatcher(users: int, chooser: str, tmp_path: Path) -> None:
    assert "dispatcher" not in blind(scanned(tmp_path, dispatched(users, chooser)))
