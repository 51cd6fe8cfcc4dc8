"""The operator's key: whoever has it may operate this machine (docs/adr/0017)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from pathlib import Path
from typing import Final

from advisor.ports import OperatorKeyError
from probes.system import file_modes, whole_files

log = logging.getLogger("fulcrum.server")

FILE: Final = "operator.key"
_BYTES: Final = 24


class OperatorKeyFile:
    """A key in a file that only its owner can read, made at first use.

    It is read anew at each question, so that another process may rotate it while a server runs.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def read(self) -> str:
        """The key, 192 random bits as URL-safe text. Raises ``OperatorKeyError``."""
        try:
            key = self.file.read_text(encoding="ascii").strip()
            if len(key) < _BYTES:
                raise OperatorKeyError(f"{self.file} holds no key: delete it, and a new one is made")
            file_modes.tighten(self.file)
            return key
        except FileNotFoundError:
            return self.rotate()
        except (OSError, UnicodeDecodeError) as error:
            raise OperatorKeyError(f"{self.file} can't be read: {error}") from error

    def rotate(self) -> str:
        """A new key; browsers that had the right by the old one have it no longer. Raises ``OperatorKeyError``."""
        key = secrets.token_urlsafe(_BYTES)
        try:
            self.file.parent.mkdir(mode=file_modes.FOLDER, parents=True, exist_ok=True)
            whole_files.write(self.file, f"{key}\n", opener=file_modes.opener)
        except OSError as error:
            raise OperatorKeyError(f"{self.file} can't be written: {error}") from error
        return key

    def matches(self, key: str) -> bool:
        try:
            return hmac.compare_digest(self.read().encode(), key.encode())
        except OperatorKeyError as error:
            log.warning("nobody can be given the right to operate: %s", error)
            return False

    def proof(self) -> str:
        """What a browser keeps instead of the key, good until that is rotated. Raises ``OperatorKeyError``."""
        return hmac.new(self.read().encode(), b"operator", hashlib.sha256).hexdigest()

    def proven(self, proof: str) -> bool:
        try:
            return bool(proof) and hmac.compare_digest(self.proof().encode(), proof.encode())
        except OperatorKeyError as error:
            log.warning("nobody operates: %s", error)
            return False
