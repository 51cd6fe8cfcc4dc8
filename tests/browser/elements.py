"""Not a test: the page of ``elements_app``. What one of the pages draws has its place here, too."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

frame = pd.DataFrame({"a": [1, 2, 3]})
st.title("Elements")
st.html("<p style='color: #345'>html</p>")
st.code("import this", language="python")
st.graphviz_chart("digraph { a -> b }")
st.plotly_chart(go.Figure(go.Scatter(y=[1, 2, 3])))
st.dataframe(frame)
st.table(frame.style.format("{:.1f}"), hide_index=True)
st.file_uploader("file")
st.download_button("save", "text")
st.latex("x^2")
st.image("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>")
st.progress(0.5)
st.number_input("number", value=1)
st.slider("slider", 0, 9)
painted = st.components.v2.component(
    "painted", html="<b></b>", js="export default ({parentElement}) => { parentElement.textContent = 'ran' }"
)
with st.container(key="component"):
    painted(key="one")
