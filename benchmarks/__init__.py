"""What is measured, each beside a floor of the same run. `make bench` prints a table; `--json FILE` keeps the figures."""
