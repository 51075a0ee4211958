"""How is a tariff written, proved and saved?"""
