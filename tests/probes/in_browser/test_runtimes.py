"""What is fetched for browsers: pinned, named by its packages, with routes that exist behind every export."""

from __future__ import annotations

import pytest

from probes.deploy import catalog
from probes.in_browser.runtimes import BACKENDS, BrowserRuntimes, find, runtimes
from probes.system.data_files import DATA, DataError, parsed


def test_every_export_is_a_way_of_its_framework() -> None:
    for runtime in runtimes():
        for framework, route in runtime.exports.items():
            assert catalog.find(route).framework == framework


def test_every_backend_has_its_files() -> None:
    for runtime in runtimes():
        for backend in runtime.backends:
            assert backend.id in BACKENDS
            assert backend.scripts or backend.files, f"{runtime.id}.{backend.id}"


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(ValueError, match=r"runtime: 'onnx' doesn't exist; allowed: onnxruntime-web, litertjs, tfjs"):
        find("onnx")
    with pytest.raises(ValueError, match=r"backend: 'webgl' doesn't exist for LiteRT.js; allowed: wasm, wasm-threads"):
        find("litertjs").backend("webgl")


def test_a_file_of_another_package_is_refused() -> None:
    content = parsed(DATA, BrowserRuntimes.file)
    assert isinstance(content, dict)
    content["runtimes"][0]["backends"][0]["files"] = ["left-pad/index.js"]
    with pytest.raises(DataError, match=r"'left-pad/index.js'; allowed: files of onnxruntime-web/"):
        BrowserRuntimes.understood(content)
