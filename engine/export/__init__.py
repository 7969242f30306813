"""The numbers of a running load test for Prometheus, scraped or pushed.

Everything here is made of snapshots when it is asked for: no request costs anything more.
"""
