"""How a check says that it is over."""

from flows.outcomes import Outcome, Stage
from probe.engine.ended import Ended


def test_it_says_what_where_and_why() -> None:
    ended = Ended(Outcome.HUNG, Stage.TLS, "said nothing")

    assert str(ended) == "hung at tls: said nothing"
    assert (ended.sender, ended.icmp, ended.routed) == (None, None, True)
