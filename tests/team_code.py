"""Teams' code that nobody has to read: small trees, and what scanning them says."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from advisor.adapters import scan_process
from advisor.ports import CodeScan, Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import SCAN, ScanRequest
from advisor.records import DecisionRecord, Requester
from tests.advisor.trees import written
from tests.stores import the

#: A network of TensorFlow 1, as of 2019: what has to change, what may, tests, and a list of packages.
PROJECT: dict[str, str | bytes] = {
    "train.py": """\
        import tensorflow as tf
        from tensorflow.contrib import layers

        x = tf.placeholder(tf.float32, [None, 8])
        y = layers.fully_connected(x, 2)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
        loader = getattr(tf, "da" + "ta")
        """,
    "serve.py": "import tensorflow as tf\n\nmodel = tf.saved_model.load('model')\n",
    "tests/test_train.py": "import tensorflow as tf\n\ntf.Session()\n",
    "requirements.txt": "tensorflow==1.15.0\nnumpy==1.16.4\nrequests==2.22.0\n",
}


@cache
def scan() -> CodeScan:
    """Of ``PROJECT``."""
    with tempfile.TemporaryDirectory() as folder:
        return scan_process.scanned("archive", archive(Path(folder)), "shop.zip")


def read(services: Services, record: DecisionRecord) -> None:
    """A scan of that decision is asked for and done, whatever else waits."""
    asked = ScanRequest("archive", "0" * 32, "shop.zip")
    services.store.enqueue(SCAN, asked, Requester(operator=True), decision_id=record.id)
    run_job(services, the(services.store.claim("here")), lambda: False)


def archive(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """A zip of a tree in a folder that is empty."""
    tree = written(folder / "tree", files or PROJECT)
    path = folder / "shop.zip"
    with zipfile.ZipFile(path, "w") as target:
        for file in sorted(tree.rglob("*")):
            target.write(file, file.relative_to(tree))
    return path


def zipped(files: dict[str, str | bytes] | None = None) -> bytes:
    """Its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        return archive(Path(folder), files).read_bytes()


def upload(files: dict[str, str | bytes] | None = None) -> io.BytesIO:
    """As a page hands it over."""
    return io.BytesIO(zipped(files))


def written_as(name: str) -> bytes:
    """The bytes of a file of ``PROJECT``, as ``archive`` writes it."""
    with tempfile.TemporaryDirectory() as folder:
        return (written(Path(folder), PROJECT) / name).read_bytes()
