"""The methods a program calls, by the class that has them.

Most of them are functions in files of their own, loaded at the first call, so that the classes do
not show them. The index of AT commands and the API reference use this table; a name that no class
has is an error of both.
"""

# The public names by the class that has them, and how a program reaches an object of the class.
PUBLIC = {
    "Modem": (
        "modem.",
        "attach power_on reboot power_off emergency_off set_baudrate connect disconnect unlock "
        "sim_state use_pin run catch_up close imei imsi iccid model firmware at ifconfig ipconfig "
        "config status active scan resolve ping clock set_clock time_zone_update save_state poll "
        "isconnected socket",
    ),
    "Network": (
        "modem.network.",
        "registered registration operator select deregister signal serving_cell radio_connected "
        "failure profile set_profile technologies rats set_rats bands set_bands contexts define "
        "undefine activate deactivate address parameters context_limits set_authentication "
        "default_context set_default_context set_dns map_profile activate_profile "
        "deactivate_profile profile_status set_profile_dns",
    ),
    "Power": (
        "modem.power.",
        "save set_psm psm_off psm set_edrx edrx_off edrx release_assistance blockers awake",
    ),
    "Recovery": ("modem.recovery.", "slept power_cycle"),
    "SocketPool": (
        "modem.socket_pool.",
        "getaddrinfo gethostbyname inet_pton inet_ntop inet_aton inet_ntoa create_connection "
        "create_server getdefaulttimeout setdefaulttimeout",
    ),
    "Socket": (
        "socket.",
        "bind listen accept connect connect_ex close send sendall sendto recv recv_into recvfrom "
        "recvfrom_into read readinto readline write setsockopt getsockopt info shutdown "
        "direct_link getpeername getsockname settimeout gettimeout setblocking getblocking "
        "makefile fileno detach ioctl",
    ),
    "DataStream": ("link.", "readinto write close"),
    "Security": ("modem.security.", "store list details store_file md5 remove profile"),
    "Profile": ("profile.", "release read_back"),
    "Ssl": ("modem.ssl.", "create_default_context context wrap_socket"),
    "Context": (
        "context.",
        "load_verify_locations load_default_certs set_default_verify_paths load_cert_chain "
        "set_ciphers get_ciphers set_alpn_protocols wrap_socket",
    ),
    "Files": ("modem.files.", "open read write listdir stat exists free remove size"),
    "File": ("file.", "read readinto readline write tell seek close"),
    "Http": ("modem.http.", "request store load factory"),
    "Response": ("response.", "headers read readinto iter_content content text json save close"),
    "Ftp": (
        "modem.ftp.",
        "connect close cwd pwd mkdir rmdir delete rename ilistdir listdir nlst dir stat size "
        "get put open retrbinary storbinary",
    ),
    "Mqtt": (
        "modem.mqtt.",
        "connect disconnect ping configure store load factory settings publish publish_file "
        "subscribe unsubscribe read check_msg wait_msg read_into read_all is_connected "
        "set_callback keep",
    ),
    "MqttSn": (
        "modem.mqttsn.",
        "connect disconnect ping configure store load factory settings publish publish_file "
        "subscribe unsubscribe register predefine update_will read check_msg wait_msg read_into "
        "read_all is_connected set_callback",
    ),
    "Coap": ("modem.coap.", "request store load profiles settings set_rai"),
}

# Modules outside the flavours that a program uses.
MODULES = (
    "event",
    "install",
    "streams",
    "umqtt",
    "core.coap_errors",
    "core.errors",
    "core.service_errors",
    "core.command",
    "core.error_tables",
    "core.ftp_errors",
    "core.pins",
    "core.port",
    "core.socket_constants",
    "core.ssl_names",
)
