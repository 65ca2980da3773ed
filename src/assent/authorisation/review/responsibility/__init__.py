"""How responsible the developer is, practice by practice.

answers + accepted evidence + ReviewPolicy + date -> Responsibility: score and gates
"""

from assent.authorisation.review.responsibility.answer import (
    Answer,
    AnswerInvalid,
    Side,
    Status,
    answer_of,
)
from assent.authorisation.review.responsibility.judge import (
    GateOutcome,
    ItemScore,
    Responsibility,
    judge_responsibility,
)
from assent.authorisation.review.responsibility.questionnaire import (
    Practice,
    Questionnaire,
    QuestionnaireInvalid,
    parse_questionnaire,
)

__all__ = [
    "Answer",
    "AnswerInvalid",
    "GateOutcome",
    "ItemScore",
    "Practice",
    "Questionnaire",
    "QuestionnaireInvalid",
    "Responsibility",
    "Side",
    "Status",
    "answer_of",
    "judge_responsibility",
    "parse_questionnaire",
]
