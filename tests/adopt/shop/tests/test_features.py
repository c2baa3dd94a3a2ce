import pandas as pd
from shop.features import features


def test_an_order_becomes_one_row():
    orders = pd.DataFrame({"kind": ["hat"], "price": [9.5], "items": [1]})
    assert features(orders).shape == (1, 3)
