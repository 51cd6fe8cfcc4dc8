"""What a visitor's browser loads to measure, and how it says what it measured: a page beside Streamlit's own."""
