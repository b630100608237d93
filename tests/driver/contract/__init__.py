"""The socket contract: method x situation -> result or errno, recorded from CPython's own sockets.

    situations.py   puts a socket into a situation; knows no library
    calls.py        the methods with representative arguments
    outcomes.py     how a result or an exception is written down
    far.py          the other side: real sockets on loopback
    cpython.py      CPython's `socket` module as the place where sockets come from
    simulated.py    our sockets, blocking flavour, on a simulated module in virtual time
    table.py        runs the cells of the table; reads and writes the files below
    forced.py       the differences that a module forces, with their reasons
    cpython.json    what CPython gives: the contract. Made by `record`, see __main__.py
    pending.json    known faults: what ours gives at present instead of the contract
    test_contract.py

A difference that is neither in forced.py nor in pending.json fails the test, and so does an entry
of the two that no longer differs.
"""
