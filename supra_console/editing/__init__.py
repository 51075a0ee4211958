"""What does every editor of a document need, whatever the document?

Remarks about it, the difference to what it replaces, a way back, and a copy that outlives the terminal.
"""
