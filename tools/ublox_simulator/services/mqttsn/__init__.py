"""MQTT-SN client (+UMQTTSN…)."""
