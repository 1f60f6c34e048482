"""Everything a decision needs to know of a visitor, in one round trip to Redis."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import redis

from consent.checking import Choices, choice_keys, read_choices
from consent.keyspaces import redis_connection
from personalization.activation.due import DUE, read_due
from personalization.decisions.visitors import Visitor
from personalization.profiles.facts import Facts, empty_facts, unpack
from personalization.profiles.remembering import FACTS, IDENTIFIERS, OF_ACCOUNT
from personalization.recommender.representations import MODEL, VECTORS
from personalization.segments.publishing import RULESETS

logger = logging.getLogger(__name__)

# Which profile an identifier names decides which facts to read, so the script follows that step
# inside Redis instead of coming back for it. A browser that belongs to an account is nobody else's:
# whoever signs in on it with another one is not taken for its owner.
SCRIPT: Final = """
local identifiers = tonumber(ARGV[1])
local profile, foreign = false, 0
for i = 1, identifiers do
    local held = redis.call('GET', KEYS[i])
    local id = held and string.match(held, '%d+')
    if id and id ~= profile then
        if i > 1 and string.sub(held, 1, 1) == ARGV[7] then foreign = 1
        elseif not profile then profile = id end
    end
end
local model = redis.call('GET', ARGV[4])
local facts, vector, due = false, false, {}
if profile then
    due = redis.call('HGETALL', ARGV[6] .. profile)
    facts = redis.call('GET', ARGV[2] .. profile)
    if model then vector = redis.call('GET', ARGV[3] .. model .. ':' .. profile) end
end
local answer = {profile, foreign, facts, vector, due, model, redis.call('GET', ARGV[5])}
for i = identifiers + 1, #KEYS do answer[#answer + 1] = redis.call('GET', KEYS[i]) end
return answer
"""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known now. Without consent to personalization there are no facts and no vector.

    `due` are activities to show once, each with the epoch seconds until which it is due.
    `is_reachable` is False when Redis did not answer; everything else is then empty.
    """

    choices: Choices
    facts: Facts = field(default_factory=empty_facts)
    profile_id: int | None = None
    vector: bytes | None = None
    due: Mapping[str, float] = field(default_factory=dict)
    model_version: int | None = None
    ruleset_version: int | None = None
    is_reachable: bool = True

    @property
    def may_personalize(self) -> bool:
        """Whether the visitor agreed to be recognised."""
        return self.choices.allows("personalization")


def know(visitor: Visitor) -> Knowledge:
    """Return what is known of the visitor; never raises."""
    try:
        raw = _ask(visitor)
    except redis.RedisError as error:
        logger.warning("Redis cannot be reached; pages show their fallbacks: %s", error)
        return Knowledge(choices=read_choices([]), is_reachable=False)
    profile, is_foreign, facts, vector, due, model, ruleset, *choices = raw
    known = Knowledge(
        choices=_own(choices) if is_foreign else read_choices(choices),
        model_version=int(model) if model else None,
        ruleset_version=int(ruleset) if ruleset else None,
    )
    if not known.may_personalize:
        return known
    return Knowledge(
        choices=known.choices,
        facts=unpack(facts) if facts else empty_facts(),
        profile_id=int(profile) if profile else None,
        vector=vector,
        due=read_due(due),
        model_version=known.model_version,
        ruleset_version=known.ruleset_version,
    )


def _own(choices: Sequence[bytes | None]) -> Choices:
    """Return what counts on a browser that is somebody else's; the account's own choice is last."""
    return read_choices(choices).granted_only_by(read_choices(choices[-1:]))


def _ask(visitor: Visitor) -> list[Any]:
    identifiers = [IDENTIFIERS.key(pseudonym) for pseudonym in visitor.pseudonyms]
    answer: list[Any] = _script()(
        keys=[*identifiers, *choice_keys(visitor.subject)],
        args=[
            len(identifiers),
            FACTS.key(""),
            VECTORS.key(""),
            MODEL.key("live"),
            RULESETS.key("version"),
            DUE.key(""),
            OF_ACCOUNT,
        ],
        client=redis_connection(),
    )
    return answer


@cache
def _script() -> Any:
    return redis_connection().register_script(SCRIPT)
