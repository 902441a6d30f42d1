"""A worker of two queues: it stays with the one that its models serve, if it is told to."""

from dataclasses import replace

import pytest

from tests.connector.work.conftest import Shop


@pytest.mark.parametrize(("seconds", "next_one"), [(0.0, "first"), (600.0, "second")])
def test_with_affinity_it_stays_with_the_queue_that_it_served(
    shop: Shop, seconds: float, next_one: str
) -> None:
    place = replace(shop.place, queues=("first", "second"), affinity_seconds=seconds)
    shop.job(queue="second")
    place.serve_one()
    waiting = {queue: shop.job(queue=queue) for queue in ("first", "second")}
    place.serve_one()
    finished = [queue for queue, job in waiting.items() if shop.item(job).status == "FINISHED"]
    assert finished == [next_one]
