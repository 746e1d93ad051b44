"""Keep what was paid for, so that it is never paid for twice, and know what was written.

Import this only when there is something to keep: it loads SQLite.
"""

from anyscribe.store.answer_store import AnswerStore
from anyscribe.store.checks import CheckedFile
from anyscribe.store.place import NewerStoreError, StoreError, store_path
from anyscribe.store.store import (
    WHOLE,
    Elsewhere,
    Entry,
    FailedFile,
    KeptAnswer,
    Question,
    Store,
    Stretch,
    digest_of,
    digest_of_content,
)

__all__ = [
    "WHOLE",
    "AnswerStore",
    "CheckedFile",
    "Elsewhere",
    "Entry",
    "FailedFile",
    "KeptAnswer",
    "NewerStoreError",
    "Question",
    "Store",
    "StoreError",
    "Stretch",
    "digest_of",
    "digest_of_content",
    "store_path",
]
