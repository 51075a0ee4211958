"""What does an exit status say? 70, a crash, is `crash`'s, and 2 that of any `SupraError`."""

FINE, FINDING = 0, 1
