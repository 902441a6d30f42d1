"""For each patch in and round a hole: which patch of the known picture fits there best?

PatchMatch (Barnes et al., SIGGRAPH 2009) for all patches of the hole at once: origins pass from neighbour to
neighbour, and each patch looks round its best at random. Patches are compared by `patches.describe`; beside
that, an origin costs the more the further it lies from its target's stratum (`strata`) or column.
"""

import numpy as np
from numpy.typing import NDArray

from steps.backends.inpainting.patches import AREA, RADIUS, SIDE, describe
from steps.imaging.document import Pixels

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

COLUMN_PRICE = 150.0
"""The same for a whole picture's width to the side: near is better when all else is equal."""
INWARD = 1.05
"""A patch's cost counts this much more for each px it lies deeper in the hole: the rim is known best."""
DEEPEST = 40
CENTRE = 0.02
"""A pixel prefers patches that it is the middle of: a patch counts this much more per squared px off."""
DIRECTIONS = ((-1, 0), (1, 0), (0, -1), (0, 1))


class Search:
    """The search at one size of the picture; its methods improve the origins in place."""

    def __init__(
        self,
        pixels: Pixels,
        hole: Flags,
        usable: Flags,
        layers: Floats,
        rng: np.random.Generator,
        stratum_price: float,
    ) -> None:
        """Start from random origins.

        Args:
            pixels: RGB uint8 (height, width, 3).
            hole: bool (height, width), to fill; at least one.
            usable: bool (height, width), may be copied from; at least one, none in the hole.
            layers: strata, (height, width).
            rng: of the random starts and steps.
            stratum_price: squared error (of 0..255² per channel) that an origin a whole picture's height
                off its stratum costs.
        """
        import cv2

        self._stratum_price = np.float32(stratum_price / hole.shape[0])
        self.height, self.width = hole.shape
        self._pixels, self.hole, self._rng = pixels, hole, rng
        kernel = np.ones((SIDE, SIDE), np.uint8)
        marked = hole.astype(np.uint8)
        self.rows, self.columns = np.nonzero(cv2.dilate(marked, kernel))
        self._target = self.rows * self.width + self.columns
        self.number = np.full(hole.shape, -1, np.intp)
        self.number[self.rows, self.columns] = np.arange(len(self.rows))
        depth = cv2.distanceTransform(marked, cv2.DIST_L2, cv2.DIST_MASK_3)
        self._depth = np.minimum(depth[self.rows, self.columns], DEEPEST)
        known = describe(pixels)
        self._known = known.reshape(-1, known.shape[2])
        self._window = _window(self.rows, self.columns, hole.shape)
        self._layers = layers.ravel().astype(np.float32)
        self._usable = whole_patches(usable).ravel()
        sources = np.flatnonzero(self._usable)
        self.origin: Indices = sources[rng.integers(len(sources), size=len(self.rows))]
        self.cost: Floats
        self.compare_with(pixels)

    def compare_with(self, filled: Pixels) -> None:
        """Take a new fill: what origins have to look like."""
        # Only a window round the hole is looked at; its margin keeps the patches at its border whole.
        top, left = self._window[0].start, self._window[1].start
        self._wanted = describe(filled[self._window])[self.rows - top, self.columns - left]
        self.cost = self._cost(self.origin, np.arange(len(self.rows)))

    def start_from(self, down: Indices, right: Indices, known: Flags) -> None:
        """Take offsets where `known`, wherever they lead to a usable patch; keep the random ones elsewhere."""
        row, column = self.rows + down, self.columns + right
        inside = known & (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        flat = np.where(inside, row * self.width + column, 0)
        self.origin = np.where(inside & self._usable[flat], flat, self.origin)
        self.cost = self._cost(self.origin, np.arange(len(self.rows)))

    def improve(self, steps: tuple[int, ...], reach: int) -> None:
        """Pass origins on over each of `steps` px, then look up to `reach` px round the best, halving."""
        for step in steps:
            for down, right in DIRECTIONS:
                other = self._neighbour(down * step, right * step)
                origin = self.origin[other]
                self._offer(
                    origin // self.width - self.rows[other] + self.rows,
                    origin % self.width - self.columns[other] + self.columns,
                )
        while reach >= 1:
            jump = self._rng.integers(-reach, reach + 1, size=(2, len(self.rows)))
            self._offer(self.origin // self.width + jump[0], self.origin % self.width + jump[1])
            reach //= 2

    def origins(self) -> Indices:
        """Return for each pixel of the hole (row by row) the flat index of the pixel to copy.

        Every pixel lies in up to 49 patches; the one that fits best decides.
        """
        rows, columns = np.nonzero(self.hole)
        price = self.cost * np.power(INWARD, self._depth)
        best = np.full(len(rows), np.inf, np.float32)
        found = np.zeros(len(rows), np.intp)
        for down in range(-RADIUS, RADIUS + 1):
            for right in range(-RADIUS, RADIUS + 1):
                origin, patch, real = self._seen_from(rows, columns, down, right)
                off = 1 + CENTRE * (down * down + right * right)
                better = real & (price[patch] * off < best)
                best[better] = price[patch[better]] * off
                found[better] = origin[better]
        return found

    def mean_of_votes(self) -> Pixels:
        """Return the picture with each pixel of the hole as the weighted mean of all patches over it."""
        rows, columns = np.nonzero(self.hole)
        spread = 2 * float(np.percentile(self.cost, 75)) + 8
        weight = np.exp(-self.cost / spread) * np.power(1.15, -self._depth) + 1e-12
        colours = self._pixels.reshape(-1, 3)
        total = np.zeros((len(rows), 3), np.float32)
        weights = np.full(len(rows), 1e-20, np.float32)
        for down in range(-RADIUS, RADIUS + 1):
            for right in range(-RADIUS, RADIUS + 1):
                origin, patch, real = self._seen_from(rows, columns, down, right)
                vote = np.where(real, weight[patch], 0).astype(np.float32)
                total += vote[:, np.newaxis] * colours[origin]
                weights += vote
        result = self._pixels.copy()
        result[rows, columns] = np.rint(total / weights[:, np.newaxis]).astype(np.uint8)
        return result

    def copied(self, origins: Indices) -> Pixels:
        """Return the picture with the hole's pixels copied from `origins` (as `origins()` gives them)."""
        result = self._pixels.copy()
        result[self.hole] = self._pixels.reshape(-1, 3)[origins]
        return result

    def _seen_from(
        self, rows: Indices, columns: Indices, down: int, right: int
    ) -> tuple[Indices, Indices, Flags]:
        """Return what the patch centred (down, right) px off says of each pixel: origin, patch, whether real."""
        row, column = rows + down, columns + right
        inside = (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        patch = np.where(
            inside,
            self.number[np.clip(row, 0, self.height - 1), np.clip(column, 0, self.width - 1)],
            0,
        )
        row = self.origin[patch] // self.width - down
        column = self.origin[patch] % self.width - right
        inside &= (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        return np.where(inside, row * self.width + column, 0), patch, inside

    def _cost(self, origin: Indices, which: Indices) -> Floats:
        apart = self._known[origin] - self._wanted[which]
        cost = np.einsum("nd,nd->n", apart, apart) / np.float32(AREA)
        target = self._target[which]
        layer = np.abs(self._layers[origin] - self._layers[target])
        aside = np.abs(origin % self.width - self.columns[which])
        cost += self._stratum_price * layer
        cost += (COLUMN_PRICE / self.width * aside).astype(np.float32)
        return np.asarray(cost, np.float32)

    def _offer(self, row: Indices, column: Indices) -> None:
        inside = (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        flat = np.where(inside, row * self.width + column, 0)
        which = np.flatnonzero(inside & self._usable[flat] & (flat != self.origin))
        cost = self._cost(flat[which], which)
        better = cost < self.cost[which]
        which = which[better]
        self.origin[which], self.cost[which] = flat[which], cost[better]

    def _neighbour(self, down: int, right: int) -> Indices:
        """Return the number of each patch's neighbour; its own where that lies elsewhere."""
        rows = np.clip(self.rows + down, 0, self.height - 1)
        columns = np.clip(self.columns + right, 0, self.width - 1)
        number = self.number[rows, columns]
        return np.where(number >= 0, number, np.arange(len(number)))


def _window(rows: Indices, columns: Indices, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the slices that hold these pixels' patches whole."""
    return (
        slice(max(0, int(rows.min()) - RADIUS), min(shape[0], int(rows.max()) + RADIUS + 1)),
        slice(max(0, int(columns.min()) - RADIUS), min(shape[1], int(columns.max()) + RADIUS + 1)),
    )


def whole_patches(usable: Flags) -> Flags:
    """Return where patches consist of usable pixels alone; where there is none, `usable` itself."""
    import cv2

    kernel = np.ones((SIDE, SIDE), np.uint8)
    inner: Flags = cv2.erode(usable.astype(np.uint8), kernel) > 0
    inner[:RADIUS] = inner[-RADIUS:] = False
    inner[:, :RADIUS] = inner[:, -RADIUS:] = False
    return inner if inner.any() else usable
