"""Answers and evidence in, an explained recommendation out. The library behind the pages."""
