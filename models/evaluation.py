"""Measures forecasts: errors against the two baselines, the calibration of residuals, the coverage of bands.

A forecast made at t for t + h counts only if no sample from t to t + h is inside a labelled anomaly,
unless everything is asked for.
"""

import numpy as np

TAIL_PROBABILITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)


def clean_origins(anomalous, horizon):
    """[n] bool: true at t if t + horizon exists and no sample from t to t + horizon is labelled."""
    labelled_before = np.concatenate([[0], np.cumsum(anomalous)])
    clean = np.zeros(len(anomalous), bool)
    count = len(anomalous) - horizon
    clean[:count] = labelled_before[horizon + 1:] == labelled_before[:count]
    return clean


def origins(series, begin, end, horizon, everything=False):
    """Rows t of [begin, end) whose forecast for t + horizon is due before end and, unless everything, is clean."""
    t = np.arange(begin, end - horizon)
    return t if everything else t[clean_origins(series.anomalous, horizon)[t]]


def errors(forecast, values, t, horizon, season):
    """MAE and RMSE of the forecasts [n] made at the rows t, and of both baselines, in physical units."""
    actual = values[t + horizon]
    candidates = {"model": forecast[t], "persistence": values[t], "seasonalNaive": values[t + horizon - season]}
    return {
        "mae": {name: float(np.mean(np.abs(actual - value))) for name, value in candidates.items()},
        "rmse": {name: float(np.sqrt(np.mean((actual - value) ** 2))) for name, value in candidates.items()},
    }


def residual_calibration(residuals):
    """The manifest's `residuals`: moments, and the value |residual| exceeds with each probability, down to 3 in n."""
    count = len(residuals)
    tail = [p for p in TAIL_PROBABILITIES if p >= 3 / count]
    absolute = np.quantile(np.abs(residuals), [1 - p for p in tail])
    if not (np.diff(absolute) > 0).all():
        raise ValueError(f"the tail of the residuals does not rise strictly: {absolute}")
    return {
        "samples": count,
        "mean": float(np.mean(residuals)),
        "standardDeviation": float(np.std(residuals)),
        "tailProbability": tail,
        "absoluteResidual": [float(value) for value in absolute],
    }


def median_beat_length(values):
    """Median distance in samples between the beats of an electrocardiogram.

    A beat is the largest deviation from the median within 40 samples to either side that reaches half of the 99.5th percentile.
    """
    deviation = np.abs(values - np.median(values))
    surroundings = np.lib.stride_tricks.sliding_window_view(np.pad(deviation, 40), 81).max(axis=1)
    beats = np.flatnonzero((deviation == surroundings) & (deviation >= 0.5 * np.quantile(deviation, 0.995)))
    return int(np.median(np.diff(beats)))
