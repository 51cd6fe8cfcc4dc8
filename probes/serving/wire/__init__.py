"""How questions and answers travel: the protocols' bytes, and the connections that carry them."""
