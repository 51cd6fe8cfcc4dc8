"""What a framework puts on the disk, with everything that it brings along."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from probes.contracts import Bench, MeasureSpec, Single
from probes.schema import Framework

PACKAGES: dict[Framework, tuple[str, ...]] = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras")}

SPEC = MeasureSpec(
    id="footprint",
    title="Installed size",
    question="How many bytes does the framework put on the disk, with all that it needs?",
    metric="bytes on the disk, dependencies included",
    unit="B",
    better="lower",
    kind="paired",
    tracks={"default": "standard"},
    group="Start and compile",
    models=("mlp",),
    seconds={"default": 0.5},
)


def measure(bench: Bench) -> Single:
    """Files of the packages and of what they require, as the installer recorded them."""
    names = _closure(PACKAGES[bench.framework])
    sizes = {name: _sizes(found) for name, found in names.items()}
    own = sum(sum(sizes[name]) for name in PACKAGES[bench.framework] if name in sizes)
    details = {
        "own_B": float(own),
        "packages": float(len(names)),
        "files": float(sum(map(len, sizes.values()))),
        "import_s": bench.import_seconds,
    }
    return Single(float(sum(map(sum, sizes.values()))), details)


def _closure(names: tuple[str, ...]) -> dict[str, Distribution]:
    """Every installed package that ``names`` lead to, extras left out, by normalised name."""
    found: dict[str, Distribution] = {}
    ahead = list(names)
    while ahead:
        name = re.sub(r"[-_.]+", "-", ahead.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # a requirement of another system or Python version
        wanted = [text for text in found[name].requires or () if "extra ==" not in text]
        ahead += [re.split(r"[^A-Za-z0-9._-]", text.strip(), maxsplit=1)[0] for text in wanted]
    return found


def _sizes(of: Distribution) -> list[int]:
    paths = [Path(str(of.locate_file(file))) for file in of.files or ()]
    return [path.stat().st_size for path in paths if path.is_file()]
