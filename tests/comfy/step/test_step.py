"""The step: what goes in, what comes out, and what becomes of a server's faults."""

import io
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from comfy_bridge.step.report import WorkflowReport
from comfy_bridge.step.step import ComfyWorkflow
from steps.contract import Context, Item, Output, Part, PartType, Role, StepResult
from steps.environment import Environment
from steps.errors import (
    BackendUnavailable,
    BackendUnreachable,
    Cancelled,
    InvalidItem,
    InvalidParameters,
    OutOfMemory,
    StepError,
    StepFailed,
)
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.imaging.encode import encode
from steps.imaging.writing.png import write_samples
from steps.run import run
from tests.comfy.fake.server import LONG, FakeServer, eventually
from tests.comfy.step.conftest import QUICK
from tests.steps.samples import SIZE, mask, mask_part, photo, png

PNG = Context(output=Output(mime_type="image/png"))
SOON = 2.0
"""Seconds within which a cancelled step ends."""


def item(content: bytes | None = None, *more: Part) -> Item:
    content = png(photo()) if content is None else content
    return Item(parts=(Part(content=content, filename="kitchen.png", id="source"), *more))


def pages(result: StepResult, index: int = 0) -> tuple[Page, ...]:
    content = result.parts[index].content
    assert isinstance(content, bytes)
    return decode(content).pages


def report_of(result: StepResult) -> WorkflowReport:
    assert isinstance(result.report, WorkflowReport)
    return result.report


class Background:
    """A run in a thread of its own."""

    def __init__(self, step: ComfyWorkflow, workflow: str) -> None:
        self._step, self._workflow = step, workflow
        self.told: list[str] = []
        self.shares: list[float] = []
        self._cancelled = threading.Event()
        self._error: StepError | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        context = replace(
            PNG,
            on_progress=self._tell,
            is_cancelled=self._cancelled.is_set,
        )
        try:
            self._result = run(self._step, item(), {"workflow": self._workflow}, context)
        except StepError as error:
            self._error = error

    def _tell(self, share: float, text: str) -> None:
        self.shares.append(share)
        self.told.append(text)

    def cancel(self) -> None:
        """Cancel, and see that it ends in time."""
        self._cancelled.set()
        began = time.monotonic()
        self.error(Cancelled)
        assert time.monotonic() - began < SOON

    def result(self) -> StepResult:
        """Wait for the end."""
        self._thread.join(LONG)
        assert not self._thread.is_alive()
        assert self._error is None, self._error
        return self._result

    def error(self, expected: type[StepError]) -> StepError:
        """Wait for the end by an error."""
        self._thread.join(LONG)
        assert not self._thread.is_alive()
        assert isinstance(self._error, expected), self._error
        return self._error


def test_where_nothing_changes_every_pixel_comes_back(step: ComfyWorkflow) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (31, 47, 4), dtype=np.uint8)
    (page,) = pages(run(step, item(write_samples(noise)), {"workflow": "copy"}, PNG))
    assert np.array_equal(page.pixels, noise[..., :3])
    assert page.alpha is not None
    assert np.array_equal(page.alpha, noise[..., 3])


def test_every_way_to_load_a_mask_agrees(step: ComfyWorkflow) -> None:
    result = run(step, item(None, mask_part()), {"workflow": "masks"}, PNG)
    assert [(part.filename, part.type, part.role) for part in result.parts] == [
        ("kitchen.png", PartType.BASE_PART, Role.SOURCE),
        ("kitchen.mask.png", PartType.META, Role.MASK),
        ("kitchen.red.png", PartType.META, Role.MASK),
    ]
    for index in (1, 2):
        assert np.array_equal(pages(result, index)[0].pixels[..., 0], mask())


def test_a_document_of_many_pages_goes_page_by_page(step: ComfyWorkflow) -> None:
    document = Document(
        pages=(Page(pixels=photo()), Page(pixels=photo((30, 20)))), mime_type="image/tiff"
    )
    content, _ = encode(document, Output())
    result = run(step, item(content, mask_part()), {"workflow": "masks"}, Context())
    assert [page.size for page in pages(result)] == [SIZE, (30, 20)]
    assert len(pages(result, 1)) == 2
    assert result.parts[1].mime_type == "image/tiff"
    assert len(report_of(result).prompt_ids) == 2


def test_pictures_can_be_made_from_words_alone(step: ComfyWorkflow) -> None:
    inputs = {"prompt": "a chair", "width": 64, "height": 72, "count": 2}
    call = {"workflow": "text-to-image-refined", "inputs": inputs, "seed": 4}
    result = run(step, Item(parts=()), call, PNG)
    assert [(part.filename, part.type) for part in result.parts] == [
        ("text-to-image-refined.1.png", PartType.BASE_PART),
        ("text-to-image-refined.2.png", PartType.BASE_PART),
    ]
    assert pages(result)[0].size == (64, 72)
    again = run(step, Item(parts=()), call, PNG)
    other = run(step, Item(parts=()), {**call, "seed": 5}, PNG)
    assert again.parts[0].content == result.parts[0].content != other.parts[0].content


def test_inpainting_keeps_what_the_mask_does_not_mark(step: ComfyWorkflow) -> None:
    call = {"workflow": "inpaint-by-mask", "inputs": {"prompt": "a wall", "dilate": 0}, "seed": 1}
    (page,) = pages(run(step, item(None, mask_part()), call, PNG))
    kept = mask() == 0
    assert np.array_equal(page.pixels[kept], photo()[kept])
    assert not np.array_equal(page.pixels, photo())


def test_the_workflow_that_comfyui_writes_into_its_files_is_left_out(
    step: ComfyWorkflow, comfy: FakeServer
) -> None:
    content = run(step, item(), {"workflow": "copy"}, PNG).parts[0].content
    saved = [each for key, each in comfy.fake.folders.files.items() if key[0] == "output"]
    assert isinstance(content, bytes)
    assert "prompt" in Image.open(io.BytesIO(saved[0])).info
    assert Image.open(io.BytesIO(content)).info == {}


def test_the_report_names_files_server_and_nodes(step: ComfyWorkflow, comfy: FakeServer) -> None:
    first = report_of(run(step, item(), {"workflow": "invert"}, PNG))
    assert (first.workflow, first.server_version) == ("invert", "0.33.0")
    assert first.workflow_sha256 == step.shelf.workflows["invert"].sha256
    assert [(n.node, n.class_type, n.cached) for n in first.nodes] == [
        ("1", "LoadImage", False),
        ("2", "ImageInvert", False),
        ("9", "SaveImage", False),
    ]
    assert first.backends[0].licence == "AGPL-3.0"
    assert set(comfy.fake.executor.history) == set(first.prompt_ids)


def test_the_same_picture_is_stored_once_and_saved_each_time(
    step: ComfyWorkflow, comfy: FakeServer
) -> None:
    """The server's own cache holds; the file that it saved before may have been cleared away."""
    run(step, item(), {"workflow": "invert"}, PNG)
    files = comfy.fake.folders.files
    for key in [key for key in files if key[0] == "output"]:
        del files[key]
    again = report_of(run(step, item(), {"workflow": "invert"}, PNG))
    assert [node.class_type for node in again.nodes if node.cached] == ["LoadImage", "ImageInvert"]
    assert sorted(key[0] for key in files) == ["input", "output"]


def test_a_renamed_upload_is_what_is_loaded(step: ComfyWorkflow, comfy: FakeServer) -> None:
    run(step, item(), {"workflow": "copy"}, PNG)
    files = comfy.fake.folders.files
    (key,) = [key for key in files if key[0] == "input"]
    files[key] = png(photo((5, 5)))  # another file has the name now
    (page,) = pages(run(step, item(), {"workflow": "copy"}, PNG))
    assert page.size == SIZE


def test_transparency_is_brought_to_the_results_size(step: ComfyWorkflow) -> None:
    rgba = np.dstack([photo((40, 40)), np.full((40, 40), 99, np.uint8)])
    inputs = {"longestSide": 80}
    call = {"workflow": "upscale-4k", "inputs": inputs}
    (page,) = pages(run(step, item(write_samples(rgba)), call, PNG))
    assert page.alpha is not None
    assert page.alpha.shape == (80, 80)
    assert (page.alpha == 99).all()


def test_transparency_is_dropped_where_the_shape_changes_and_that_is_told(
    step: ComfyWorkflow,
) -> None:
    rgba = np.dstack([photo(), np.full(SIZE[::-1], 99, np.uint8)])
    result = run(step, item(write_samples(rgba)), {"workflow": "square"}, PNG)
    (page,) = pages(result)
    assert (page.size, page.alpha) == ((64, 64), None)
    assert [message.code for message in result.report.messages] == ["transparency-dropped"]


def test_a_part_that_the_workflow_does_not_take_is_told(step: ComfyWorkflow) -> None:
    result = run(step, item(None, mask_part()), {"workflow": "copy"}, PNG)
    assert [message.code for message in result.report.messages] == ["part-unused"]


def test_a_part_that_is_missing_is_refused(step: ComfyWorkflow) -> None:
    with pytest.raises(
        InvalidItem, match="'masks' takes exactly one part of role 'mask'; the item has 0"
    ):
        run(step, item(), {"workflow": "masks"}, PNG)


def test_pages_that_do_not_fit_are_refused(step: ComfyWorkflow) -> None:
    def tiff(count: int) -> bytes:
        pages = (Page(pixels=photo((9, 9))),) * count
        return encode(Document(pages=pages, mime_type="image/tiff"), Output())[0]

    masks = Part(content=tiff(2), role=Role.MASK, filename="mask.tiff")
    with pytest.raises(InvalidItem, match="has 2 pages and another part 3"):
        run(step, item(tiff(3), masks), {"workflow": "masks"}, Context())


@pytest.mark.parametrize(
    ("parameters", "pointer", "said"),
    [
        ({}, "/workflow", "Field required"),
        ({"workflow": "no"}, "/workflow", "there is no workflow 'no'; known: copy, fails"),
        ({"workflow": "copy", "inputs": {"a": 1}}, "/inputs/a", "no input 'a'; known: none"),
        ({"workflow": "inpaint-by-mask"}, "/inputs/prompt", "Field required"),
        (
            {"workflow": "upscale-4k", "inputs": {"longestSide": 9}},
            "/inputs/longestSide",
            "greater than or equal to 16",
        ),
        ({"workflow": "copy", "inputs": 3}, "/inputs", "valid dictionary"),
    ],
)
def test_parameters_are_checked_by_the_workflows_own_schema(
    step: ComfyWorkflow, parameters: dict[str, object], pointer: str, said: str
) -> None:
    with pytest.raises(InvalidParameters, match=said) as caught:
        run(step, item(), parameters, PNG)
    assert [place for place, _ in caught.value.errors] == [pointer]


def test_a_model_that_the_server_lacks_is_the_inputs_fault(step: ComfyWorkflow) -> None:
    call = {"workflow": "upscale-4k", "inputs": {"modelName": "mine.pth"}}
    with pytest.raises(InvalidParameters, match=r"mine\.pth.* not in \['RealESRGAN") as caught:
        run(step, item(), call, PNG)
    assert caught.value.pointer == "/inputs/modelName"


def test_what_no_input_mends_is_the_workflows_fault(
    step: ComfyWorkflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(step.shelf.workflows["copy"].graph["9"]["inputs"], "filename_prefix")
    with pytest.raises(StepFailed, match="refuses workflow 'copy': node 9"):
        run(step, item(), {"workflow": "copy"}, PNG)


def test_a_node_that_raises_fails_the_step(step: ComfyWorkflow) -> None:
    with pytest.raises(StepFailed, match=r"workflow 'fails': node 2 \(Fails\) raised ValueError"):
        run(step, item(), {"workflow": "fails"}, PNG)


def test_an_interruption_at_the_server_fails_the_step(
    step: ComfyWorkflow, comfy: FakeServer
) -> None:
    running = Background(step, "slow")
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    comfy.fake.executor.is_interrupted = True
    assert "interrupted at the server" in str(running.error(StepFailed))


def test_out_of_memory_may_pass_and_frees_the_servers_models(
    step: ComfyWorkflow, comfy: FakeServer
) -> None:
    with pytest.raises(OutOfMemory):
        run(step, item(), {"workflow": "memory"}, PNG)
    assert comfy.fake.freed == 1


def test_no_server_may_pass(step: ComfyWorkflow, comfy: FakeServer) -> None:
    comfy.die()
    with pytest.raises(BackendUnreachable, match="no ComfyUI server answers") as caught:
        run(step, item(), {"workflow": "copy"}, PNG)
    assert caught.value.retryable


def test_a_server_that_comes_back_in_time_is_waited_for(
    comfy: FakeServer, step_on: Callable[..., ComfyWorkflow]
) -> None:
    step = step_on(comfy)
    comfy.die()
    told: list[str] = []

    def on_progress(share: float, text: str) -> None:
        told.append(text)
        if text == "waiting for a ComfyUI server":
            comfy.start()

    assert run(step, item(), {"workflow": "copy"}, replace(PNG, on_progress=on_progress)).parts
    assert "waiting for a ComfyUI server" in told


def test_a_server_that_dies_in_the_middle_may_pass(step: ComfyWorkflow, comfy: FakeServer) -> None:
    running = Background(step, "slow")
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    comfy.die()
    running.error(BackendUnreachable)


def test_another_server_takes_over(
    comfy: FakeServer, second: FakeServer, step_on: Callable[..., ComfyWorkflow]
) -> None:
    running = Background(step_on(comfy, second), "slow")
    eventually(lambda: comfy.fake.executor.running or second.fake.executor.running)
    first, other = (comfy, second) if comfy.fake.executor.running else (second, comfy)
    other.release()
    first.die()
    result = running.result()
    assert report_of(result).server_version == other.fake.version
    assert running.shares == sorted(running.shares)


def test_without_a_server_it_says_what_to_set(
    step_on: Callable[..., ComfyWorkflow], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = step_on()
    with pytest.raises(BackendUnavailable, match="set RETUSCHE_COMFYUI_URLS"):
        step.load(step.usual_parameters(), Environment.from_env())
    monkeypatch.setenv("RETUSCHE_COMFYUI_URLS", "comfy:8188")
    with pytest.raises(BackendUnavailable, match="'comfy:8188' is no address"):
        run(step, item(), {"workflow": "copy"}, PNG)


def test_a_denied_licence_is_not_used(step: ComfyWorkflow) -> None:
    environment = replace(Environment.from_env(), denied_licences=frozenset({"AGPL-3.0"}))
    with pytest.raises(BackendUnavailable, match="of licence AGPL"):
        run(step, item(), {"workflow": "invert"}, replace(PNG, environment=environment))


def test_other_files_are_another_result(step: ComfyWorkflow) -> None:
    copied, inverted = (step.parameters(workflow=name) for name in ("copy", "invert"))
    assert step.decisive(copied) == step.decisive(copied) != step.decisive(inverted)


@pytest.mark.parametrize("stage", ["no server", "upload", "queue", "node", "stalled"])
def test_it_is_cancelled_at_each_stage_within_two_seconds(
    comfy: FakeServer, step_on: Callable[..., ComfyWorkflow], stage: str
) -> None:
    step, fake = step_on(comfy, patience=replace(QUICK, reach=LONG, gone=LONG)), comfy.fake
    if stage == "no server":
        comfy.die()
    fake.faults.slow_upload = stage == "upload"
    fake.executor.paused = stage == "queue"
    running = Background(step, "slow")
    match stage:
        case "no server":
            eventually(lambda: "waiting for a ComfyUI server" in running.told)
        case "upload":
            comfy.wait_for(lambda fake: fake.upload_began)
        case "queue":
            eventually(lambda: fake.executor.pending)
        case _:
            comfy.wait_for(lambda fake: fake.executor.slow_began)
    fake.faults.stalled = stage == "stalled"
    running.cancel()
    fake.faults.stalled = fake.faults.slow_upload = False
    if stage in ("queue", "node"):
        eventually(lambda: not fake.executor.running and not fake.executor.pending)
        assert "ImageInvert" not in fake.executor.ran
