# SPDX-License-Identifier: Apache-2.0
"""Waiting for events, always with a deadline."""
import time


class DeadlinePassed(AssertionError):
    """What was waited for did not happen in time."""


def wait_for(condition, seconds, what):
    """The first true value of condition(), asked every 10 ms for at most `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise DeadlinePassed(f"after {seconds} s still no {what}")
        time.sleep(0.01)
