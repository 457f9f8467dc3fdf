"""Exequatur: a knowledge graph whose every answer knows the sentence it comes from."""
