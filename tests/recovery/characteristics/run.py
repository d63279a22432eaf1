"""Studies in two processes, a seed of its own for every replicate, and the table that they make.

A line that misses is drawn once more, from another stream and with twice the replicates, and judged by that: of several hundred criteria of three
standard errors one or two are missed by chance.
"""

from __future__ import annotations

import math
import sys
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray

from pacer_analysis.errors import NotEstimable
from tests.recovery.characteristics.lines import BLANK, Line, judge
from tests.recovery.characteristics.study import Study
from tests.recovery.characteristics.unwitnessed import COMPARED, unwitnessed
from tests.recovery.characteristics.written import row

SEED, CHUNK = 20150416, 50
Array = NDArray[np.float64]


def chunk(task: tuple[int, str, int, int, int]) -> tuple[Array, float]:
    """What is seen of each quantity in these replicates, (replicates, quantities, SEEN), and the processor seconds that it took."""
    from tests.recovery.characteristics.studies import STUDIES

    start = time.process_time()
    number, truth, draw, first, last = task
    return np.array([replicate(STUDIES[number], truth, draw, index) for index in range(first, last)]), time.process_time() - start


def replicate(study: Study, truth: str, draw: int, index: int) -> list[tuple[float, ...]]:
    """One trial, analysed; with a dear witness the first ones are analysed with it and without it."""
    stream = np.random.SeedSequence([SEED, zlib.crc32(study.name.encode()), study.truths.index(truth), draw, index])
    data = study.simulate(np.random.default_rng(stream), truth)
    seed = int(stream.generate_state(1)[0])
    found = _measured(study, data, seed, without=study.witnessed)
    if study.witnessed and not draw and index < COMPARED:
        whole = _measured(study, data, seed, without=False)
        if not np.allclose(found, whole, rtol=1e-9, atol=1e-12, equal_nan=True):
            raise AssertionError(f"{study.name}: other numbers without the witness, replicate {index}")
    return found


def _measured(study: Study, data: object, seed: int, *, without: bool) -> list[tuple[float, ...]]:
    with unwitnessed() if without else nullcontext():
        try:
            found = study.measure(data, seed)
        except NotEstimable:
            return [BLANK] * len(study.quantities)
    return [found[name] for name in study.quantities]


def lines_of(pool: ProcessPoolExecutor, numbers: Sequence[int], studies: Sequence[Study], divisor: int, draw: int = 0) -> dict[int, list[Line]]:
    """The lines of these studies; the replicates of draw 1 are twice as many."""
    waiting = {}
    for number in numbers:
        study = studies[number]
        count = max(study.replicates // divisor, 2) * (1 + draw)
        waiting[number] = {truth: [pool.submit(chunk, (number, truth, draw, first, min(first + CHUNK, count))) for first in range(0, count, CHUNK)] for truth in study.truths}
    found: dict[int, list[Line]] = {}
    for number, by_truth in waiting.items():
        study, seconds = studies[number], 0.0
        found[number] = []
        for truth, parts in by_truth.items():
            broken = next((error for part in parts if (error := part.exception())), None)
            if broken:
                found[number].append(failed(study, truth, f"{type(broken).__name__}: {broken}"))
                continue
            values = np.concatenate([part.result()[0] for part in parts])
            seconds += sum(part.result()[1] for part in parts)
            found[number] += [judge(study.estimator, study.option, name, truth, quantity, values[:, place]) for place, (name, quantity) in enumerate(study.quantities.items())]
        print(f"{study.name}: {seconds:.0f} s of processor time{', drawn again' if draw else ''}", file=sys.stderr, flush=True)
        for line in found[number]:   # what was found is not lost if the run is ended
            print(row(line), file=sys.stderr, flush=True)
    return found


def failed(study: Study, truth: str, reason: str) -> Line:
    """The line of a study that broke off."""
    nothing = math.nan
    return Line(study.estimator, study.option, "", truth, 0, 0, nothing, nothing, nothing, nothing, nothing, nothing, "", "FAILS", reason.splitlines()[0])


def table(names: Sequence[str], divisor: int, workers: int) -> list[Line]:
    """Every line of the estimators named (all, if none), in the order of the studies."""
    from tests.recovery.characteristics.repeated import coverage_lines
    from tests.recovery.characteristics.studies import STUDIES

    numbers = [number for number, study in enumerate(STUDIES) if not names or study.estimator in names]
    with ProcessPoolExecutor(workers) as pool:
        found = lines_of(pool, numbers, STUDIES, divisor)
        again = [number for number, lines in found.items() if any(line.verdict == "FAILS" for line in lines)]
        for number, lines in lines_of(pool, again, STUDIES, divisor, draw=1).items():
            if len(lines) == len(found[number]):
                found[number] = [second if first.verdict == "FAILS" else first for first, second in zip(found[number], lines, strict=True)]
    extra = coverage_lines(divisor) if not names or "partially_nested" in names else []
    return [*(line for lines in found.values() for line in lines), *extra]


def worst(lines: Sequence[Line]) -> int:
    """1 if a line fails."""
    return int(any(line.verdict == "FAILS" for line in lines))
