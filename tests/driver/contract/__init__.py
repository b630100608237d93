"""The socket contract: method x situation -> result or errno, recorded from CPython's own sockets.

    situations.py   puts a socket into a situation; knows no library
    calls.py        the methods with representative arguments
    outcomes.py     how a result or an exception is written down
    far.py          the other side: real sockets on loopback
    cpython.py      CPython's `socket` module as the place where sockets come from
    simulated.py    our sockets, blocking flavour, on a simulated module in virtual time
    table.py        runs the cells of the table; reads and writes the file below
    forced.py       the differences that a module forces, with their reasons
    cpython.json    what CPython gives: the contract. Made by `record`, see __main__.py
    test_contract.py

A difference that is not in forced.py fails the test, and so does a rule there that changes
nothing.
"""
