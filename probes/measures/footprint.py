"""What a framework puts on the disk, with everything that it brings along."""

from __future__ import annotations

from probes.catalog import PACKAGES
from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.system import installed

SPEC = MeasureSpec(
    id="footprint",
    title="Installed size",
    question="How many bytes does the framework put on the disk, with all that it needs?",
    metric="bytes on the disk, dependencies included",
    unit="B",
    better="lower",
    kind="paired",
    tracks={"default": "standard"},
    group="Memory and disk",
    models=("mlp",),
    seconds={"default": 0.5},
)


def measure(bench: Bench) -> SingleValue:
    """Files of the packages and of what they require, as the installer recorded them."""
    names = installed.closure(PACKAGES[bench.framework])
    sizes = {name: installed.sizes(package) for name, package in names.items()}
    own = (installed.parsed(package)[0] for package in PACKAGES[bench.framework])
    itself = sum(sum(sizes[name]) for name in own if name in sizes)
    details = {
        "own_B": float(itself),
        "packages": float(len(names)),
        "files": float(sum(map(len, sizes.values()))),
        "import_s": bench.import_seconds,
    }
    return SingleValue(float(sum(map(sum, sizes.values()))), details)
