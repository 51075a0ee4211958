"""The tariffs: which are there, whom a new one hits, and how does it come into force?"""
