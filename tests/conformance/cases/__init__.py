"""One module per area; each has a list `CASES`, whose recorded answers are in `recorded/<module>.json`."""
