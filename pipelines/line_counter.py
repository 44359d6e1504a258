"""Count the lines of a text while it passes by in blocks, and find the odd ones."""

from __future__ import annotations

from typing import Any, NamedTuple

_LF, _CR, _QUOTE = b'\n\r"'


class OddLine(NamedTuple):
    """A line with another number of cells than the header: its bytes, its number."""

    start: int
    end: int
    number: int  # the header is line 0; blank lines are none


class LineCounter:
    """Counts over blocks whose borders may fall anywhere.

    A line ends where a line end stands outside of quotes; it is odd if it has not
    as many cells as it should.
    """

    def __init__(self, delimiter: str, cells: int) -> None:
        self.lines = 0
        self.odd_lines: list[OddLine] = []
        # Whether quotes and line ends stand only where every reader agrees on them.
        self.is_plain = True
        self._offset = 0
        self._tail = b"\n"  # the last two bytes before the block, at the most
        self._quotes = 0
        self._line_start = 0
        self._delimiter = ord(delimiter)
        self._delimiters = 0  # in the line that the block before left open
        self._delimiters_wanted = cells - 1

    def feed(self, block: bytes) -> None:
        """Count one more block."""
        if self._tail.endswith(b'"') and not self._quotes % 2:
            self.is_plain &= self._end_cells([*block[:1]])
        self._count(block)
        self._tail = (self._tail + block)[-2:]
        self._offset += len(block)

    @property
    def has_quotes(self) -> bool:
        """Whether any cell is quoted."""
        return self._quotes > 0

    def finish(self) -> None:
        """End the last line, which may lack a line end."""
        if self._line_start < self._offset and self._quotes % 2 == 0:
            self._end_line(self._offset, self._delimiters)
        # A carriage return at the very end has no line feed to belong to.
        if self._tail.endswith(b"\r") or self._quotes % 2 == 1:
            self.is_plain = False

    def _end_line(self, end: int, delimiters: int) -> None:
        if delimiters != self._delimiters_wanted:
            self.odd_lines.append(OddLine(self._line_start, end, self.lines))
        self.lines += 1
        self._line_start = end

    def _count(self, block: bytes) -> None:
        import numpy as np

        # With the bytes before it, every byte of the block has its neighbours.
        before = len(self._tail)
        text = np.frombuffer(self._tail + block, np.uint8)
        is_outside = self._outside_quotes(text, before) if b'"' in block else None
        if is_outside is None and self._quotes % 2:
            return  # all of it lies inside one quoted cell
        is_cut = text == self._delimiter
        is_cut[:before] = False
        if is_outside is not None:
            is_cut &= is_outside
        self._count_lines(text, _places(text, _LF, before, is_outside), is_cut)
        if b"\r" in block or self._tail[-1:] == b"\r":
            self._find_bare_cr(text)

    def _count_lines(self, text: Any, line_ends: Any, is_cut: Any) -> None:
        """Count the lines that end in the block, and look for the odd ones."""
        import numpy as np

        if not len(line_ends):
            self._delimiters += int(np.count_nonzero(is_cut))
            return
        previous = text[line_ends - 1]
        # A line end after a line end, with or without a carriage return, is blank.
        is_blank = (previous == _LF) | (
            (previous == _CR) & (text[np.maximum(line_ends - 2, 0)] == _LF)
        )
        lines = int(np.count_nonzero(~is_blank))
        cuts = self._delimiters + int(np.count_nonzero(is_cut[: line_ends[-1]]))
        # Where an odd line hides behind another, the fast reader finds the short one.
        if cuts != lines * self._delimiters_wanted:
            self._find_odd_lines(line_ends, is_blank, np.flatnonzero(is_cut))
        self.lines += lines
        self._line_start = self._place_after(int(line_ends[-1]))
        self._delimiters = int(np.count_nonzero(is_cut[line_ends[-1] :]))

    def _find_odd_lines(self, line_ends: Any, is_blank: Any, cuts: Any) -> None:
        import numpy as np

        # How many delimiters stand before each line end, counted from the open line.
        counts = np.searchsorted(cuts, line_ends) + self._delimiters
        is_odd = np.diff(counts, prepend=0) != self._delimiters_wanted
        numbers = self.lines + np.cumsum(~is_blank) - 1
        starts = [self._line_start, *map(self._place_after, line_ends.tolist())]
        self.odd_lines += [
            OddLine(starts[at], starts[at + 1], int(numbers[at]))
            for at in np.flatnonzero(is_odd & ~is_blank).tolist()
        ]

    def _place_after(self, index: int) -> int:
        """Return the place in the file that comes after an index of the block."""
        return self._offset - len(self._tail) + index + 1

    def _outside_quotes(self, text: Any, before: int) -> Any:
        """Tell which bytes lie outside quotes; note quotes in unusual places."""
        import numpy as np

        is_quote = text == _QUOTE
        is_quote[:before] = False
        places = np.flatnonzero(is_quote)
        is_opening = (np.arange(len(places)) + self._quotes) % 2 == 0
        opens, closes = places[is_opening], places[~is_opening]
        # A quote that ends the block is looked at with the block that follows.
        if not (
            np.isin(text[opens - 1], (self._delimiter, _LF, _QUOTE)).all()
            and self._end_cells(text[closes[closes + 1 < len(text)] + 1])
        ):
            self.is_plain = False
        borders = np.concatenate(([0], places, [len(text)]))
        is_outside = (np.arange(len(places) + 1) + self._quotes) % 2 == 0
        self._quotes += len(places)
        return np.repeat(is_outside, np.diff(borders))

    def _end_cells(self, after_quotes: Any) -> bool:
        """Tell whether each of these bytes may follow the end of a quoted cell."""
        import numpy as np

        allowed = (self._delimiter, _LF, _CR, _QUOTE)
        return bool(np.isin(after_quotes, allowed).all())

    def _find_bare_cr(self, text: Any) -> None:
        import numpy as np

        places = np.flatnonzero(text[:-1] == _CR)
        if (text[places + 1] != _LF).any():
            self.is_plain = False


def _places(text: Any, byte: int, start: int, is_outside: Any) -> Any:
    """Return where *byte* stands at or after *start*, outside of quotes."""
    import numpy as np

    is_there = text == byte
    is_there[:start] = False
    if is_outside is not None:
        is_there &= is_outside
    return np.flatnonzero(is_there)
