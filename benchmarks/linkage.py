"""How many duplicates linkage finds, and how many it makes up, on the four FEBRL sets.

Nothing is learned from the truth: parameters are estimated from the records alone, the threshold
is the same for all four sets, and the truth is read after the pairs are there. `soc_sec_id`, which
is nearly a key, is left out unless asked for.

    benchmarks/linkage.py [FOLDER] [--with-ids]

FOLDER has dataset1.csv.gz to dataset4b.csv.gz as the Python Record Linkage Toolkit ships them,
with the columns rec_id and entity_id. They are under the ANUOS licence and so are not shipped here.
"""

import argparse
import csv
import gzip
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from personalization.linkage.scoring import ID, Field, Model, Pair, link

THRESHOLD = 0.9
FIELDS = (
    Field("given_name", "name"),
    Field("surname", "name"),
    Field("street_number", "code"),
    Field("address_1", "text"),
    Field("suburb", "text"),
    Field("postcode", "code"),
    Field("date_of_birth", "code"),
)
NATIONAL_ID = Field("soc_sec_id", "code")
BLOCKINGS = (
    ("given_name", "surname"),
    ("date_of_birth",),
    ("address_1",),
    ("postcode", "surname"),
    ("postcode", "given_name"),
    ("postcode", "street_number"),
    ("suburb", "surname"),
    ("suburb", "given_name"),
    ("suburb", "street_number"),
    ("surname", "street_number"),
    ("given_name", "street_number"),
)
SETS = {"1": ("dataset1",), "2": ("dataset2",), "3": ("dataset3",), "4": ("dataset4a", "dataset4b")}
Record = dict[str, Any]
Truth = set[frozenset[str]]


def main() -> None:
    arguments = _arguments()
    if arguments.folder is None:
        print("Not measured: name the folder of the FEBRL sets, or set FEBRL_DIR.")
        return
    model = Model(FIELDS + (NATIONAL_ID,) * arguments.with_ids, BLOCKINGS)
    print(f"probability over {THRESHOLD}, {len(model.fields)} fields")
    print("set  records    true   found precision  recall      F1  seconds")
    for name, files in SETS.items():
        tables = [_read(arguments.folder / f"{file}.csv.gz") for file in files]
        started = time.perf_counter()
        pairs = link(
            records=tables[0],
            others=tables[1] if len(tables) > 1 else None,
            model=model,
            least=THRESHOLD,
        )
        _report(name, tables, pairs, seconds=time.perf_counter() - started)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=os.environ.get("FEBRL_DIR") or None,
        help="where dataset1.csv.gz to dataset4b.csv.gz are; FEBRL_DIR says it as well",
    )
    parser.add_argument("--with-ids", action="store_true", help="compare soc_sec_id as well")
    return parser.parse_args()


def _read(path: Path) -> list[Record]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [{**row, ID: row["rec_id"]} for row in csv.DictReader(lines)]


def _report(
    name: str, tables: Sequence[Sequence[Record]], pairs: Iterable[Pair], *, seconds: float
) -> None:
    truth = _truth(tables)
    found = {frozenset((pair.left, pair.right)) for pair in pairs}
    right = len(found & truth)
    precision, recall = right / len(found), right / len(truth)
    f1 = 2 * precision * recall / (precision + recall)
    records = sum(map(len, tables))
    print(
        f"{name:>3}{records:9,}{len(truth):8,}{len(found):8,}"
        f"{precision:10.4f}{recall:8.4f}{f1:8.4f}{seconds:9.1f}"
    )


def _truth(tables: Sequence[Sequence[Record]]) -> Truth:
    """Return the pairs of one entity; between the two tables only where there are two."""
    of_entity: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, table in enumerate(tables):
        for record in table:
            of_entity[record["entity_id"]].append((number, record[ID]))
    return {
        frozenset((left, right))
        for members in of_entity.values()
        for (first, left), (second, right) in combinations(members, 2)
        if len(tables) == 1 or first != second
    }


if __name__ == "__main__":
    main()
