"""What the advisor needs from outside, as Protocols; ``wiring`` fits them with real parts, tests with fakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from advisor.ports.code import CodeScan as CodeScan
from advisor.ports.code import CodeScanner as CodeScanner
from advisor.ports.code import ProjectLock as ProjectLock
from advisor.ports.code import ScanSource as ScanSource
from advisor.ports.deployment import Deployment as Deployment
from advisor.ports.measuring import FleetMachine as FleetMachine
from advisor.ports.measuring import MachineLostError as MachineLostError
from advisor.ports.measuring import PageForm as PageForm
from advisor.ports.measuring import ProbeRunner as ProbeRunner
from advisor.ports.own_data import OwnData as OwnData
from advisor.ports.own_data import OwnDataFile as OwnDataFile
from advisor.ports.own_models import OwnModelFile as OwnModelFile
from advisor.ports.own_models import OwnModels as OwnModels
from advisor.ports.store import Store as Store


class NotFoundError(LookupError):
    """There is no such decision or job."""


class StoreUnavailableError(Exception):
    """The database can't be used now. The text ends the sentence «Not saved, because …», and names no host or user.

    Any method of ``Store`` may raise it; nothing was written then.
    """

    @property
    def reason(self) -> str:
        """As «the disk is full»."""
        return str(self)


class LostError(LookupError):
    """A job isn't this executor's any more: it was ended, given to another one, or deleted with its decision."""


class VisitError(LookupError):
    """A browser's link or key is of no use. The text says why and what to do."""


class OperatorKeyError(Exception):
    """The operator's key can't be read or kept. The text names the file and says why."""


class OperatorKey(Protocol):
    """Whoever has it may operate this machine (docs/adr/0017)."""

    def read(self) -> str:
        """The key. Raises ``OperatorKeyError``."""
        ...

    def matches(self, key: str) -> bool:
        """Whether this is the key. Nobody has it while it can't be read."""
        ...

    def proof(self) -> str:
        """What a browser keeps instead of the key, good until that is rotated. Raises ``OperatorKeyError``."""
        ...

    def proven(self, proof: str) -> bool:
        """Whether a browser's proof holds. None does while the key can't be read."""
        ...


class Clock(Protocol):
    """The time of day, in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a page or a command needs. Built once by ``wiring.build``."""

    store: Store
    runner: ProbeRunner
    clock: Clock
    deployment: Deployment
    operator_key: OperatorKey
    own_models: OwnModels
    code: CodeScanner
    own_data: OwnData
