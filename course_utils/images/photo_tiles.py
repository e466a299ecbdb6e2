"""Cut 32x32 tiles in ten classes out of the photos that scikit-image and scikit-learn ship.

The files are read in place; neither package is imported. data/photo_tiles.md is the card.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course_utils.data import locate

SIDE = 32
CELL, GAP = 72, 8  # a photo is divided into square cells, with a gap between them
EVERY = 4  # one cell in four is kept for the test tiles
PER_CLASS = {"train": 300, "test": 100}
LEAST_CONTRAST = 8.0  # standard deviation of brightness: flatter crops show nothing
_LUMINANCE = np.array([0.299, 0.587, 0.114])
SOURCES = {
    "brick": ("skimage:data/brick.png",),
    "cat": ("skimage:data/chelsea.png",),
    "coffee": ("skimage:data/coffee.png",),
    "coins": ("skimage:data/coins.png",),
    "galaxies": ("skimage:data/hubble_deep_field.jpg",),
    "grass": ("skimage:data/grass.png",),
    "gravel": ("skimage:data/gravel.png",),
    "temple": ("sklearn:datasets/images/china.jpg",),
    "text": ("skimage:data/page.png", "skimage:data/text.png"),
    "tissue": ("skimage:data/ihc.png",),
}


def make_tiles(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the tiles of "train" or "test" (m, 32, 32, 3) uint8 and their labels (m, 1) uint8.

    They are the same every time, shuffled.
    """
    tiles, labels = [], []
    for label, files in enumerate(SOURCES.values()):
        rng = np.random.default_rng((label, part == "test"))
        photos = [_photo(file) for file in files]
        crops = _crops(photos, part, rng)
        found = [next(crops) for _ in range(PER_CLASS[part])]
        tiles.append(_under_another_lamp(np.array(found), rng))
        labels += [label] * len(found)
    order = np.random.default_rng(part == "test").permutation(len(labels))
    return np.concatenate(tiles)[order], np.array(labels, np.uint8)[order, None]


def cells(height: int, width: int, part: str) -> list[tuple[int, int]]:
    """List the top left corners of the cells of a photo that belong to "train" or to "test"."""
    step = CELL + GAP
    corners = [
        (row, column)
        for row in range((height - CELL) // step + 1)
        for column in range((width - CELL) // step + 1)
    ]
    chosen = [c for c in corners if ((c[0] + 2 * c[1]) % EVERY == 1) == (part == "test")]
    return [(row * step, column * step) for row, column in chosen]


def _photo(file: str) -> np.ndarray:
    """Read a photo as (H, W, 3) float; grey ones get the same number in all three channels."""
    from PIL import Image  # lazy: it comes with matplotlib

    with Image.open(locate(file)) as image:
        return np.asarray(image.convert("RGB"), np.float32)


def _crops(photos: list[np.ndarray], part: str, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw crops (32, 32, 3) from the cells of a part, at full or half size, some mirrored."""
    places = [
        photo[top : top + CELL, left : left + CELL]
        for photo in photos
        for top, left in cells(photo.shape[0], photo.shape[1], part)
    ]
    while True:
        cell = places[rng.integers(len(places))]
        scale = int(rng.integers(1, 3))  # pixels of the photo to a pixel of the tile
        top, left = rng.integers(0, CELL - scale * SIDE + 1, 2)
        crop = cell[top : top + scale * SIDE, left : left + scale * SIDE]
        crop = crop.reshape(SIDE, scale, SIDE, scale, 3).mean(axis=(1, 3))
        if rng.integers(2):
            crop = crop[:, ::-1]
        if (crop @ _LUMINANCE).std() >= LEAST_CONTRAST:
            yield crop


def _under_another_lamp(tiles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each tile its own brightness, contrast, colour strength and cast, as uint8.

    So neither brightness nor greyness gives a class away. tiles: (m, 32, 32, 3).
    """
    m = len(tiles)

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (m, 1, 1, 1))

    grey = (tiles @ _LUMINANCE)[..., None]  # (m, 32, 32, 1)
    coloured = grey + draw(0, 1) * (tiles - grey)
    spread = grey.std(axis=(1, 2), keepdims=True)
    level = grey.mean(axis=(1, 2), keepdims=True)
    lit = (coloured - level) / spread * draw(25, 55) + draw(85, 165)
    lit = lit * np.exp(rng.normal(0, 0.12, (m, 1, 1, 3)))
    return np.clip(np.rint(lit), 0, 255).astype(np.uint8)
