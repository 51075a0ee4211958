"""Every statement the console runs, one module per subject."""
