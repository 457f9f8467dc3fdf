"""The graph over HTTP: queries, validation, and pages for people and programs."""
