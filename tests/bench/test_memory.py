"""What scoring takes of memory."""

from bench.memory import memory


def test_a_peak_is_told_in_megabytes_beside_that_of_a_tenth():
    peak = memory(members=50_000)
    assert peak.what == "WinbackModel.predict, memory of 50,000"
    assert peak.ours > peak.floor > 0
    assert all(cell.endswith(" MB") for cell in peak.cells)
