"""Numbers of jobs, for callers that know no other ids."""

import pytest

from connector.jobs import numbers, purge
from connector.jobs.cancel import cancel
from connector.jobs.database import Database
from connector.jobs.errors import JobNotFound
from tests.connector.jobs.bench import Bench


def test_a_number_is_its_jobs_alone_and_its_clients_alone(database: Database) -> None:
    bench = Bench(database)
    first, second = bench.job(), bench.job()
    given = [
        bench.write(lambda tx, job=job: numbers.number_of(tx, job))  # type: ignore[misc]
        for job in (first, second, first)
    ]
    assert given[0] == given[2] < given[1]
    with database.reading() as tx:
        assert numbers.numbered(tx, "local", given[1]) == second
        with pytest.raises(JobNotFound):
            numbers.numbered(tx, "other", given[1])


def test_a_number_goes_with_its_job_and_never_comes_back(database: Database) -> None:
    bench = Bench(database)
    first, second = bench.job(), bench.job()
    number = bench.write(lambda tx: numbers.number_of(tx, first))
    bench.do(cancel, "local", first)
    bench.write(lambda tx: purge.purge(tx, "local", first))
    with database.reading() as tx, pytest.raises(JobNotFound):
        numbers.numbered(tx, "local", number)
    assert bench.write(lambda tx: numbers.number_of(tx, second)) > number
