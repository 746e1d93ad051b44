"""One recording: probe it, cut it if necessary, have it transcribed, stitch, time and check the answers."""
