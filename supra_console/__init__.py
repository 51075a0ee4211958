"""What SUPRA is, without a screen and without a query."""

__version__ = "0.1.0"
