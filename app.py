"""``streamlit run app.py``. Streamlit finds the app by reading this file: the assignment must stand here literally."""

import streamlit as st

from ui.app import server

services = server.checked_services()
app = st.App(
    str(server.SHELL),
    lifespan=server.lifespan,
    middleware=server.middleware(services),
    on_script_error=server.say_what_failed,
)
