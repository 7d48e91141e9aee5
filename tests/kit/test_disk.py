"""The disk is asked, not believed."""

from gonghui.kit.disk import FULL, SOON_FULL, lack


def test_a_disk_with_room_that_takes_a_file_lacks_nothing(tmp_path):
    assert lack(tmp_path, floor=1) == ""
    assert list(tmp_path.iterdir()) == []
    assert FULL < SOON_FULL


def test_too_little_room_is_told_with_both_numbers(tmp_path):
    assert lack(tmp_path, floor=2**60).endswith(" GiB free, less than 1073741824.00 GiB")


def test_a_disk_that_takes_no_file_is_told_with_the_reason_and_without_the_folder(tmp_path):
    assert lack(tmp_path / "gone", floor=1) == "cannot be written to: No such file or directory"
