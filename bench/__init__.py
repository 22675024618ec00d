"""Figures, each beside a bare floor measured in the same run: machines differ and are noisy, ratios are neither."""
