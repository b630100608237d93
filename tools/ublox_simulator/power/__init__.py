"""Sleep states, their timers and the charge they take."""
