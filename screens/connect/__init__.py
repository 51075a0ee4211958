"""Signing in, and the choice of a tenant."""
