"""Interim looks and planning: boundaries on actual information, adjusted inference, conditional power, sample size, re-randomisation."""
