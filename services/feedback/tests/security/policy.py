"""Who may call what of feedback, said a second time: by role, in operation ids."""

from tests.security.authorisation import Policy

POLICY = Policy(
    permitted={
        "kiosk": """
            find_evaluation read_evaluation submit_evaluation
        """,
        "lobby_manager": """
            list_complaints open_complaint read_complaint
        """,
        "teller": """
            list_complaints open_complaint read_complaint
        """,
        "seller": """
            list_complaints open_complaint read_complaint
        """,
        "outlet_head": """
            assign_intake_owner find_evaluation list_complaints list_evaluations list_intake_owners
            open_complaint read_complaint read_evaluation
        """,
        "complaint_handler": """
            assign_intake_owner decide_complaint list_complaints list_intake_owners
            list_unmatched_complaints open_complaint read_complaint read_sale settle_complaint
            withdraw_complaint
        """,
        "evaluator_hq": """
            find_evaluation list_complaints list_evaluations read_complaint read_evaluation
        """,
        "compliance_officer": """
            list_complaints list_unmatched_complaints read_complaint read_sale
        """,
        "auditor": """
            find_evaluation list_complaints list_evaluations list_intake_owners
            list_unmatched_complaints read_complaint read_evaluation read_sale
        """,
        "customer": """
            find_evaluation list_complaints open_complaint read_complaint read_evaluation
            submit_evaluation withdraw_complaint
        """,
    },
    # A customer may complain about any outlet.
    open={"customer": "open_complaint"},
)
