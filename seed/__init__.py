"""The city's reference data as readable files, their loader and exporter, and the demonstration set."""
