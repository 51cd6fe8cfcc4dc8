"""One side of a timed probe under other people's timers: lines to paste into a shell, and what they call.

``step = case("mlp.inference_b1", "pytorch", threads=1, seed=0, sizes={})`` builds just what a measured child clocks, in
this process and with the child's surroundings, warm.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any

from probes.engine.running import interpreters
from probes.engine.running.interpreters import SidePython
from probes.schema import Device, Framework, ProbeId, RunRequest
from probes.system import folders
from probes.team_files import ModelFile

WARM_SECONDS = 1.0  # at most
_made: dict[tuple[Any, ...], Callable[[], Any]] = {}


def case(
    probe: str,
    framework: Framework,
    *,
    device: Device = "cpu",
    threads: int = 1,
    seed: int = 0,
    sizes: Mapping[str, int] = {},
    model_file: str = "",
) -> Callable[[], Any]:
    """The step that the engine clocks, after a warm-up; the same one again where a timer sets up several times.

    One framework and one case a process.

    ``sizes`` are those of the network, or none for its defaults; ``model_file`` is where a team's own model lies.
    Raises ValueError for a probe that isn't timed or a file that isn't what was measured, and whatever the framework
    raises where the case can't run.
    """
    asked = (probe, framework, device, threads, seed, tuple(sorted(sizes.items())), model_file)
    if asked in _made:
        return _made[asked]
    from probes.catalog import find
    from probes.engine.child.worker_bench import Worker
    from probes.engine.running import core_use, environment

    class Case(Worker):
        def step(self) -> Callable[[], Any]:
            return self._ready().step

    file = _adopted(Path(model_file), probe, framework) if model_file else None
    chosen = find(probe)
    if chosen.measure_spec.kind != "timed":
        raise ValueError(f"probe: {probe!r} is not timed step by step; its value is read once a process")
    cores = core_use.settled()
    surroundings = environment.variables(threads, device, _until_the_end(), passive=cores.passive(threads))
    for name, value in surroundings.items():
        os.environ[name] = value
    if (places := cores.placement(threads).cores) and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, places)
    side = Case.guarded(framework)
    side.load(threads)
    side.use(device, seed)
    if file is not None:
        # With weights of its own: what a step takes doesn't hang on them.
        side.own(str(Path(model_file).absolute()), asdict(file))
    side.prepare(probe, seed, chosen.model.SPEC.sized({chosen.spec.model: sizes}))
    side.warm(WARM_SECONDS)
    return _made.setdefault(asked, side.step())


def _adopted(path: Path, probe: str, framework: Framework) -> ModelFile:
    """The file under the hash that was measured; nothing of it is run. What it says of itself isn't needed here."""
    from probes import catalog
    from probes.model_file import loading, published

    sha256 = hashlib.sha256(loading.read(path)).hexdigest()
    file = ModelFile(path.name, sha256, path.stem, (framework,), trains=True, generates=published.is_published(path))
    if (measured := ProbeId.parse(probe).model) != file.id:
        raise ValueError(f"{path.name} is not the version that was measured as {measured}: it is {file.id} now")
    catalog.adopt(file)
    return file


def _until_the_end() -> str:
    """A folder that goes with this process. An interpreter of a side's own has no library that locks it."""
    folder = TemporaryDirectory(prefix="fulcrum-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return folder.name


def lines(
    probe: str,
    framework: Framework,
    request: RunRequest,
    *,
    device: Device = "cpu",
    model_path: str = "",
    python: SidePython | None = None,
) -> dict[str, str]:
    """By timer, the line that clocks this case; PyTorch's own timer knows PyTorch only.

    ``model_path``: where a team's own model lies. No record says that: left out, the line has the name of the file.
    ``python``: what the side ran in, if that wasn't the app's own interpreter.
    """
    file = model_path or (request.model_file.name if request.model_file else "")
    own = f", model_file={json.dumps(file, ensure_ascii=False)}" if file else ""
    sizes = json.dumps(dict(request.sizes.get(ProbeId.parse(probe).model, {})))
    begin, runs = "", "python"
    if python is not None:
        # Nothing of the app's own environment is there to find the cache by.
        cache = f"import os; os.environ.setdefault({folders.CACHE!r}, {str(folders.cache())!r})"
        begin, runs = f"{interpreters.begin()}; {cache}; ", quote(str(python.path))
    made = (
        f'{begin}from probes.check.reproduce import case; step = case("{probe}", "{framework}", device="{device}", '
        f"threads={request.threads}, seed={request.seed}, sizes={sizes}{own})"
    )
    commands = {
        "timeit": f"{runs} -m timeit -s {quote(made)} 'step()'",
        "pyperf": f"{runs} -m pyperf timeit --processes 3 --inherit-environ PATH -s {quote(made)} 'step()'",
    }
    if framework == "pytorch":
        timer = f'Timer("step()", globals={{"step": step}}, num_threads={request.threads})'
        program = f"{made}; from torch.utils.benchmark import Timer; print({timer}.blocked_autorange(min_run_time=1))"
        commands["torch.utils.benchmark"] = f"{runs} -c {quote(program)}"
    return commands
