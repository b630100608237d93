# Generated from aio/security/ssl_options.py by tools/generate. Do not edit.
"""What a context of `modem.ssl` is seldom told: cipher suites, and a certificate of our own."""

from .ssl_context import blocks


def set_ciphers(context, ciphers) -> None:
    """Cipher suites by OpenSSL's or IANA's names, with ":" between or in a sequence; LEXI-R10
    takes one. "DEFAULT": the module chooses. `NotSupported` for expressions, `SSLError` for
    names that are not known."""
    from ...core.cipher_names import chosen

    suites = chosen(ciphers)
    if suites is None:
        raise context.refused("choice of ciphers by expressions")
    if len(suites) > 1 and not context.modem.profile_traits()[3]:
        raise context.refused("list of ciphers: one at a time")
    context.suites = suites or None


def get_ciphers(context) -> list:
    """What `set_ciphers` was told, as CPython has it: a dictionary with "name" of each;
    `NotSupported` before, as the module does not list what it has."""
    if not context.suites:
        raise context.refused("list of its ciphers")
    return [{"name": name} for name in context.suites]


def set_alpn_protocols(context, protocols) -> None:
    """`NotSupported`, but for "http/1.1" alone: what servers speak where they are asked for
    nothing, and what CPython's http.client always asks for."""
    if list(protocols) != ["http/1.1"]:
        raise context.refused("documented way to set ALPN")


def load_cert_chain(context, certfile, keyfile=None, password=None) -> None:
    """Client certificate and key: local files, else names they have on the module, or PEM or
    DER; without `keyfile` the key is in the same PEM, or has the same name. `password`: of an
    encrypted key, or a function that gives it."""
    certificates = blocks(certfile, b"CERTIFICATE")
    if len(certificates) > 1:
        raise context.refused("chain of client certificates")
    keys = blocks(keyfile or certfile, b"PRIVATE KEY")
    if len(keys) != 1:
        raise ValueError("keyfile: one private key wanted")
    if callable(password):
        password = password()
    context.cert, context.key, context.password = certificates[0], keys[0], password
