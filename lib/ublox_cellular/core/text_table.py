"""Tables of texts: lines of a number, a blank and what it means. They stay bytes, and only the one
that is printed becomes a string."""


def looked_up(table: bytes, number: int) -> str:
    """The text of `number` in a table that begins with an empty line; "" if there is none."""
    at = table.find(b"\n%d " % number)
    if at < 0:
        return ""
    at = table.find(b" ", at) + 1
    return str(table[at : table.find(b"\n", at)], "utf-8")
