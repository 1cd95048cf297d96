"""How well the accepted data stands for the city. Pure: counts in, measures out.

`margins` measures one dimension against the reference, `distances` and `propensities` hold further
measures of it, `weighting` what weights cost, `space` and `time` where and when data is missing,
`joint` the cells of several dimensions at once.
"""

from __future__ import annotations

from contributions.representativeness.distances import FlooredPsi, hellinger, psi
from contributions.representativeness.joint import JointCoverage, joint_coverage
from contributions.representativeness.margins import (
    Indices,
    Reference,
    UnderRepresented,
    indices,
    shares,
    stratum_masses,
    targets,
)
from contributions.representativeness.propensities import RIndicator, r_indicator
from contributions.representativeness.space import gini, morans_i
from contributions.representativeness.time import WeekCoverage, hour_cell, week_coverage
from contributions.representativeness.weighting import Effective, effective

__all__ = [
    "Effective",
    "FlooredPsi",
    "Indices",
    "JointCoverage",
    "RIndicator",
    "Reference",
    "UnderRepresented",
    "WeekCoverage",
    "effective",
    "gini",
    "hellinger",
    "hour_cell",
    "indices",
    "joint_coverage",
    "morans_i",
    "psi",
    "r_indicator",
    "shares",
    "stratum_masses",
    "targets",
    "week_coverage",
]
