from collector.views import Difference, Shade
from flows.verdicts import Verdict


def test_every_verdict_has_its_shade() -> None:
    assert {Shade(verdict) for verdict in Verdict} == set(Shade) - {Shade.WAIVED, Shade.ATTESTED}


def test_a_difference_is_empty_until_something_differs() -> None:
    assert Difference().empty
    assert not Difference(sections=("waivers",)).empty
