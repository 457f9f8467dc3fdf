"""Pictures of the graph in SVG: made from it alone, the same for the same version."""
