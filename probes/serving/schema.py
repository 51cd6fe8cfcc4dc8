"""What crosses a process or a disk about serving under load. Frozen, versioned, JSON both ways.

A record keeps what was seen (latencies, counts, LoadGen's own verdict); every figure that is shown is a pure function
of it (``probes.serving.figures``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probes.schema import Framework, Interpreter, Machine, Outcome
from probes.team_files import ModelFile

Protocol = Literal["rest", "grpc"]
#: LoadGen's scenarios, and a team's own requests at their own times.
TestKind = Literal["SingleStream", "Server", "Offline", "Trace"]


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A server, and what it needs."""

    id: str  # the file's name: "litserve_pytorch"
    title: str  # "LitServe, PyTorch"
    framework: Framework  # whose model it answers with
    protocol: Protocol
    way: str  # the way out of the framework whose artefact it loads: "pytorch_eager"
    settings: str  # how it is set up, for people: "one worker, no batching"
    environment: str = ""  # id of data/runtimes.yaml; "" is the app's own environment
    packages: tuple[str, ...] = ()  # whose versions are kept
    deprecated: str = ""  # why not to begin with it, though it works


@dataclass(frozen=True, slots=True)
class ServerAvailability:
    """A server and whether it can be tried here. ``reason`` says why not and what to do."""

    server: ServerSpec
    outcome: Outcome  # OK or UNSUPPORTED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A team's own requests, as they were looked at. Their times and sizes are in no record, their hash is."""

    name: str  # of the file, without its folder
    sha256: str
    requests: int
    seconds: float  # from the first to the last
    rows: int  # of all requests together
    largest: int  # rows of the largest request
    fewest_seconds: float  # until so many have come that they say something

    @property
    def rate(self) -> float:
        """Requests a second, on the average."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class ServingRequest:
    """What to try. Empty ``servers`` means all."""

    model: str = "mlp"
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # model -> size -> value
    servers: tuple[str, ...] = ()
    limit_ms: float = 100.0  # the team's limit of the 99th percentile
    seconds: float = 45.0  # for the clocks of each server; it starts on top of that
    seed: int = 0
    threads: int = 1  # intra-op threads of the runtime in each worker
    tensorflow_serving: str = ""  # HOST:PORT of the REST API of a server that the user runs; "" is none
    tensorflow_serving_grpc: str = ""  # the same of the gRPC API
    model_file: ModelFile | None = None  # the team's own model, if it is about one
    interpreters: Mapping[Framework, Interpreter] = field(default_factory=dict)  # of sides that don't run in the app's
    trace: Trace | None = None  # the team's own requests, replayed besides
    machine: str = ""  # the one of the team's machines that is to try them, by its name; "": the one that is asked


@dataclass(frozen=True, slots=True)
class Latencies:
    """Every query's latency in whole microseconds, ascending: differences as little-endian uint32, zlib, base64."""

    count: int
    base64: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What LoadGen made of one test, and what the client saw of it."""

    scenario: TestKind
    latencies: Latencies  # from the moment a query was due to its whole answer; of Offline: one a tray
    samples: int  # inputs that were answered
    seconds: float  # from the first query to the last answer
    valid: bool  # LoadGen's own verdict
    why: tuple[str, ...] = ()  # what it says that wasn't met
    loadgen_p99_s: float | None = None  # its own figure, to compare ours with
    late_s: float = 0.0  # 99th percentile of how late the client itself sent
    waited: int = 0  # queries that found every connection of the client busy
    connections: int = 0  # most that were open at once
    errors: int = 0  # queries that were answered with an error or not at all
    error: str = ""  # the first of them
    unsent: int = 0  # queries never sent because the trial was already lost
    deviation: float = 0.0  # largest of the answers that came under load from the source's


@dataclass(frozen=True, slots=True)
class LoadTrial:
    """One rate, tried for a while."""

    rate: float  # queries a second, Poisson arrivals
    planned: int  # queries
    enough: int  # queries that LoadGen's early stopping asks for at the least to be 99 % sure of a 99th percentile
    issued: Issued


@dataclass(frozen=True, slots=True)
class ClientCheck:
    """The same client at the same rate against a server that does nothing: what of a latency is the client's own."""

    rate: float
    issued: Issued


@dataclass(frozen=True, slots=True)
class TraceReplay:
    """A team's own requests at their own times; and as many of the same sizes, drawn from them, at Poisson arrivals of
    the same mean rate."""

    requests: int  # of the trace, from its beginning; the others had no time or were too many
    seconds: float  # in which these arrive
    rate: float  # mean, requests a second
    replayed: Issued
    poisson: Issued
    #: The same client with both against a server that does nothing: what of a latency is its own.
    client: Issued | None = None
    client_poisson: Issued | None = None


@dataclass(frozen=True, slots=True)
class ServingRecord:
    """How one server ended, and what was seen."""

    server: ServerSpec
    model: str
    outcome: Outcome
    reason: str = ""
    start_s: float | None = None  # from starting the process to its first right answer
    deviation: float | None = None  # of its answers from the source network's, before any clock
    single_stream: Issued | None = None
    trials: tuple[LoadTrial, ...] = ()
    offline: Issued | None = None
    client: ClientCheck | None = None
    trace: TraceReplay | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    cores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # "server", "client"; () is all of them
    address: str = ""  # where it was asked
    disturbances: tuple[str, ...] = ()  # who else was at work meanwhile, for people


@dataclass(frozen=True, slots=True)
class ServingRun:
    """A whole run: what was asked, where, and what came out."""

    machine: Machine
    request: ServingRequest
    records: tuple[ServingRecord, ...]
    started_at: str = ""  # ISO 8601, UTC
    seconds: float = 0.0
    schema: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class ServingProgress:
    """What a run is doing now, for people."""

    message: str  # "LitServe, PyTorch: 240 queries/s"
    fraction: float  # 0 to 1
    records: tuple[ServingRecord, ...] = ()
