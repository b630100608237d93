# MicroPython's own select, except that waiting for nothing but time does not burn the processor.
# asyncio sleeps in ipoll() of an empty set most of its time. Where time is virtual it has to pass
# for streams to become ready.
import time

import _host
import uselect
from uselect import *


class poll:
    def __init__(self):
        self._poll = uselect.poll()
        self._registered = 0

    def register(self, stream, events=POLLIN | POLLOUT):
        self._registered += 1
        self._poll.register(stream, events)

    def unregister(self, stream):
        self._registered -= 1
        self._poll.unregister(stream)

    def modify(self, stream, events):
        self._poll.modify(stream, events)

    def poll(self, timeout=-1):
        return self._poll.poll(self._waited(timeout))

    def ipoll(self, timeout=-1, flags=0):
        return self._poll.ipoll(self._waited(timeout), flags)

    def _waited(self, timeout):
        if self._registered:
            if not _host.kept:
                return timeout
            while timeout and not self._poll.poll(0):
                time.sleep_ms(1)
                timeout -= timeout > 0
            return 0
        if timeout <= 0:
            return timeout
        time.sleep_ms(timeout)
        return 0
