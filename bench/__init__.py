"""What SUPRA costs: whole programs in real terminals and whole statements on a full-size database."""
