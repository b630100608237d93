"""FTP (at-commands 8, A5 9)."""
