"""Find records that are probably one person, and say by how much each field speaks for it.

Fellegi and Sunter's model with term frequencies, its parameters estimated without labels
(expectation maximisation), by Splink on DuckDB. Knows plain records only: whose they are is
somebody else's matter.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from personalization.linkage.comparing import comparison, words_of
from personalization.linkage.estimating import Names, Tell, estimate, share_of_pairs, with_pairs

# It tells every step of every estimation.
logging.getLogger("splink").setLevel(logging.ERROR)

Record = Mapping[str, Any]
ID: Final = "record_id"


class CannotLink(Exception):
    """There is not enough to compare; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the records, and which of COMPARISONS tells how alike two values are."""

    name: str
    comparison: str


@dataclass(frozen=True, slots=True)
class Model:
    """What is compared, and which pairs are looked at: those that agree in all of one blocking."""

    fields: tuple[Field, ...]
    blockings: tuple[Names, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What one field adds to the weight of a pair, in bits: above zero it speaks for one person."""

    field: str
    finding: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, how probably they are one person, and why.

    `weight`, in bits, is `prior` (what any two records start with) plus all shares.
    """

    left: Any
    right: Any
    probability: float
    weight: float
    prior: float
    shares: tuple[Share, ...]


def _quiet(stage: str, percent: int) -> None:
    """Tell nobody."""


def link(
    *,
    records: Sequence[Record],
    model: Model,
    least: float,
    others: Sequence[Record] | None = None,
    tell: Tell = _quiet,
) -> list[Pair]:
    """Return the pairs that are at least this probable, the most probable first.

    records: each with `record_id` and the fields of the model; empty or missing is not known. With
    `others`, pairs are sought between the two lists only. Raises CannotLink.
    """
    tables = [_table(some, model) for some in (records, others) if some is not None]
    blockings = with_pairs(model.blockings, tables)
    if not blockings:
        return []
    linker = Linker(
        tables, _settings(model, blockings, tables), DuckDBAPI(), set_up_basic_logging=False
    )
    estimate(linker, blockings, tuple(field.name for field in model.fields), tell)
    tell("Comparing", 70)
    found: Any = linker.inference.predict(threshold_match_probability=least)
    rows = found.as_pandas_dataframe().to_dict("records")
    pairs = (_pair(row, model) for row in rows)
    return sorted(pairs, key=lambda pair: (-pair.weight, str(pair.left), str(pair.right)))


def _table(records: Sequence[Record], model: Model) -> pd.DataFrame:
    names = [field.name for field in model.fields]
    rows = [{ID: one[ID], **{name: _clean(one.get(name)) for name in names}} for one in records]
    empty = [name for name in names if not any(row[name] for row in rows)]
    if empty:
        raise CannotLink(f"No record has the field {empty[0]}. Compare it no more, or fill it.")
    return pd.DataFrame(rows, dtype=object)


def _clean(value: Any) -> str | None:
    written = " ".join(str(value or "").lower().split())
    return written or None


def _settings(
    model: Model, blockings: Sequence[Names], tables: Sequence[pd.DataFrame]
) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        unique_id_column_name=ID,
        probability_two_random_records_match=share_of_pairs(blockings, tables, id_column=ID),
        comparisons=[comparison(field.name, field.comparison) for field in model.fields],
        blocking_rules_to_generate_predictions=[block_on(*names) for names in blockings],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
    )


def _pair(row: Mapping[str, Any], model: Model) -> Pair:
    shares = tuple(_share(row, field) for field in model.fields)
    weight = float(row["match_weight"])
    return Pair(
        left=row[f"{ID}_l"],
        right=row[f"{ID}_r"],
        probability=float(row["match_probability"]),
        weight=weight,
        prior=weight - sum(share.weight for share in shares),
        shares=shares,
    )


def _share(row: Mapping[str, Any], field: Field) -> Share:
    factor = row[f"bf_{field.name}"] * row.get(f"bf_tf_adj_{field.name}", 1.0)
    finding = words_of(field.comparison, int(row[f"gamma_{field.name}"]))
    return Share(field.name, finding, math.log2(factor))
