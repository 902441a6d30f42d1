"""States of a job in jadice flow's words.

Published are FINISHED and the beginning of what `POST /job/create` answers, "STA". The others are those of Spring
Batch's BatchStatus, on which flow's job executions are built: an assumption (docs/jadice-flow.md).
"""

from connector.jobs.states import Status

FLOW_STATUS: dict[Status, str] = {
    Status.QUEUED: "STARTING",
    Status.RUNNING: "STARTED",
    Status.FINISHED: "FINISHED",
    Status.FAILED: "FAILED",
    Status.CANCELLED: "STOPPED",
}
