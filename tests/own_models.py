"""Model files that nobody has to load: what looking at them says."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from advisor.ports import OwnModelFile, Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import DESCRIBE, MEASURE, DescribeRequest
from advisor.records import Requester
from probes.compare.schema import ComparedStep, ModelReport, Outline, OutlinedArray, OutlinedLayer
from probes.results import RunResult
from probes.schema import FRAMEWORKS, Framework, RunRequest
from probes.team_files import ModelFile
from tests import fakes, samples
from tests.stores import OpenStore, the

OPERATOR = Requester(browser="o" * 64, operator=True)
LISTED = OwnModelFile("ranker.py", hashlib.sha256(b"ranker").hexdigest())
UNUSABLE = OwnModelFile("torch.py", "", "torch.py can't be the name of a model file: rename it")
LAYERS = (
    OutlinedLayer("dense", "fc1", (64,), 2112),
    OutlinedLayer("relu", "fc1.activation", (64,), 0),
    OutlinedLayer("dense", "fc2", (4,), 260),
)


def report(*sides: Framework, listed: OwnModelFile = LISTED, title: str = "Our ranker") -> ModelReport:
    """Of a file with these halves, both if none is named; both compute the same."""
    halves = sides or FRAMEWORKS
    file = ModelFile(
        listed.name, listed.sha256, title, halves, trains=True,
        parameters=dict.fromkeys(halves, 2372),
        step_seconds={"pytorch": 0.001, "tensorflow": 0.012}, step_bytes={"pytorch": 8 << 20, "tensorflow": 20 << 20},
    )  # fmt: skip
    both = len(halves) == len(FRAMEWORKS)
    return ModelReport(
        file,
        (OutlinedArray("", (32,), "float64"),),
        dict.fromkeys(halves, Outline(LAYERS, 4608)),
        "order" if both else None,
        "same" if both else None,
        outputs=(OutlinedArray("", (4,), "float32"),),
    )


def parting() -> ModelReport:
    """Of one whose halves compute something else."""
    first = ComparedStep("dense", "fc2", "dense_1", ((16, 4), (16, 4)), 0.1, 0.2)
    return replace(
        report(),
        verdict="different",
        reason="both sides differ in outputs",
        first=first,
        suspects=("batchnorm-epsilon",),
    )


def services(*reports: ModelReport | str, store: OpenStore | None = None) -> Services:
    """With a folder in which ``LISTED`` says that, beside a file that can't be used."""
    folder: dict[OwnModelFile, ModelReport | str] = {LISTED: reports[0] if reports else report(), UNUSABLE: ""}
    return fakes.services(store, own_models=fakes.FakeOwnModels(folder))


def looked_at(services: Services) -> None:
    """Its look is asked for and done."""
    services.store.enqueue(DESCRIBE, DescribeRequest(LISTED.name, LISTED.sha256), OPERATOR)
    run_job(services, the(services.store.claim("here")), lambda: False)


def measured(services: Services, decision: str, of: ModelReport, *, doubt: str = "") -> RunResult:
    """What the recording measured, of that model and for that decision."""
    file = of.file
    rows = tuple(
        replace(row, probe=f"{file.id}.{row.measure}", model=file.id, title=f"{row.title}, {file.title}", doubt=doubt)
        for row in samples.run_result().results
    )
    result = replace(samples.run_result(), request=RunRequest(model=file.id, model_file=file), results=rows, rounds=())
    job = services.store.enqueue(MEASURE, result.request, OPERATOR, decision_id=decision)
    the(services.store.claim("here"))
    services.store.finish(job.id, "done", result=result)
    return result
