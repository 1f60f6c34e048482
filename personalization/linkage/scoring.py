"""Find records that are probably one person, and say by how much each field speaks for it.

Fellegi and Sunter's model with term frequencies, its parameters estimated without labels (expectation
maximisation), by Splink on DuckDB. Knows plain records only: whose they are is somebody else's.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

logging.getLogger("splink").setLevel(logging.ERROR)

Record = Mapping[str, Any]
Tell = Callable[[str, int], None]
ID: Final = "record_id"
SEED: Final = 20_260_101
# Random pairs from which the chance of agreeing by accident is estimated.
RANDOM_PAIRS: Final = 1_000_000
# Of all true pairs, about so many agree in everything that one of the sure rules asks for.
SURE_RECALL: Final = 0.6
# Below this nobody needs to look, whatever the thresholds say.
LEAST_KEPT: Final = 0.05


class CannotLink(Exception):
    """There is not enough to compare."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the records, and which of COMPARISONS tells how alike two values are."""

    name: str
    comparison: str


@dataclass(frozen=True, slots=True)
class Model:
    """What is compared, and which pairs are looked at: those that agree in all of one blocking."""

    fields: tuple[Field, ...]
    blockings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What one field adds to the weight of a pair; `weight` is in bits."""

    field: str
    finding: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the probability that they are one person, and why.

    The weight in bits is `prior` plus all shares.
    """

    left: Any
    right: Any
    probability: float
    weight: float
    prior: float
    shares: tuple[Share, ...]


def _name(field: str) -> Any:
    return comparisons.CustomComparison(
        output_column_name=field,
        comparison_levels=[
            levels.NullLevel(field),
            levels.ExactMatchLevel(field, term_frequency_adjustments=True),
            levels.JaroWinklerLevel(field, 0.92),
            levels.JaroWinklerLevel(field, 0.85),
            levels.JaroWinklerLevel(field, 0.7),
            levels.ElseLevel(),
        ],
    )


def _text(field: str) -> Any:
    return comparisons.JaroWinklerAtThresholds(field, [0.92, 0.8]).configure(
        term_frequency_adjustments=True
    )


def _code(field: str) -> Any:
    return comparisons.DamerauLevenshteinAtThresholds(field, [1, 2])


def _date(field: str) -> Any:
    return comparisons.DamerauLevenshteinAtThresholds(field, [1, 2])


def _exact(field: str) -> Any:
    return comparisons.ExactMatch(field).configure(term_frequency_adjustments=True)


COMPARISONS: Final[Mapping[str, Callable[[str], Any]]] = {
    "name": _name,
    "text": _text,
    "code": _code,
    "date": _date,
    "exact": _exact,
}


def link(
    *,
    records: Sequence[Record],
    model: Model,
    others: Sequence[Record] | None = None,
    least: float = LEAST_KEPT,
    tell: Tell = lambda stage, percent: None,
) -> list[Pair]:
    """Return the pairs at least this probable, the most probable first.

    records: each with `record_id` and the fields of the model; empty or missing is unknown. With
    `others`, pairs are sought between the two lists only. Raises CannotLink.
    """
    tables = [_table(some, model) for some in (records, others) if some is not None]
    linker = Linker(tables, _settings(model, is_one=others is None), DuckDBAPI())
    _estimate(linker, model, tell)
    tell("Comparing", 70)
    found = linker.inference.predict(threshold_match_probability=least)
    rows = found.as_pandas_dataframe().to_dict("records")
    sentences = _findings(linker)
    pairs = [_pair(row, model, sentences) for row in rows]
    return sorted(pairs, key=lambda pair: (-pair.weight, str(pair.left), str(pair.right)))


def _table(records: Sequence[Record], model: Model) -> pd.DataFrame:
    if not records:
        raise CannotLink("There are no records to compare.")
    names = [field.name for field in model.fields]
    rows = [{ID: one[ID], **{name: _clean(one.get(name)) for name in names}} for one in records]
    return pd.DataFrame(rows, dtype=object)


def _clean(value: Any) -> str | None:
    written = " ".join(str(value or "").lower().split())
    return written or None


def _settings(model: Model, *, is_one: bool) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only" if is_one else "link_only",
        unique_id_column_name=ID,
        comparisons=[COMPARISONS[field.comparison](field.name) for field in model.fields],
        blocking_rules_to_generate_predictions=[block_on(*names) for names in model.blockings],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=False,
    )


def _estimate(linker: Any, model: Model, tell: Tell) -> None:
    """Estimate all parameters from the records alone."""
    tell("Estimating how often strangers agree", 10)
    sure = [block_on(*names) for names in model.blockings if len(names) > 1]
    linker.training.estimate_probability_two_random_records_match(sure, recall=SURE_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for number, names in enumerate(model.blockings):
        tell(
            "Estimating how often one person's records agree",
            20 + 50 * number // len(model.blockings),
        )
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*names))


def _findings(linker):
    return {}


def _pair(row, model, sentences):
    shares = []
    for field in model.fields:
        bf = row.get(f"bf_{field.name}", 1.0) * row.get(f"bf_tf_adj_{field.name}", 1.0)
        shares.append(Share(field.name, str(row.get(f"gamma_{field.name}")), math.log2(bf)))
    total = row["match_weight"]
    return Pair(
        row[f"{ID}_l"],
        row[f"{ID}_r"],
        row["match_probability"],
        total,
        total - sum(s.weight for s in shares),
        tuple(shares),
    )
