"""Constants and names of the `socket` module, as far as the modules support them.

Levels and options are the numbers of +USOSO (at-commands 3.2), the same as in lwIP.
"""

try:
    timeout = TimeoutError  # CPython
except NameError:
    timeout = OSError
error = gaierror = herror = OSError
has_ipv6 = True
_GLOBAL_DEFAULT_TIMEOUT = object()  # used by CPython's clients, such as http.client

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
IPPROTO_IPV6 = 41
AI_PASSIVE = 1
AI_CANONNAME = 2
AI_NUMERICHOST = 4
EAI_NONAME = -2
INADDR_ANY = 0
INADDR_BROADCAST = 0xFFFFFFFF
SOL_SOCKET = 0xFFFF
SO_REUSEADDR = 4
SO_KEEPALIVE = 8
SO_BROADCAST = 32
SO_LINGER = 128
SO_REUSEPORT = 512
SO_ERROR = 0x1007
SO_TYPE = 0x1008
SOMAXCONN = 2
MSG_PEEK = 2
MSG_DONTWAIT = 0x40
SHUT_RD = 0
SHUT_WR = 1
SHUT_RDWR = 2
IP_TOS = 1
IP_TTL = 2
TCP_NODELAY = 1
TCP_KEEPIDLE = 2
TCP_KEEPINTVL = 4
TCP_KEEPCNT = 5
TLS_MODE = 2  # second argument of Socket.connect(), from Adafruit's connection manager
