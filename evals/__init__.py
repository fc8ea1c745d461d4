"""The evaluation suite and the benchmarks."""
