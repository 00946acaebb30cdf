"""A logistic fit by Newton's method, with a ridge on standardised features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
RIDGE = 1e-3  # a case, on standardised features: keeps a feature that parts all from running off


def fit(
    rows: Sequence[Sequence[float]],
    answers: Sequence[bool],
    weights: Sequence[float] | None = None,
    ridge: float = RIDGE,
) -> Vector:
    """Fit coefficients for the raw features, the intercept last; `weights` count a case more."""
    x = np.column_stack([np.asarray(rows, dtype=np.float64), np.ones(len(rows))])
    y = np.asarray(answers, dtype=np.float64)
    counted = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    centre[-1], scale[-1] = 0.0, 1.0
    scale = np.where(scale > 0, scale, 1.0)
    z = (x - centre) / scale
    penalty = np.full(z.shape[1], ridge * counted.sum())
    penalty[-1] = 0.0
    b = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(z @ b, -30, 30)))
        slope = z.T @ (counted * (p - y)) + penalty * b
        curve = (z.T * (counted * p * (1 - p) + 1e-9)) @ z + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        b -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    raw: Vector = b / scale
    raw[-1] = b[-1] - float(centre[:-1] @ raw[:-1])
    return raw


def judge(rows: Sequence[Sequence[float]], coefficients: Vector) -> Vector:
    """Return the probability of each row."""
    x = np.column_stack([np.asarray(rows, dtype=np.float64), np.ones(len(rows))])
    found: Vector = 1 / (1 + np.exp(-np.clip(x @ coefficients, -30, 30)))
    return found


def area(scores: Sequence[float], answers: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a right one scores above a wrong one."""
    right = np.asarray([s for s, a in zip(scores, answers, strict=True) if a])
    wrong = np.asarray([s for s, a in zip(scores, answers, strict=True) if not a])
    if not len(right) or not len(wrong):
        return 0.5
    above = (right[:, None] > wrong[None, :]).mean() + 0.5 * (
        right[:, None] == wrong[None, :]
    ).mean()
    return float(above)
