"""A team's own data: one file or folder, looked at before a run and read by measured children."""
