"""Tell how far a training run is, and how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from personalization.learning.models import ModelVersion, TrainingRun


@dataclass(frozen=True, slots=True)
class Progress:
    """Writes each step to the run's row, and to whoever else wants to hear."""

    run: TrainingRun
    tell: Callable[[TrainingRun], None]

    def at(self, stage: str, percent: int) -> None:
        """Record the stage that begins now."""
        self._write(state=TrainingRun.State.RUNNING, stage=stage, percent=percent)

    def end(
        self, *, state: str, message: str, now: datetime, version: ModelVersion | None = None
    ) -> None:
        """Record how the run ended."""
        done = 100 if state != TrainingRun.State.FAILED else self.run.percent
        self._write(
            state=state, message=message, finished_at=now, version=version, percent=done, stage=""
        )

    def _write(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self.run, name, value)
        self.run.save(update_fields=list(values))
        self.tell(self.run)
