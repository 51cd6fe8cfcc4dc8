"""Plans, runs and summarises probes."""
