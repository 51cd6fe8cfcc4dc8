"""``streamlit run app.py``. Streamlit finds the app by reading this file: the assignment must stand here literally."""

import streamlit as st

from ui import server

settings = server.checked_settings()
app = st.App("ui/shell.py", lifespan=server.lifespan, middleware=server.middleware(settings))
