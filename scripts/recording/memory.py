"""What a process held in memory while it worked."""

import threading
import time
from bisect import bisect_left, bisect_right

import psutil

MEBIBYTE = 1024 * 1024
SECONDS_BETWEEN = 0.1


class MemoryWatch:
    """Looks at the resident memory of this process ten times a second, until the process ends."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._held: list[float] = []
        self._process = psutil.Process()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self._held.append(self._process.memory_info().rss / MEBIBYTE)
            self._times.append(time.time())
            time.sleep(SECONDS_BETWEEN)

    def between(self, start: float, end: float) -> tuple[float, float] | None:
        """What was held between two moments.

        Args:
            start: seconds since the epoch.
            end: likewise.

        Returns:
            The peak, and what was held at the end less what was held at the start, in MB; None where nothing was seen.
        """
        times = self._times[:]
        first = max(bisect_right(times, start) - 1, 0)
        last = min(bisect_left(times, end), len(times) - 1)
        if last < first or not times:
            return None
        held = self._held[first : last + 1]
        return max(held), held[-1] - held[0]
