import tempfile

import pandas as pd
from shop.model import score, train

orders = pd.DataFrame(
    {
        "order_id": [f"O-{n:04d}" for n in range(60)],
        "kind": ["shoes", "coat", "hat"] * 20,
        "price": [10.5 + n for n in range(60)],
        "items": [1, 2, 3, 4] * 15,
        "came_back": [0, 1, 1, 0, 0] * 12,
    }
)
with tempfile.TemporaryDirectory() as folder:
    train(orders, folder)
    print(score(folder, orders.drop(columns="came_back").to_dict("records"))[:2])
