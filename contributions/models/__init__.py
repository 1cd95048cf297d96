"""The facts of this room: calls, what was contributed to them, and what checking found."""

from __future__ import annotations

from contributions.models.attempts import Attempt, CorrectionMode
from contributions.models.attestations import DeletionAttestation
from contributions.models.calls import Call, CallVersion
from contributions.models.cells import CellMass, CellTable
from contributions.models.contributions import Contribution, Stage, State
from contributions.models.downloads import Download
from contributions.models.drafts import Draft
from contributions.models.findings import Finding
from contributions.models.fingerprints import RecordFingerprint
from contributions.models.masses import StratumMass
from contributions.models.photos import Photo, PhotoFormat
from contributions.models.references import ReferencePopulation
from contributions.models.releases import (
    Release,
    ReleaseFile,
    ReleaseKind,
    ReleaseMember,
    ReleaseState,
)
from contributions.models.stage_runs import StageRun
from contributions.models.totals import RunningCount, RunningMass
from contributions.models.trained import TrainedModel, TrainedModelWithdrawal
from contributions.models.uploads import Upload, UploadEnd, UploadPart
from contributions.models.waiting import WaitingRecord

__all__ = [
    "Attempt",
    "Call",
    "CallVersion",
    "CellMass",
    "CellTable",
    "Contribution",
    "CorrectionMode",
    "DeletionAttestation",
    "Download",
    "Draft",
    "Finding",
    "Photo",
    "PhotoFormat",
    "RecordFingerprint",
    "ReferencePopulation",
    "Release",
    "ReleaseFile",
    "ReleaseKind",
    "ReleaseMember",
    "ReleaseState",
    "RunningCount",
    "RunningMass",
    "Stage",
    "StageRun",
    "State",
    "StratumMass",
    "TrainedModel",
    "TrainedModelWithdrawal",
    "Upload",
    "UploadEnd",
    "UploadPart",
    "WaitingRecord",
]
