"""Keep the server's answers on disk: those already paid for are not lost if a later request fails.

Import this only when there is something to keep: it loads SQLite.
"""

from anyscribe.store.kept_answers import KeptAnswer, KeptAnswers, Stretch
from anyscribe.store.place import StoreError, store_path

__all__ = ["KeptAnswer", "KeptAnswers", "StoreError", "Stretch", "store_path"]
