"""Start, routes, headers, and what is built once a server."""
