"""IP addresses in the modules' form, and in the usual form.

A module writes IPv6 as 16 dotted decimals, both families with a blank between, and a mask after
its address (A5 2.2.1, at-commands 2.2). +CGPIAF selects other forms, one with "/" and the length
of the prefix.
"""


def pair(text):
    """(IPv4, IPv6) of a module's "v4", "v6" or "v4 v6"; None for an address that is missing or all
    zero."""
    four = six = None
    for word in str(text or "").split(" "):
        word = plain(word.partition("/")[0])
        if ":" in word:
            if word.strip(":0"):
                six = six or word
        elif word.strip(".0"):
            four = four or word
    return four, six


def plain(text: str) -> str:
    """The address in the usual form."""
    numbers = _numbers(text)
    return _grouped(numbers) if len(numbers) == 16 else text


def with_mask(text):
    """(address, mask) of a module's "address.mask"; the mask of an IPv6 address is the length of
    its prefix; None if there is none."""
    text, _, length = str(text or "").partition("/")
    numbers = _numbers(text)
    if length:
        return plain(text), _mask(length, len(numbers) == 4)
    if len(numbers) == 8:
        return _dotted(numbers[:4]), _dotted(numbers[4:])
    if len(numbers) == 32:
        return _grouped(numbers[:16]), sum([_ones(number) for number in numbers[16:]])
    return plain(text), None


def _mask(length: str, four: bool):
    """The mask of a prefix length, as in `with_mask`."""
    most = 32 if four else 128
    if not length.isdigit() or not 0 <= int(length) <= most:
        return None
    n = int(length)
    if not four:
        return n
    bits = (1 << n) - 1 << 32 - n
    return _dotted([bits >> shift & 255 for shift in (24, 16, 8, 0)])


def _numbers(text: str) -> list:
    """The numbers of dotted decimals; [] for any other text."""
    try:
        found = [int(part) for part in text.split(".")]
    except ValueError:
        return []
    return [] if min(found) < 0 or max(found) > 255 else found


def _ones(number: int) -> int:
    count = 0
    while number:
        count += number & 1
        number >>= 1
    return count


def _dotted(numbers) -> str:
    return "%d.%d.%d.%d" % tuple(numbers)


def _grouped(numbers) -> str:
    """Hexadecimal groups, the longest run of zeros left out (RFC 5952)."""
    groups = [numbers[i] << 8 | numbers[i + 1] for i in range(0, 16, 2)]
    first = length = 0
    for start in range(8):
        n = 0
        while start + n < 8 and groups[start + n] == 0:
            n += 1
        if n > length:
            first, length = start, n
    texts = ["%x" % group for group in groups]
    if length < 2:
        return ":".join(texts)
    return ":".join(texts[:first]) + "::" + ":".join(texts[first + length :])


def packed(text: str) -> bytes:
    """4 or 16 bytes of an address in the usual form; `OSError`."""
    try:
        if ":" not in text:
            return bytes([int(part) for part in text.split(".")])
        head, gap, tail = text.partition("::")
        first = [int(group, 16) for group in head.split(":") if group]
        last = [int(group, 16) for group in tail.split(":") if group]
        zeros = 8 - len(first) - len(last)
        if zeros < (1 if gap else 0) or (not gap and zeros):
            raise ValueError
        groups = first + [0] * zeros + last
        return b"".join([bytes((group >> 8, group & 255)) for group in groups])
    except ValueError:
        raise OSError(22, "illegal IP address")


def unpacked(data) -> str:
    """The address of 4 or 16 bytes."""
    return _dotted(tuple(data)) if len(data) == 4 else _grouped(list(data))
