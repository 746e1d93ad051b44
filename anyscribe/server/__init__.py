"""The contract over HTTP: the server behind `anyscribe serve`, which transcribes with the built-in engines."""
