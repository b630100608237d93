"""Power saving commands (+UPSV, +CPSMS …)."""
