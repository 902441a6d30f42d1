"""A picture through a job, with the client that openapi-python-client makes from the contract.

$ openapi-python-client generate --path openapi/openapi.json --meta none --output-path retusche_client
$ python examples/python/job.py kitchen.jpg twice-as-large.jpg
"""

import os
import sys
from pathlib import Path

from retusche_client import AuthenticatedClient, models
from retusche_client.api.files import upload_file
from retusche_client.api.jobs import create_job, get_job, get_part_content, stream_events
from retusche_client.types import File

source, target = map(Path, sys.argv[1:])
url, key = os.environ.get("RETUSCHE_URL", "http://localhost:8000"), os.environ.get("RETUSCHE_KEY")
client = AuthenticatedClient(url, token=key or "none", raise_on_unexpected_status=True)

with source.open("rb") as photo:
    form = models.UploadFileFilesBody(File(photo, source.name))
    uploaded = upload_file.sync(client=client, body=form)
assert isinstance(uploaded, models.FileAnswer), uploaded

step = models.UpscaleStep("upscale", models.UpscaleParameters(factor=2, detail=0))
item = models.JobItem(parts=[models.JobPart(uploaded.url)])
job = create_job.sync(client=client, body=models.JobRequest(items=[item], steps=[step]))
assert isinstance(job, models.JobAnswer), job

print(stream_events.sync(job.id, client=client))  # returns when the job has ended
job = get_job.sync(job.id, client=client, prefer="wait=60")
assert isinstance(job, models.JobAnswer), job
assert job.status is models.Status.FINISHED, job.error

(result,) = (part for part in job.items[0].parts if part.type_ is models.PartType.BASE_PART)
content = get_part_content.sync(job.id, result.id, client=client)
assert isinstance(content, File), content
target.write_bytes(content.payload.read())
assert isinstance(result.report, models.UpscaleReport)
print(f"{result.width} × {result.height} px by {result.report.backends[0].name}")
