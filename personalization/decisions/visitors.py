"""Who is asking."""

from dataclasses import dataclass

from consent.subjects import Identifier, Subject


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser (its consent id), an account, both or neither; empty texts are not known."""

    anonymous_id: str = ""
    user_id: str = ""

    @property
    def subject(self) -> Subject:
        """Whose consent is asked."""
        return Subject.of(anonymous_id=self.anonymous_id, user_id=self.user_id)

    @property
    def pseudonyms(self) -> list[str]:
        """Pseudonyms that may lead to the profile; the account is asked first."""
        stated = (("user", self.user_id), ("anonymous", self.anonymous_id))
        return [Identifier(kind, value).pseudonym for kind, value in stated if value]
