"""Tell a process again after the one who started it has gone."""

import psutil


def mark(pid: int) -> float:
    """Return what tells this process from a later one of the same number."""
    started: float = psutil.Process(pid).create_time()
    return started


def is_same(pid: int, started: float) -> bool:
    """Whether the process that was marked still runs."""
    try:
        process = psutil.Process(pid)
        return bool(process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
