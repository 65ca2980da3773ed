"""The examples in a module's docstring, so that tests can run them."""

from types import ModuleType


def literals(module: ModuleType) -> list[str]:
    """Return the indented blocks of a docstring, each without its indentation.

    An empty line between two indented lines belongs to the block.
    """
    blocks: list[list[str]] = []
    is_open = False
    for line in (module.__doc__ or "").splitlines():
        if line.startswith("    "):
            if not is_open:
                blocks.append([])
            blocks[-1].append(line[4:])
            is_open = True
        elif line:
            is_open = False
        elif is_open:
            blocks[-1].append("")
    return ["\n".join(block).strip("\n") + "\n" for block in blocks]
