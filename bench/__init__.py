"""A generated world of diplomacy, and how fast this project is over it."""
