"""Standard output and error that nobody may read: what cannot be written there ends no command."""

import errno
import io
import os
import sys
from typing import TextIO


class LenientOutput(io.TextIOWrapper):
    """A stream that takes everything: from the first failure on nothing is written any more.

    Attributes:
        loss: why something could not be written, where the reason is not that the reader has gone.
    """

    loss: OSError | None = None

    def write(self, text: str, /) -> int:
        """Write text; where that fails, drop it."""
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what is buffered; where that fails, drop it."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if error.errno != errno.EPIPE:
            self.loss = error
        # What the buffers still hold goes where it does no harm, now and when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())


def make_lenient(stream: TextIO | None, descriptor: int) -> LenientOutput:
    """A stream like a given one whose failures end no command.

    Args:
        stream: standard output or error as Python opened it; None where it was closed.
        descriptor: its number.
    """
    if stream is None:
        # Else the next file that is opened would become standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    file = io.FileIO(descriptor, "w", closefd=False)
    encoding, errors = (stream.encoding, stream.errors) if stream else ("utf-8", "backslashreplace")
    is_line_buffered = file.isatty() or stream is sys.stderr
    return LenientOutput(io.BufferedWriter(file), encoding=encoding, errors=errors, line_buffering=is_line_buffered)
