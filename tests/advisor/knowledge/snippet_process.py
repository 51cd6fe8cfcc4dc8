"""Executes snippets of one framework, each form in an empty folder and with names of its own, and says what came of it.

``python -m tests.advisor.knowledge.snippet_process FRAMEWORK ANSWER`` writes a JSON file: the versions, and for every
snippet ``{"broken": …, "working": …}`` with the error or None, its message, the warnings, and whether ``holds`` is
true.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import tempfile
import warnings
from contextlib import chdir
from pathlib import Path
from typing import Any

from advisor.knowledge.snippets import snippets


def outcome(code: str, holds: str, name: str) -> dict[str, Any]:
    """What a form does. Any error of it is an outcome; that is what it is run for."""
    names: dict[str, Any] = {"__name__": name}
    error: BaseException | None = None
    held: Any = None
    with tempfile.TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Classes of a snippet look their own source up (torch.jit does), so it must be a file.
        file = Path(folder) / "snippet.py"
        file.write_text(code, encoding="utf-8")
        try:
            exec(compile(code, str(file), "exec"), names)  # noqa: S102 - our own file
            held = bool(eval(holds, names)) if holds else None  # noqa: S307
        except Exception as raised:
            error = raised
    return {
        "raises": error and qualified(type(error)),
        "message": str(error or ""),
        "warnings": [(qualified(item.category), str(item.message)) for item in caught],
        "holds": held,
    }


def qualified(kind: type) -> str:
    """``ValueError``, ``torch.onnx.OnnxExporterError``."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def main() -> None:
    framework, answer = sys.argv[1:]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    found = snippets()
    results = {
        snippet.id: {
            form: outcome(getattr(snippet, form).code, getattr(snippet, form).holds, f"{snippet.id}_{form}")
            for form in ("broken", "working")
        }
        for snippet in found.entries
        if snippet.framework == framework
    }
    used = {name: importlib.metadata.version(name) for name in found.versions if name in sys.modules}
    loaded = [name for name in ("torch", "tensorflow") if name in sys.modules]
    Path(answer).write_text(json.dumps({"versions": used, "loaded": loaded, "results": results}), encoding="utf-8")


if __name__ == "__main__":
    main()
