"""Grading a cohort on a cluster: the same work there, each grade written once, here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from unfit import cluster
from unfit.cohort.resuming import LEFT_OUT
from unfit.cohort.side_by_side import Take
from unfit.cohort.work import CohortJob, Done, Item, Parcel, lost, pack, work_on, write
from unfit.errors import UnfitError

__all__ = ["run_on"]


def run_on(address: str, job: CohortJob, items: Sequence[Item], *, take: Take) -> None:
    """Work on every submission, on the workers of a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.7:8786``.
    job : CohortJob
    items : sequence of Item
    take : callable
        Told of each submission once, when all of it is on the disk here.

    Raises
    ------
    UsageError
        If Dask is not installed, or nobody answers there.
    UnfitError
        If a worker's kit, bank or environment is another than here, or the cluster goes away.
    """

    def came_back(sent: cluster.Sent[Parcel]) -> None:
        done: Done = sent.result(lambda: lost(job, sent.what.item, "every worker that graded it died"))
        write(job.out, done)
        take(replace(done, reports={}))

    with cluster.connected(
        address, lost="what is graded stays; start it again, and the same command"
    ) as client:
        cluster.refuse_unlike(client, _problem, job)
        cluster.hand_out(client, _parcels(job, items, take), partial(_there, job), came_back)


def _parcels(job: CohortJob, items: Sequence[Item], take: Take) -> Iterator[tuple[str, Parcel]]:
    """Pack what has to be graded there; what needs no grading ends here."""
    for item in items:
        packed = pack(job, item)
        if isinstance(packed, Done):
            write(job.out, packed)
            take(packed)
        else:
            yield item.pseudonym, packed


def _problem(job: CohortJob) -> str:
    """Say, on a worker, why it would judge otherwise; empty where it would not."""
    try:
        _here(job)
    except UnfitError as error:
        return error.message
    return ""


def _here(job: CohortJob) -> CohortJob:
    """Find on a worker what the job names: the bank and the environment, both the same as there."""
    settings = job.settings
    wanted = cluster.Alike(
        settings.kit.rpartition("+")[2],
        LEFT_OUT,
        str(job.exercise.bank),
        settings.exercise,
        settings.digest,
        settings.environment,
    )
    found, place = cluster.place_there(wanted, job.backend, job.environment)
    return replace(job, exercise=found, environment=place, scratch=None)


def _there(job: CohortJob, parcel: Parcel) -> Done:
    """Grade one submission, on a worker."""
    return work_on(_here(job), parcel)
