"""MQTT client (+UMQTT…)."""
