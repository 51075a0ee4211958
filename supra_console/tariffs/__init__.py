"""What is a right tariff, what does it cost, and where in its life is it?

Pure: no database, no screen. Amounts are Decimals in MXN, volumes in m³.
"""
