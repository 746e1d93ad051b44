"""A tqdm bar that keeps to its line and starts nothing beside itself."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tqdm import tqdm
from tqdm.utils import disp_trim

if TYPE_CHECKING:
    # At run time the class takes no parameter.
    _Tqdm = tqdm[Any]
else:
    _Tqdm = tqdm


class Bar(_Tqdm):
    """A bar on one line of the terminal, however narrow that is."""

    monitor_interval = 0
    """No thread that watches over bars: we refresh ours."""

    @staticmethod
    def format_meter(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as tqdm has it
        """Draw the line; older tqdm trims only those that hold a bar, and a line that wraps cannot be taken back."""
        line = tqdm.format_meter(*args, **kwargs)
        columns = kwargs.get("ncols")
        return disp_trim(line, columns) if columns else line


# tqdm's own lock also serves processes, and leaves a semaphore behind where one ends as suddenly as ours.
Bar.set_lock(threading.RLock())
