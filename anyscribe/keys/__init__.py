"""Keys for servers: where they are looked for, and where `anyscribe login` puts them. Each belongs to one address."""

from typing import Final

KEY_VARIABLE: Final = "ANYSCRIBE_API_KEY"
"""The variable whose key is for whichever server the user names."""
