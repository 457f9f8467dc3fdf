"""Shapes: what the data must look like, compiled once, judged by pyshacl."""

from kg.shapes.engine import Shapes, compile_shapes

__all__ = ["Shapes", "compile_shapes"]
