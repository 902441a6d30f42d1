"""Non-maximum suppression: of boxes that overlap much, the one with the highest score stays."""

import numpy as np
from numpy.typing import NDArray


def keep_best(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    iou: float,
    most: int,
) -> NDArray[np.int64]:
    """Suppress by class, as ultralytics and torchvision do.

    Args:
        boxes: (n, 4) as x0, y0, x1, y1.
        scores: (n,); equal scores keep their order.
        labels: (n,) class indices; boxes of different classes do not suppress each other.
        iou: a box is dropped when its intersection over union with a better one is above this.
        most: number of boxes to keep at most.

    Returns:
        Indices of the kept boxes, best first.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size and len(kept) < most:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        same = labels[rest] == labels[best]
        order = rest[~(same & (_iou(boxes[best], boxes[rest]) > iou))]
    return np.array(kept, np.int64)


def _iou(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    union = np.prod(box[2:] - box[:2]) + areas - shared
    ratio: NDArray[np.float32] = np.divide(
        shared, union, out=np.zeros_like(shared), where=union > 0
    )
    return ratio
