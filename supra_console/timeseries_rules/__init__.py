"""The rules by which the time series are judged, one module for each matter."""
