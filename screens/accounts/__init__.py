"""Finding an account, and looking at it."""
