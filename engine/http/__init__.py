"""This package sends requests and reads responses, over connections that aiohttp opens."""
