"""Standard output and error that nobody may read: what cannot be written there ends no command."""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class LenientFile(io.FileIO):
    """A file that takes everything, and notes where it lost something.

    Attributes:
        loss: why something could not be written, where the reason is not that the reader has gone.
    """

    loss: OSError | None = None

    def write(self, content: "ReadableBuffer", /) -> int:
        """Write content; where that fails, drop it."""
        try:
            return super().write(content)
        except OSError as error:
            if error.errno != errno.EPIPE:
                self.loss = error
            return memoryview(content).nbytes


def make_lenient(stream: TextIO | None, descriptor: int) -> tuple[TextIO, LenientFile]:
    """A stream like a given one whose failures end no command.

    Args:
        stream: standard output or error as Python opened it; None where it was closed.
        descriptor: its number.

    Returns:
        The new stream, and the file below it.
    """
    if stream is None:
        # Else the next file that is opened would become standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    file = LenientFile(descriptor, "w", closefd=False)
    encoding, errors = (stream.encoding, stream.errors) if stream else ("utf-8", "backslashreplace")
    is_line_buffered = file.isatty() or stream is sys.stderr
    return io.TextIOWrapper(
        io.BufferedWriter(file), encoding=encoding, errors=errors, line_buffering=is_line_buffered
    ), file
