"""A team's own model with two inputs and two outputs behind each server that can run here, for real."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.schema import FRAMEWORKS, Outcome
from probes.serving import catalog, run
from probes.serving.schema import ServingRequest
from probes.system import folders
from probes.team_files import ModelFile
from tests.probes.deploy.test_run_own_real import SOURCE
from tests.probes.fake_child import no_lock
from tests.probes.serving.noise import outcome_by_trials


@pytest.mark.framework
@pytest.mark.slow
@pytest.mark.parametrize("name", [spec.id for spec in catalog.servers() if spec.environment])
def test_a_server_answers_as_the_model_with_all_of_its_arrays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = catalog.modules()[name].SPEC
    try:
        made = environments.interpreter(spec.environment)
    except UnsupportedError as error:
        pytest.skip(str(error))
    file = tmp_path / "heads.py"
    file.write_text(SOURCE, encoding="utf-8")
    digest = hashlib.sha256(SOURCE.encode()).hexdigest()
    own = ModelFile(file.name, digest, "Two heads", FRAMEWORKS, trains=False)
    path = os.pathsep.join((str(made.parent), os.environ["PATH"]))
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(environments, "interpreter", lambda _: made)  # its own cache would be empty
    monkeypatch.setattr(environments, "lacking", lambda _: "")
    monkeypatch.setattr(environments, "variables", lambda _: {"PATH": path})
    request = ServingRequest(model=own.id, model_file=own, servers=(name,), seconds=10, limit_ms=500)
    (record,) = run.run(request, lock=no_lock, model_path=file).records
    assert record.outcome is outcome_by_trials(record, request.limit_ms), record.reason
    assert record.outcome is not Outcome.UNSUPPORTED
    assert record.deviation is not None
