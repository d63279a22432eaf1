"""All studies, in the order of the table."""

from __future__ import annotations

from tests.recovery.characteristics import binary, choice, missing, repeated, sequential, survival
from tests.recovery.characteristics.study import Study

STUDIES: tuple[Study, ...] = (*binary.STUDIES, *survival.STUDIES, *repeated.STUDIES, *missing.STUDIES, *sequential.STUDIES, *choice.STUDIES)
