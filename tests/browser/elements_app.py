"""Not a test: an app with the real middleware whose one page draws every kind of element that the pages use."""

import streamlit as st

from ui.app import server

app = st.App("elements.py", middleware=server.middleware(server.checked_services()))
