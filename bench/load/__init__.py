"""Servers under load: this project's beside those that people use today."""
