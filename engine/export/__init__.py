"""Export the numbers of a running load test to Prometheus or to an OpenTelemetry collector.

Metrics are made from a snapshot when somebody asks for them, so requests get no slower.
"""
