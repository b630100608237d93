"""CoAP client of SARA-R5."""
