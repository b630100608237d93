"""TLS and DTLS as the module does them."""
