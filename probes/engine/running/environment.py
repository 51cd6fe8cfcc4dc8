"""What a child may know of its surroundings: an allow-list of variables, equal threads, a memory limit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from probes.system import folders
from probes.system import variables as passed

#: Nothing goes out: what libraries document to keep them from reporting home and from fetching (docs/adr/0019).
SILENT = {
    # Every build since 1.29 sends what it runs to Microsoft, from native code, and keeps an identifier of the machine
    # below ~/.cache: onnxruntime/Privacy.md, «Disabling Telemetry».
    "ORT_DISABLE_TELEMETRY": "1",
    # ExecuTorch and LiteRT for PyTorch bring Hugging Face's libraries; nothing here needs their hub:
    # huggingface.co/docs/huggingface_hub/package_reference/environment_variables
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # The general wish, honoured by Hugging Face's libraries and other tools: consoledonottrack.com
    "DO_NOT_TRACK": "1",
}
#: Modules that stand before libraries' own, in every process that finds modules by PYTHONPATH: OpenVINO's telemetry has
#: no variable.
SHADOWS = Path(__file__).resolve().parent / "shadows"

#: A child may use this share of the memory that is free when it starts, and never less than the floor.
MEMORY_SHARE, MEMORY_FLOOR = 0.8, 4 * 2**30


def variables(
    threads: int, device: str, scratch: str, source: Mapping[str, str] | None = None, *, passive: bool = True
) -> dict[str, str]:
    """The child's whole environment. ``scratch`` is the run's own folder: it keeps a user's Keras settings (another
    default dtype, say) out, and what a child that is ended leaves behind (TensorFlow's traced sources) in. ``passive``:
    idle threads give their core away at once, instead of spinning for a while as libraries have it by default.
    """
    source = os.environ if source is None else source
    count = str(threads)
    path = os.pathsep.join(p for p in (str(SHADOWS), str(folders.PACKAGES), source.get("PYTHONPATH", "")) if p)
    chosen = passed.variables(source) | SILENT
    chosen |= {
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": scratch,
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch),
        # What was compiled once is taken up by later runs: anew it cost each run 50 s on two cores.
        "TORCHINDUCTOR_CACHE_DIR": str(folders.compiled()),
        folders.CACHE: str(folders.cache()),  # it has no FULCRUM_DATA_DIR to find it by
        "TORCHINDUCTOR_COMPILE_THREADS": count,
    }
    # PyTorch's OpenMP pool spins by default and falls apart beside a busy neighbour: 202 µs became 19 886 µs; passive
    # waiting cured it. TensorFlow showed nothing of the kind. With cores of one's own, spinning is what users get.
    if passive:
        chosen |= {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
    # One GPU, counted as nvidia-smi counts: PyTorch would take the first, TensorFlow would open all.
    chosen["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
    chosen["CUDA_VISIBLE_DEVICES"] = "-1" if device == "cpu" else visible_gpu(source)
    return chosen


def visible_gpu(source: Mapping[str, str] | None = None) -> str:
    """The run's one GPU: the first entry of ``CUDA_VISIBLE_DEVICES`` (an index or a UUID; "" hides all), else 0."""
    source = os.environ if source is None else source
    return source.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0].strip()


def memory_limit(device: str, *, gpu_here: bool) -> int:
    """Bytes of private memory that a child may have; 0 (none) if it may use a GPU, whose driver maps far more."""
    if device == "cuda" or (device == "auto" and gpu_here):
        return 0
    return max(MEMORY_FLOOR, int(psutil.virtual_memory().available * MEMORY_SHARE))
