from shop import dashboard


def test_it_shows():
    assert dashboard.show
