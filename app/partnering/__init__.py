"""Choosing a partner (domain.md 7, 実践編1(1)-(3)): stands above calls and registry, which a choice may lead to."""
