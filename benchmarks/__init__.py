"""What the platform needs of a machine, as ratios to what the machine can do: `python -m benchmarks`."""
