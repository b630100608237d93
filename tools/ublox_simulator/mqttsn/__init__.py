"""The MQTT-SN protocol."""
