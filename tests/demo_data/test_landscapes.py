"""The demo's landscapes: small, and the same each time."""

from io import BytesIO

import pytest
from PIL import Image

from gonghui.demo_data.landscapes import HEIGHT, SCENES, WIDTH, landscape, route_map


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_words_draw_the_same_picture_and_others_another(scene):
    picture = landscape(scene, "晨雾中的竹海")
    assert picture == landscape(scene, "晨雾中的竹海")
    assert picture != landscape(scene, "镇外的山路")
    assert len(picture) < 150_000
    with Image.open(BytesIO(picture)) as image:
        assert image.size == (WIDTH, HEIGHT)


def test_the_map_of_a_route_is_a_pdf():
    assert route_map().startswith(b"%PDF-")
