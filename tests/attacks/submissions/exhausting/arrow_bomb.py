"""Answer with a small table that unpacks to a quarter of a gigabyte.

ends: value
says: unpacks to
limits: cpu=20 reply=67108864
"""

import pyarrow as pa
from bridge import frame, head, record, send


def attack(bait):
    table = pa.table({"0": pa.array([0] * 30_000_000, type=pa.int64())})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    data = sink.getvalue().to_pybytes()
    node = {"t": [30_000_000, [["a", "int64"]], [["a"], 1, [None]], [[None], [0, 30_000_000, 1]], 0]}
    send(frame(b"R", head(record(value=node), [len(data)]) + data))
