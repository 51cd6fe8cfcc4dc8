"""Programs that are run inside a server's own process, and never imported by the supervisor."""
