"""Stores that other programs keep, in the place of the embedded one."""

from kg.remote.place import Place
from kg.remote.store import RemoteStore

__all__ = ["Place", "RemoteStore"]
