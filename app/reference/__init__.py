"""The city's reference data: departments, forms, wordings and vocabularies that the office and administrators keep."""
