"""How English text is read aloud: numbers, dates, money, abbreviations, all that is not written as it is said."""

from anyscribe.alignment.sphinx.reading.spoken import readings

__all__ = ["readings"]
