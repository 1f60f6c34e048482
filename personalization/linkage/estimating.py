"""Estimate a linkage model's parameters from the records alone, however few or alike they are."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import pandas as pd
from splink import DuckDBAPI, block_on
from splink.blocking_analysis import cumulative_comparisons_to_be_scored_from_blocking_rules_data

Tell = Callable[[str, int], None]
Names = tuple[str, ...]
SEED: Final = 20_260_101
# Pairs drawn at random, from which the chance of agreeing by accident is estimated.
RANDOM_PAIRS: Final = 1_000_000
# Of all true pairs, about so many agree in everything that one of the blockings asks for.
BLOCKING_RECALL: Final = 0.6
# Where nobody agrees in two fields, half a pair is believed in: none at all would mean that no
# likeness, however great, could ever tell anything.
FEWEST_PAIRS: Final = 0.5
# Where all agree with all, the field tells nothing, and this share is as much as is believed.
MOST: Final = 0.9


def with_pairs(blockings: Iterable[Names], tables: Sequence[pd.DataFrame]) -> tuple[Names, ...]:
    """Return the blockings in all of which any two records agree.

    The others would bring no pair. To train on one is worse than useless: Splink raises, and its
    linker has by then lost the comparisons of these fields.
    """
    return tuple(names for names in blockings if _anyone_agrees(names, tables))


def share_of_pairs(
    blockings: Iterable[Names], tables: Sequence[pd.DataFrame], *, id_column: str
) -> float:
    """Return how probably two records drawn at random are one person; over 0, and under 1."""
    # One field alone brings strangers together; two and more hardly do.
    strict = [block_on(*names) for names in blockings if len(names) > 1]
    possible = _possible_pairs(tables)
    agreeing = _agreeing(strict, tables, id_column) if strict else 0
    return min(max(agreeing / BLOCKING_RECALL, FEWEST_PAIRS) / possible, MOST)


def estimate(linker: Any, blockings: Iterable[Names], fields: Names, tell: Tell) -> None:
    """Estimate how often strangers agree, and how often one person's records do.

    What no blocking can teach about a field keeps Splink's own values.
    """
    tell("Estimating how often strangers agree", 10)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    # Pairs that agree in every field teach nothing about any.
    teaching = [names for names in blockings if set(fields) - set(names)]
    for number, names in enumerate(teaching):
        percent = 20 + 50 * number // len(teaching)
        tell("Estimating how often one person's records agree", percent)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*names))


def _anyone_agrees(names: Names, tables: Sequence[pd.DataFrame]) -> bool:
    known = [table[list(names)].dropna() for table in tables]
    if len(known) == 1:
        return bool(known[0].duplicated().any())
    return not known[0].merge(known[1], on=list(names)).empty


def _possible_pairs(tables: Sequence[pd.DataFrame]) -> int:
    if len(tables) == 1:
        return max(len(tables[0]) * (len(tables[0]) - 1) // 2, 1)
    return max(len(tables[0]) * len(tables[1]), 1)


def _agreeing(strict: Sequence[Any], tables: Sequence[pd.DataFrame], id_column: str) -> int:
    counted: Any = cumulative_comparisons_to_be_scored_from_blocking_rules_data(
        table_or_tables=tables,
        blocking_rules=strict,
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        db_api=DuckDBAPI(),
        unique_id_column_name=id_column,
    )
    return int(counted["cumulative_rows"].iloc[-1])
