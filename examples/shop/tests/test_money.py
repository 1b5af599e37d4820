from core.money import convert


def test_euro_stay_euro():
    assert convert(10.0, "EUR") == 10.0
