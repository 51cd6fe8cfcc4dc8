"""Files that hold a model, by their first bytes. A pickle is walked opcode by opcode, never loaded."""

from __future__ import annotations

import io
import itertools
import pickletools
import re
import zipfile
from typing import Final

from advisor.scan.limits import MB, ScanLimits
from advisor.scan.report import FoundFramework, ModelArtefact
from advisor.scan.tree import TreeFile
from probes.system.broken_zips import BROKEN_ZIP

HEAD: Final = 64
_LFS: Final = b"version https://git-lfs.github.com/spec/"
#: (where it stands, the bytes, the format, whose it is)
_MAGIC: Final[tuple[tuple[int, bytes, str, FoundFramework | None], ...]] = (
    (0, b"\x89HDF\r\n\x1a\n", "HDF5", None),
    (4, b"TFL3", "LiteRT", "tensorflow"),
    (4, b"ET12", "ExecuTorch", "pytorch"),
    (0, b"GGUF", "GGUF", None),
    (0, b"ggml", "GGML", None),
    (0, b"ftrt", "TensorRT engine", None),
)
#: Formats without magic bytes: a Protobuf message begins with the tag of its first field.
_BY_NAME: Final[tuple[tuple[str, bytes, str, FoundFramework | None], ...]] = (
    ("saved_model.pb", b"\x08", "SavedModel", "tensorflow"),
    (".pb", b"\n", "frozen graph", "tensorflow"),
    (".onnx", b"\x08", "ONNX", None),
    (".mlmodel", b"\x08", "Core ML", None),
    (".msgpack", b"", "MessagePack", "jax"),
)
_KERAS_FILES: Final = {".h5", ".hdf5", ".keras"}
_ZIPPED: Final = {
    ".pt",
    ".pth",
    ".ckpt",
    ".bin",
    ".keras",
    ".ptl",
    ".pt2",
    ".mar",
    ".pkl",
    ".tar",
    ".model",
    ".th",
    ".pte",
}
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]")
_TORCH_OLD: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_SOURCES: Final = re.compile(
    r"\.(py|ipynb|md|rst|txt|json|ya?ml|toml|cfg|ini|[ct]sv|html|css|js|ts|png|jpe?g|gif|svg|pdf|c|cc|cpp|cu|h|hpp|sh|xml"
    r"|java|go|rs|proto|lock|gitignore|ico|mp[34]|wav|gz|zip|xz|po|tiff?|bmp|woff2?|ttf|map)$"
)


class PickleDepthError(Exception):
    """A pickle goes on beyond what is walked, or isn't one after all."""


def may_hold_model(file: TreeFile) -> bool:
    """By its name; files without an ending are looked at."""
    return file.size >= 8 and not _SOURCES.search(_ending(file.name))


def artefact(file: TreeFile, limits: ScanLimits) -> ModelArtefact | str | None:
    """The model that a file holds, None if it holds none, or the reason why it can't be known.

    Raises OSError, PickleDepthError.
    """
    head = file.read(HEAD)
    ending = _ending(file.name)
    if head.startswith(_LFS):
        return "its content is in Git LFS and not here"
    for at, magic, form, framework in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return ModelArtefact(file.path, form, file.size, "keras" if ending in _KERAS_FILES else framework)
    if file.size > 10 and head[8:10] in (b'{"', b"{ ") and int.from_bytes(head[:8], "little") < file.size:
        return ModelArtefact(file.path, "safetensors", file.size, None)
    if head.startswith(b"PK\x03\x04") and ending in _ZIPPED:
        return _zipped(file, limits)
    if head.startswith(_TORCH_OLD):
        return ModelArtefact(
            file.path, "PyTorch (before 1.6)", file.size, "pytorch", _modules(file.read(4 * MB), limits)
        )
    if _PICKLE.match(head):
        modules = _modules(file.read(4 * MB), limits)
        return ModelArtefact(file.path, "pickle", file.size, _owner(modules), modules)
    if re.search(r"\.data-\d{5}-of-\d{5}$", file.name):
        return ModelArtefact(file.path, "TensorFlow checkpoint", file.size, "tensorflow")
    for name, magic, form, framework in _BY_NAME:
        if (file.name == name or (name.startswith(".") and ending == name)) and head.startswith(magic):
            return ModelArtefact(file.path, form, file.size, framework)
    return None


def _zipped(file: TreeFile, limits: ScanLimits) -> ModelArtefact | str | None:
    try:
        with zipfile.ZipFile(file.full) as archive:
            names = archive.namelist()
            if "config.json" in names and any(name.startswith("model.weights") for name in names):
                return ModelArtefact(file.path, "Keras 3", file.size, "keras")
            if any(name.endswith("/constants.pkl") for name in names):
                return ModelArtefact(file.path, "TorchScript", file.size, "pytorch")
            data = next((name for name in names if name.endswith("/data.pkl") or name == "data.pkl"), "")
            if data:
                with archive.open(data) as member:
                    modules = _modules(member.read(4 * MB), limits)
                return ModelArtefact(file.path, "PyTorch", file.size, "pytorch", modules)
            if any(name.endswith(("serialized_exported_program.json", "models/model.json")) for name in names):
                return ModelArtefact(file.path, "torch.export", file.size, "pytorch")
            if "MAR-INF/MANIFEST.json" in names:
                return ModelArtefact(file.path, "TorchServe archive", file.size, "pytorch")
    except BROKEN_ZIP as error:
        return f"it can't be opened: {error}"
    return None


def _modules(content: bytes, limits: ScanLimits) -> tuple[str, ...]:
    """The modules that loading would import, by name; of an old file's first part that names any."""
    found: set[str] = set()
    stream = io.BytesIO(content)
    seen = 0
    try:
        while stream.tell() < len(content) and seen < limits.pickle_opcodes:
            before = len(found)
            strings: list[str] = []
            for opcode, argument, _ in itertools.islice(pickletools.genops(stream), limits.pickle_opcodes - seen):
                seen += 1
                if opcode.name == "GLOBAL":
                    found.add(str(argument).partition(" ")[0])
                elif opcode.name == "STACK_GLOBAL" and len(strings) >= 2:
                    found.add(strings[-2])
                elif isinstance(argument, str):
                    strings = [*strings[-3:], argument]
            if len(found) > before:
                break
    except (ValueError, IndexError, UnicodeError, OverflowError, MemoryError) as error:
        if not found:
            raise PickleDepthError("the pickle can't be walked to its end") from error
    return tuple(sorted(found))[:50]


def _owner(modules: tuple[str, ...]) -> FoundFramework | None:
    tops = {module.partition(".")[0] for module in modules}
    owners: tuple[tuple[str, FoundFramework], ...] = (
        ("torch", "pytorch"),
        ("keras", "keras"),
        ("tensorflow", "tensorflow"),
        ("jax", "jax"),
        ("jaxlib", "jax"),
    )
    return next((owner for top, owner in owners if top in tops), None)


def _ending(name: str) -> str:
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""
