"""The contract over HTTP: what `anyscribe serve` answers, with the built-in engines behind it."""
