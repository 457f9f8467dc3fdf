"""A public benchmark's own data and queries: the Berlin SPARQL Benchmark."""
