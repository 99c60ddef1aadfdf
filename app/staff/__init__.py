"""The yearly list of staff: users and their roles from Excel. Above `exchange`, as `access` is below it."""
