"""Models are known by their first bytes; pickles are walked and never loaded."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest

from advisor.scan.report import ModelArtefact
from tests.advisor.trees import scanned


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
ONE: dict[str, tuple[bytes, str, str | None]] = {
    "a.h5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 50, "HDF5", "keras"),
    "data.nc": (b"\x89HDF\r\n\x1a\n" + b"\0" * 50, "HDF5", None),
    "a.tflite": (b"\x1c\0\0\0TFL3" + b"\0" * 50, "LiteRT", "tensorflow"),
    "a.pte": (b"\x1c\0\0\0ET12" + b"\0" * 50, "ExecuTorch", "pytorch"),
    "a.gguf": (b"GGUF" + b"\0" * 50, "GGUF", None),
    "a.safetensors": (len(HEADER).to_bytes(8, "little") + HEADER + b"\0\0\0\0", "safetensors", None),
    "m/saved_model.pb": (b"\x08\x01" + b"\0" * 50, "SavedModel", "tensorflow"),
    "frozen.pb": (b"\n\x10" + b"\0" * 50, "frozen graph", "tensorflow"),
    "a.onnx": (b"\x08\x07" + b"\0" * 50, "ONNX", None),
    "model.ckpt-1.data-00000-of-00001": (b"\0" * 50, "TensorFlow checkpoint", "tensorflow"),
    "a.keras": (archive(config_json=b"{}", model_weights_h5=b"x"), "Keras 3", "keras"),
    "a.pt": (archive(a__data_pkl=pickle.dumps(OrderedDict())), "PyTorch", "pytorch"),
    "script.pt": (archive(a__data_pkl=b"", a__constants_pkl=b""), "TorchScript", "pytorch"),
    "plain.pkl": (pickle.dumps({"x": 1}), "pickle", None),
    "no_ending": (pickle.dumps(OrderedDict()), "pickle", None),
}


@pytest.mark.parametrize("name", ONE)
def test_it_is_known(name: str, tmp_path: Path) -> None:
    content, form, framework = ONE[name]
    (found,) = scanned(tmp_path, {name: content}).artefacts
    assert (found.file, found.format, found.framework, found.size) == (name, form, framework, len(content))


@pytest.mark.parametrize("name", ["a.png", "a.csv", "a.bin", "a.dat", "LICENSE"])
def test_other_files_are_left_alone(name: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {name: b"just some bytes, and no model at all" * 3})
    assert (report.artefacts, report.blind_spots) == ((), ())


def test_a_damaged_file_is_a_blind_spot(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/data.pkl", pickle.dumps([f"layer {n}" for n in range(200)]))
    content = bytearray(stream.getvalue())
    content[45:60] = b"\xff" * 15
    report = scanned(tmp_path, {"a.pt": bytes(content)})
    assert report.artefacts == ()
    assert [spot.file for spot in report.blind_spots] == ["a.pt"]


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("open('harm', 'w')",)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_a_pickle_would_import_is_told_and_not_imported(
    protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = scanned(tmp_path / "tree", {"a.pkl": pickle.dumps([Harm(), OrderedDict()], protocol)}).artefacts
    assert {"collections"} < set(found.modules)
    assert set(found.modules) & {"builtins", "__builtin__"}
    assert not (tmp_path / "harm").exists()


def test_whose_a_pickle_is_follows_from_its_imports(tmp_path: Path) -> None:
    content = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x00."
    assert scanned(tmp_path, {"a.pkl": content}).artefacts == (
        ModelArtefact("a.pkl", "pickle", len(content), "pytorch", ("torch._utils",)),
    )
