"""How is a document edited without losing anything, whatever the document?"""
