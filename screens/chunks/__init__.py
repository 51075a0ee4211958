"""The time series: are they healthy, why not, and what is to be done?"""
