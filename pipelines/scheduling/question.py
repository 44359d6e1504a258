"""What a person is asked before money goes out, and what becomes of the answer."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param

from pipelines.scheduling import campaign_days

SUBJECT = "Pay {amount} in {payments} payments?"
BODY = """
| | batch {batch_id} |
|---|---|
| Total | **{amount}** |
| Payments | {payments} |
| Customers paid for | {customers} |
| To be executed on | {execution_date} |
| Last day to pay | {pay_by} |
| Decided by run | `{run_id}` |
| Prepared by | {prepared_by} |
| SHA-256 of payout.xml | `{sha256}` |

Look at it before you answer: `{folder}`

`cashback verify {batch_id}` checks every byte of it.

**{prepared_by} cannot approve**: it takes another person than who started this. Nothing
is approved by waiting, and a byte that changes from now on voids the approval.
{late}"""
LATE = "\n**It is paid after its last day.** The reason that is recorded: `{reason}`\n"
NO_REASON = """
**It would be paid after its last day, and no reason was given, so it will not be
sent**: reject it, and start the close anew with a late reason.
"""


class Question(ApprovalOperator):
    """Ask whether a batch is to be paid, as the ledger has it; record who said yes.

    Who operates Airflow may edit what tasks tell each other. So neither the question
    nor the answer comes from there, and the approval is recorded before anything else.
    """

    def __init__(self, *, prepared_by: str, **kwargs: Any) -> None:
        super().__init__(
            subject="Pay?",
            body=None,
            # After a no, nothing goes on. No default and no time-out: silence is no.
            ignore_downstream_trigger_rules=True,
            **kwargs,
        )
        self.prepared_by_task = prepared_by

    def execute(self, context: Any) -> Any:
        """Ask, and wait without a worker."""
        from pipelines.scheduling import tasks

        prepared = context["ti"].xcom_pull(task_ids=self.prepared_by_task)
        facts = tasks.asked(prepared)
        self.subject = SUBJECT.format(**facts)
        self.body = body_of(facts, context["params"].get("late_reason"))
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Record a yes, and return by whom; after a no, skip what would follow."""
        from pipelines.scheduling import tasks

        answer = dict(super().execute_complete(context, event))
        if answer["chosen_options"] != [self.APPROVE]:
            return None
        return tasks.approve(answer)


def body_of(facts: dict[str, Any], late_reason: str | None) -> str:
    """Return all that a person has to know before the answer, in Markdown."""
    late = ""
    if facts["execution_date"] > facts["pay_by"]:
        # Words of whoever started it: they stand there as they are, and draw nothing.
        reason = " ".join((late_reason or "").replace("`", "'").split())
        late = LATE.format(reason=reason) if reason else NO_REASON
    return BODY.format(**facts, late=late)


def params() -> dict[str, Any]:
    """Return what the form asks of whoever starts the close."""
    return {
        "campaign": Param(
            campaign_days.scheduled_campaign(),
            type="string",
            enum=campaign_days.campaign_ids(),
            title="Campaign",
            description="Which campaign is paid.",
        ),
        "late_reason": Param(
            None,
            type=["null", "string"],
            title="Late reason",
            description="Only if it is paid after its last day: why. It is recorded. "
            "The shipped sample is of 2019, and needs one.",
        ),
    }
