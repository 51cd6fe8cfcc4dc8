"""Three ways to hand code over: an archive, a folder of this machine where that is allowed, a list of packages."""

from __future__ import annotations

from typing import IO, Any, Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from advisor.ports import ScanSource, Services
from advisor.queue.kinds import SCAN, ScanRequest
from advisor.queue.quotas import QuotaError
from advisor.scan.limits import MB, ScanLimits
from ui.jobs import requests
from ui.kit import components, uploads
from ui.session import rights, saving, state

_WAYS: Final[dict[ScanSource, str]] = {
    "archive": "An archive",
    "folder": "A folder of this machine",
    "packages": "A list of packages alone",
}
_KINDS: Final = ["zip", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz"]
_LARGEST_MB: Final = ScanLimits().archive_bytes // MB
_LONGEST_LIST: Final = 200_000  # characters; a thousand packages take a tenth of it
_LONGEST_PATH: Final = 4096
_ROUND: Final = "code-round"  # grows with each upload that was taken, so that the next one finds an empty field
_NOTHING: Final = "Nothing was handed over yet. Fill in the field first."
_WAITS: Final = "A scan of this decision waits already. Cancel it, or wait until it is over."
_TITLES: Final = 120  # characters of a name
_PATH: Final = "code-folder"
_LIST: Final = "code-packages"
_BUTTON: Final[dict[str, Any]] = {"type": "primary", "icon": ":material/search:", "key": "start-scan"}


def show(services: Services, now: state.Current, *, unfolded: bool) -> None:
    """All of it for who may edit; folded where there is a scan already."""
    if not now.editable:
        if unfolded:
            st.info("No code was handed over yet. Who has the link to edit can do it here.", icon=":material/lock:")
        return
    if unfolded:
        _ways(services)
        return
    with components.folded("Hand over another version", key="code-again", icon=":material/upload:") as is_open:
        if is_open:
            _ways(services)


def _ways(services: Services) -> None:
    allowed = {way: title for way, title in _WAYS.items() if way != "folder" or _opens_folders(services)}
    way = components.pick("What do you hand over?", allowed, key="code-way")
    if way == "archive":
        _archive(services)
    elif way == "folder":
        _folder(services)
    else:
        _packages(services)


def _opens_folders(services: Services) -> bool:
    """Whoever names a folder sees lines of what lies in it."""
    return services.code.opens_folders and rights.operates(services)


def _archive(services: Services) -> None:
    uploads.expect()
    file = st.file_uploader(
        "Your project as zip or tar",
        type=_KINDS,
        key=f"code-archive-{st.session_state.get(_ROUND, 0)}",
        max_upload_size=_LARGEST_MB,
        help="With `git archive -o project.zip HEAD` it holds what git knows and nothing else.",
    )
    st.caption(
        f"Up to {_LARGEST_MB} MB. `git archive -o project.zip HEAD` makes one of what git knows. On your own machine, "
        "with nothing uploaded: `python -m advisor scan PATH`."
    )
    st.button("Read it", **_BUTTON, disabled=file is None, on_click=_start, args=(services, "archive", file))


def _folder(services: Services) -> None:
    st.text_input(
        "Full path of the folder",
        key=_PATH,
        placeholder="/home/me/project",
        max_chars=_LONGEST_PATH,
        help="Read as whoever started Fulcrum may read it. Nothing is written there.",
    )
    st.button("Read it", **_BUTTON, on_click=_start, args=(services, "folder", None))


def _packages(services: Services) -> None:
    st.text_area(
        "What `pip freeze` prints, or a file of requirements",
        key=_LIST,
        height=180,
        placeholder="tensorflow==2.15.0\nnumpy==1.26.4",
        max_chars=_LONGEST_LIST,
    )
    st.caption("It says until when you can stay with these versions. What is in the code, only the code says.")
    st.button("Read it", **_BUTTON, on_click=_start, args=(services, "packages", None))


def _start(services: Services, source: ScanSource, file: UploadedFile | None) -> None:
    """Keeps what was handed over and asks for its scan; the first one makes the decision. The right may have gone since
    the button was drawn."""
    if source == "folder" and not _opens_folders(services):
        return
    if not state.memory().decision_id:
        saving.change(services, lambda answers: answers)
    if state.may_edit_now():
        requests.ask(lambda: _enqueue(services, source, file), "Not read" if source == "packages" else "Not queued")


def _enqueue(services: Services, source: ScanSource, file: UploadedFile | None) -> None:
    if source == "packages":
        _read(services, str(st.session_state.get(_LIST, "")).strip())
        return
    content: IO[bytes] | None = file
    title = str(st.session_state.get(_PATH, "")).strip()
    if file is not None:
        title = file.name
    if not title:
        raise QuotaError(_NOTHING)
    place = services.code.keep(content) if content is not None else title
    asked = ScanRequest(source, place, title[-_TITLES:])
    taken = False
    try:
        by = rights.requester(services)
        taken = services.store.enqueue(SCAN, asked, by, decision_id=state.memory().decision_id).request == asked
        if not taken:
            raise QuotaError(_WAITS)
    finally:
        if content is not None and not taken:
            services.code.discard(place)
    if file is not None:
        uploads.release(file)
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _read(services: Services, text: str) -> None:
    """A list of packages is read at once: it would wait for nothing behind what has the machine."""
    if not text:
        raise QuotaError(_NOTHING)
    try:
        found = services.code.listed(text[:_LONGEST_LIST], "List of packages")
    except ValueError as error:
        raise QuotaError(str(error)) from error
    asked = ScanRequest("packages", "", found.title)
    by, decision = rights.requester(services), state.memory().decision_id
    if services.store.keep_result(SCAN, asked, found, by, decision_id=decision).request != asked:
        raise QuotaError(_WAITS)
