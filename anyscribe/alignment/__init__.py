"""Text and sound in, a time for every word out."""
