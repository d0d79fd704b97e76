"""Who may call what of ticketing, said a second time: by role, in operation ids."""

from tests.security.authorisation import Policy

POLICY = Policy(
    permitted={
        "kiosk": """
            issue_ticket list_queues list_services read_business_day read_position read_service
            read_ticket
        """,
        "display": """
            list_counters list_queues list_services read_business_day read_service
        """,
        "lobby_manager": """
            cancel_ticket issue_ticket list_counters list_open_sessions list_queues list_services
            mark_no_show read_business_day read_counter read_position read_queue read_service
            read_session read_ticket
        """,
        "teller": """
            call_next close_session complete_ticket list_counters list_open_sessions list_queues
            list_services mark_no_show open_session read_business_day read_counter read_position
            read_queue read_service read_session read_ticket recall_ticket start_ticket
        """,
        "outlet_head": """
            change_counter change_queue close_day close_session list_counters list_open_sessions
            list_queues list_services read_business_day read_counter read_position read_queue
            read_service read_session read_ticket set_up_counter set_up_queue
        """,
        "staffing_planner": """
            list_counters list_open_sessions list_queues list_services read_business_day read_counter
            read_position read_queue read_service read_session read_ticket
        """,
        "auditor": """
            list_counters list_open_sessions list_queues list_services read_business_day read_counter
            read_position read_queue read_service read_session read_ticket
        """,
        "operator": """
            change_counter change_queue close_day enter_service list_counters list_open_sessions
            list_queues list_services read_business_day read_counter read_position read_queue
            read_service read_session read_ticket rename_service set_up_counter set_up_queue
        """,
        "integration": """
            list_counters list_open_sessions list_queues list_services read_business_day read_counter
            read_position read_queue read_service read_session read_ticket
        """,
        "customer": """
            cancel_ticket issue_ticket list_queues list_services read_business_day read_position
            read_service read_ticket
        """,
    },
    open={
        # The catalogue of services belongs to the bank.
        "*": "enter_service list_services read_service rename_service",
        # A customer belongs to no outlet: whoever knows a ticket's id may follow it, only its taker cancels.
        "customer": "issue_ticket list_queues read_business_day read_position read_ticket",
    },
)
