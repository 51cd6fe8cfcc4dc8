"""Your own: a team's own network from one file, beside those of the catalog."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from advisor.ports import OwnModelFile, Services
from advisor.queue.kinds import DATA, DESCRIBE, REHEARSE, ROUNDING, DescribeRequest
from ui.jobs import card, requests
from ui.kit import components, links
from ui.kit.page import View
from ui.session import own_models, rights, state, stored
from ui.session.own_models import OwnNetwork
from ui.views.own import beginning, beside, data, rehearsal, report

VIEW = View(
    title="Your own", icon=":material/deployed_code:", order=22, url_path="own", shows_answers=True, listed=False
)
_ENABLE: Final = "FULCRUM_OWN_MODELS=FOLDER STREAMLIT_SERVER_ADDRESS=127.0.0.1 streamlit run app.py"


def render(services: Services) -> None:
    now = state.current()
    st.title("Your own network")
    components.lead(
        "A Python file with your network in PyTorch, in Keras or in both is measured like the networks here: the same "
        "probes, the same ways out, beside the network that is most like it."
    )
    if services.own_models.why_off():
        _off()
        beginning.show(unfolded=True)
    elif not rights.operates(services):
        st.info(
            "A model file is code that runs with the rights of whoever runs this Fulcrum, so only its operators can "
            "have one measured here. On the command line you can do it on your own machine.",
            icon=":material/lock:",
        )
        rights.explain()
        beginning.show(unfolded=True)
    else:
        files = services.own_models.files()
        network = None
        if files:
            network = _file(services, now, files)
        else:
            st.info(
                "The folder that FULCRUM_OWN_MODELS names holds no file that ends in .py yet. Put one there, and it "
                "shows here when you reload the page.",
                icon=":material/folder_open:",
            )
        data.show(services, now, network)
        beginning.show(unfolded=not files)
        for kind in (DESCRIBE, REHEARSE, DATA, ROUNDING):
            card.watch(services, kind)
    links.onward("probes", "Back to what is measured")


def _off() -> None:
    st.info(
        "Files are measured from a folder that whoever runs this Fulcrum names when it is started, on a machine whose "
        "pages nobody else reaches. It isn't enabled here. The file below and the command line work without it.",
        icon=":material/toggle_off:",
    )
    with components.folded("How it is enabled", key="enable", icon=":material/terminal:") as is_open:
        if is_open:
            st.code(_ENABLE, language="bash", wrap_lines=True)
            st.caption(
                "Then open the operator's link, which is printed at the start. A model file is code: it runs with the "
                "rights of whoever started Fulcrum, and limits of time and memory are no sandbox."
            )


def _file(services: Services, now: state.Current, files: tuple[OwnModelFile, ...]) -> OwnNetwork | None:
    """One file of the folder: looked at, and what there is to say of it. What is known of it, if it was looked at."""
    by_name = {file.name: file for file in files}
    chosen = st.selectbox(
        "Which file?",
        list(by_name),
        key="own-file",
        persist_state="session",
        width=420,
        help="What lies in the folder of FULCRUM_OWN_MODELS.",
    )
    file = by_name.get(chosen) or files[0]
    if file.reason:
        st.error(components.escape(file.reason), title="This file can't be used", icon=":material/block:")
        return None
    subject = own_models.subject(file)
    job = stored.latest(services.store, DESCRIBE, subject)
    if job is not None and job.active:
        card.live(services, DESCRIBE, partial(card.alone, services), subject)
        return None
    network = own_models.of(services, file)
    card.failed(job, "The file could not be looked at to the end")
    if job is not None and job.status == "cancelled" and network is None:
        st.info("The look at this file was cancelled.", icon=":material/cancel:")
    if network is None:
        st.caption(
            "A look at it takes half a minute: it is loaded in a process for each framework, builds its network, takes "
            "one step of 64 samples, and both halves are compared. Nothing is clocked yet."
        )
        _look(services, file, again=job is not None)
        return None
    report.show(services, now, network)
    beside.show(services, now, network)
    with st.container(horizontal=True, vertical_alignment="center"):
        _look(services, file, again=True, calm=True)
        st.caption(f"Looked at with this version of the file: `{file.sha256[:12]}`. A changed file is looked at anew.")
    rehearsal.show(services, file)
    return network


def _look(services: Services, file: OwnModelFile, *, again: bool, calm: bool = False) -> None:
    if st.button(
        "Look at it again" if again else "Look at it",
        type="secondary" if calm else "primary",
        icon=":material/search:",
        key="start-describe",
    ):
        requests.start(services, DESCRIBE, DescribeRequest(file.name, file.sha256))
        st.rerun()
