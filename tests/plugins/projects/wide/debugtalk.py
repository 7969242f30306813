"""Hold functions that run on every supported interpreter."""

import asyncio
import sys
import time


def version():
    return tuple(sys.version_info[:2])


def echo(value):
    return value


def nap(seconds):
    time.sleep(seconds)
    return seconds


async def later(value):
    await asyncio.sleep(0)
    return value
