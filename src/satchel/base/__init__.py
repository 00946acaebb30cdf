"""What every layer may use: errors, paths, settings, text hygiene. Imports nothing of ours."""
