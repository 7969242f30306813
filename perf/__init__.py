"""Measurements that need a machine and minutes; see README.md."""
