"""Who may call what of staffing, said a second time: by role, in operation ids."""

from tests.security.authorisation import Policy

POLICY = Policy(
    permitted={
        "outlet_head": """
            list_employees list_experience list_outlets list_trainings list_unmatched_workload list_workload
            read_employee read_outlet read_qualification read_workload
        """,
        "staffing_planner": """
            annul_training change_employee change_outlet close_outlet grant_qualification join_employee
            leave_employee list_employees list_experience list_outlets list_trainings
            list_unmatched_workload list_workload open_outlet read_employee read_outlet read_qualification
            read_workload record_experience record_training revoke_qualification suspend_qualification
        """,
        "evaluator_hq": """
            list_employees list_experience list_outlets list_trainings list_unmatched_workload list_workload
            read_employee read_outlet read_qualification read_workload
        """,
        "compliance_officer": """
            annul_training list_employees list_experience list_outlets list_trainings
            list_unmatched_workload list_workload read_employee read_outlet read_qualification read_workload
            reinstate_qualification revoke_qualification suspend_qualification
        """,
        "auditor": """
            list_employees list_experience list_outlets list_trainings list_unmatched_workload list_workload
            read_employee read_outlet read_qualification read_workload
        """,
        "operator": """
            list_employees list_experience list_outlets list_trainings list_unmatched_workload list_workload
            read_employee read_outlet read_qualification read_workload
        """,
        "integration": """
            list_employees list_experience list_outlets list_trainings list_unmatched_workload list_workload
            read_employee read_outlet read_qualification read_workload
        """,
    },
    # What is new belongs to no outlet yet.
    open={"staffing_planner": "open_outlet"},
)
