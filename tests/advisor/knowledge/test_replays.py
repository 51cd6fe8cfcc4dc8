"""What a file of finished decisions may say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.knowledge.replays import Replays, replays
from probes.system.data_files import DATA, DataError, parsed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"took": "theano"}, r"replays\.cellfinder\.took: no option 'theano'; allowed: pytorch, "),
        ({"day": "2024-5-1"}, r"replays\.cellfinder\.day: .*'2024-5-1'"),
        ({"source": "somewhere"}, r"replays\.cellfinder\.source: .*'somewhere'"),
        ({"answers": {"schema": 2, "stage": "later"}}, r"replays\.cellfinder\.answers\.stage: .*'later'"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(
    change: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: Any = copy.deepcopy(parsed(DATA, "replays.yaml"))
    written["replays"][0].update(change)
    (tmp_path / "replays.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    read: Callable[[Path], Replays] = Replays.read
    monkeypatch.setattr(Replays, "read", lambda: read(tmp_path))
    replays.cache_clear()
    with pytest.raises(DataError, match=rf"^replays\.yaml: {message}"):
        replays()
