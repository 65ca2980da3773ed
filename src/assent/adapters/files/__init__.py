"""Read and write files, with errors of ours; what must last, durably.

path <-> text, bytes
"""

from assent.adapters.files.durable import (
    UNFINISHED,
    make_folder,
    settle,
    write_all_durably,
    write_durably,
)
from assent.adapters.files.reading import (
    FILE_BYTES_MAX,
    read_bytes,
    read_text,
    reader_beside,
    write_text,
)

__all__ = [
    "FILE_BYTES_MAX",
    "UNFINISHED",
    "make_folder",
    "read_bytes",
    "read_text",
    "reader_beside",
    "settle",
    "write_all_durably",
    "write_durably",
    "write_text",
]
