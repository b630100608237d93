"""Constants of the `socket` module, as far as the modules have what they name.

Levels and options are those of +USOSO (at-commands 3.2), which are lwIP's.
"""

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 0xFFFF
SO_REUSEADDR = 4
SO_KEEPALIVE = 8
SO_BROADCAST = 32
SO_LINGER = 128
SO_REUSEPORT = 512
IP_TOS = 1
IP_TTL = 2
TCP_NODELAY = 1
TCP_KEEPIDLE = 2
TLS_MODE = 2  # second argument of Socket.connect(), as Adafruit's connection manager gives it
