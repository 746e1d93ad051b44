"""Keys for servers: where they are looked for, and where `anyscribe login` puts them. Each belongs to one address."""

from anyscribe.keys.addresses import address_of
from anyscribe.keys.finding import KEY_VARIABLE, Key, Keys, KeySource, ProfileKey, cleaned_key

__all__ = ["KEY_VARIABLE", "Key", "KeySource", "Keys", "ProfileKey", "address_of", "cleaned_key"]
