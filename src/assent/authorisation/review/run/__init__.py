"""How dangerous the run is, property by property.

run_properties of the application + facts of it + ReviewPolicy -> findings with reasons
"""

from assent.authorisation.review.run.finding import (
    FindingInvalid,
    RunFinding,
    finding_of,
    settle,
)
from assent.authorisation.review.run.judge import RunFacts, judge_run
from assent.authorisation.review.run.properties import (
    HazardStatement,
    PropertiesInvalid,
    RunProperties,
    run_properties_of,
)

__all__ = [
    "FindingInvalid",
    "HazardStatement",
    "PropertiesInvalid",
    "RunFacts",
    "RunFinding",
    "RunProperties",
    "finding_of",
    "judge_run",
    "run_properties_of",
    "settle",
]
