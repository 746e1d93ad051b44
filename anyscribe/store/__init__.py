"""What has been paid for, on this machine's disk: no answer of a server's is lost because a later one never came.

Imported where there is something to keep: it loads SQLite.
"""

from anyscribe.store.kept_answers import KeptAnswer, KeptAnswers, Stretch
from anyscribe.store.place import StoreError, store_path

__all__ = ["KeptAnswer", "KeptAnswers", "StoreError", "Stretch", "store_path"]
