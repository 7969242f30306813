"""One HTTP attempt on the wire: lean requests over aiohttp's connector and parser."""
