"""Where results come from: stamps before a run, manifests after it, and files that are whole or absent."""

from pacer_analysis.provenance.home import home
from pacer_analysis.provenance.manifest import write_manifest
from pacer_analysis.provenance.stamp import Stamped, stamp

__all__ = ["Stamped", "home", "stamp", "write_manifest"]
