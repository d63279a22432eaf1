"""Every estimator in simulated trials with a known truth: bias, coverage of its intervals and type I error (`make recovery`)."""

from __future__ import annotations

import os

# Before NumPy is loaded: a process is one thread, linear algebra of this size only loses by more.
os.environ.update({f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")})
