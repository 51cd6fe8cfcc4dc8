"""``streamlit run app.py``. Streamlit finds the app by reading this file: the assignment must stand here literally."""

import gc

gc.disable()  # what is imported now stays; the server's lifespan freezes it and switches collecting on again

import streamlit as st  # noqa: E402

from ui.app import server  # noqa: E402

services = server.checked_services()
app = st.App(
    str(server.SHELL),
    lifespan=server.lifespan,
    routes=server.routes(services),
    middleware=server.middleware(services),
    on_script_error=server.say_what_failed,
)
