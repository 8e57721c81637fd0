"""A peer of the HPACK tests: Python's hpack. One JSON object a line comes in, one goes out.

{"new": true}                              a new connection, nothing goes out
{"limits": [n, …], "decode": "hex"}        a block to decode, after these changes of the table's limit
{"limits": [n, …], "encode": [[name, value, sensitive], …], "huffman": true}
Strings are bytes as char codes. Every answer tells how many entries the dynamic table has, and their size.
"""

import json
import sys

from hpack import Decoder, Encoder, NeverIndexedHeaderTuple


def main() -> None:
    encoder, decoder = Encoder(), None
    for line in sys.stdin:
        step = json.loads(line)
        if "new" in step:
            encoder, decoder = Encoder(), Decoder(max_header_list_size=1 << 20)
            continue
        if "decode" in step:
            for limit in step["limits"]:
                decoder.max_allowed_table_size = limit
            fields = decoder.decode(bytes.fromhex(step["decode"]), raw=True)
            table = decoder.header_table
            answer = {
                "fields": [
                    [f[0].decode("latin-1"), f[1].decode("latin-1"), isinstance(f, NeverIndexedHeaderTuple)]
                    for f in fields
                ]
            }
        else:
            for limit in step["limits"]:
                encoder.header_table_size = limit
            fields = [(n.encode("latin-1"), v.encode("latin-1"), s) for n, v, s in step["encode"]]
            table = encoder.header_table
            answer = {"block": encoder.encode(fields, huffman=step["huffman"]).hex()}
        answer["length"] = len(table.dynamic_entries)
        answer["size"] = sum(32 + len(n) + len(v) for n, v in table.dynamic_entries)
        print(json.dumps(answer))


main()
