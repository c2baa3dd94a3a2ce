import tempfile

import numpy as np
import pandas as pd
from shop.model import score, train

draw = np.random.default_rng(3)
kinds = draw.choice(["shoes", "coat", "hat", "belt"], 160)
prices = draw.gamma(3, 20, 160).round(2)
late = draw.random(160) < 0.2 + 0.4 * (kinds == "shoes") + 0.2 * (prices > 60)
orders = pd.DataFrame(
    {
        "order_id": [f"O-{n:04d}" for n in range(160)],
        "kind": kinds,
        "price": prices,
        "items": draw.integers(1, 6, 160),
        "came_back": late.astype(int),
    }
)
with tempfile.TemporaryDirectory() as folder:
    train(orders, folder)
    print(score(folder, orders.drop(columns="came_back").to_dict("records"))[:2])
