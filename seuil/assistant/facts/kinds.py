"""The facts by what answers them: yes or no, a count, months, an amount."""

from __future__ import annotations

BOOLEANS = frozenset(
    [
        "disaster_recognised",
        "wants_support",
        "employee_agrees",
        "trial_period",
        "job_promised",
        "transfer_within_6_months",
        "worked_1_month_in_last_3",
        "bail_mobilite",
        "student_or_apprentice",
        "main_residence",
        "seeks_rental",
        "home_loan",
        "resources_decreased",
        "charges_increased",
        "overindebtedness_file",
        "regular_stay",
        "other_support_measure",
        "landlord_in_soli_al",
    ]
)
WHOLE = frozenset({"employer_size", "last_employer_size", "age"})
MONTHS = frozenset(
    {
        "contract_months", "months_since_job_loss", "months_in_job", "job_start_in_months",
        "aslli_months_already",
    }
)  # fmt: skip
AMOUNTS = frozenset(
    {"hours_last_12_months", "net_monthly_pay", "rent_with_charges", "household_resources"}
)
NUMBERS = WHOLE | MONTHS | AMOUNTS
