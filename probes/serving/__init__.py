"""Serving under load: a real server process on loopback, a real client, and the largest rate that keeps the limit."""
