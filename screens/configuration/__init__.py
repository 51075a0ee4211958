"""How is each explotación configured, and how is that changed?"""
