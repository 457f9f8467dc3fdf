"""The same work by this project and by others that do it, beside each other."""
