"""The thread on which every fake lives, so that tests stay plain functions."""

import asyncio
import threading
from functools import cache


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    # Clients that break off, and handshakes that fail, are what the tests are about; asyncio would print each.
    loop.set_exception_handler(lambda *_: None)
    threading.Thread(target=loop.run_forever, daemon=True, name="upstreams").start()
    return loop


def on_loop(work, within: float = 10):
    """Runs a coroutine on the fakes' thread and returns what it returns."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(within)
