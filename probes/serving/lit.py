"""What the servers by LitServe share."""

from __future__ import annotations

import json

from probes.serving.contracts import Launch, Place

SETTINGS = "one worker, one HTTP process, no batching; JSON; allocator settled, other packages hidden from the worker"


def launch(place: Place) -> Launch:
    """A Python process that serves HTTP, and one that answers through the way's own ``load``."""
    port = place.port()
    sizes = json.dumps(dict(place.sizes))
    return Launch(
        target=f"127.0.0.1:{port}",
        path="/predict",
        command=place.run(
            "probes.serving.hosts.lit", place.way, str(place.artefact), place.model, sizes,
            str(place.threads), str(port), ",".join(place.dtypes), json.dumps(place.own),
        ),
        model=place.model,
    )  # fmt: skip
