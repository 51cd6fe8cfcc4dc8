"""Which sessions may send a large file: those whose page asks for one at this moment."""

from __future__ import annotations

import threading
import time
from typing import Final

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

#: So long after its page was drawn last a session may send one: people look for the file meanwhile.
PATIENCE: Final = 3600.0  # seconds


class ExpectedUploads:
    """Sessions by when their page asked last. Shared by all sessions and the server's event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()

    def expect(self, session: str) -> None:
        """This session may send a large file from now on."""
        now = time.monotonic()
        with self._lock:
            self._asked = {one: at for one, at in self._asked.items() if now - at < PATIENCE}
            self._asked[session] = now

    def expects(self, session: str) -> bool:
        """Whether it may."""
        with self._lock:
            return time.monotonic() - self._asked.get(session, float("-inf")) < PATIENCE


expected: Final = ExpectedUploads()


def expect() -> None:
    """For a page beside its field for large files: whoever sees the page may send one."""
    if context := get_script_run_ctx():
        expected.expect(context.session_id)


def release(file: UploadedFile) -> None:
    """What the page has taken need not stay in memory until its session is over."""
    context = get_script_run_ctx()
    manager = kept()
    if context is not None and manager is not None:
        manager.remove_file(context.session_id, file.file_id)


def kept() -> MemoryUploadedFileManager | None:
    """Where Streamlit keeps uploads; None outside of a server."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return manager if isinstance(manager, MemoryUploadedFileManager) else None
