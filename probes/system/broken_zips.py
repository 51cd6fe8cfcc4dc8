"""What reading a zip may raise that is damaged, encrypted, or was made to harm its reader."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import Final

#: RuntimeError: it is encrypted, or (NotImplementedError) packed in a way or for a version that isn't known here.
BROKEN_ZIP: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)
