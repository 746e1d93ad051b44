"""``python -m anyscribe`` is ``anyscribe``."""

from anyscribe.cli import main

if __name__ == "__main__":
    main()
