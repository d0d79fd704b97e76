"""Who may call what of compliance, said a second time: by role, in operation ids."""

from tests.security.authorisation import Policy

POLICY = Policy(
    permitted={
        "seller": """
            attempt_sale check_gate check_prohibition create_upload declare_segment
            inspect_recording list_admission_steps list_assessments list_attempts
            list_case_attempts list_cases list_consents list_fee_publications list_offers
            list_partner_reviews list_partner_steps list_partners list_prices list_product_links
            list_products list_publicity list_quotes list_recordings list_relaxations list_rules
            list_sales list_sellers list_service_records list_services list_staff_lists
            list_waivers list_zone_inspections list_zone_orders list_zones open_case
            open_recording quote_fee read_admission read_attempt read_case read_consent
            read_customer read_decision read_offer read_partner read_personal_data read_product
            read_quote read_recording read_relaxation read_sale read_seller read_seller_register
            read_service read_service_record read_staff_list read_upload
            read_website_publication read_zone register_customer render_service replay_decision
            report_customer_change report_incident reveal_personal_data seal_recording
            search_personal_data send_chunk write_personal_data
        """,
        "outlet_head": """
            check_prohibition close_zone list_admission_steps list_attempts list_benchmarks
            list_campaign_refusals list_campaigns list_case_attempts list_cases list_consents
            list_fee_publications list_material_refusals list_material_releases list_materials
            list_offers list_partner_reviews list_partner_steps list_partners list_prices
            list_product_links list_products list_publicity list_quotes list_recordings
            list_relaxations list_rules list_sales list_sellers list_service_records
            list_services list_staff_lists list_waivers list_zone_inspections list_zone_orders
            list_zones open_zone propose_campaign publish_staff_list put_up_fee_notice quote_fee
            read_admission read_attempt read_benchmark read_campaign read_case read_consent
            read_decision read_material read_offer read_partner read_product read_quote
            read_recording read_relaxation read_sale read_seller read_seller_register
            read_service read_service_record read_staff_list read_website_publication read_zone
            release_material render_service replay_decision report_incident submit_material
            suspend_zone withdraw_material
        """,
        "complaint_handler": """
            check_prohibition list_admission_steps list_offers list_partner_reviews
            list_partner_steps list_partners list_prices list_product_links list_products
            list_publicity list_relaxations list_rules list_services list_waivers read_admission
            read_offer read_partner read_personal_data read_product read_relaxation read_service
            report_incident reveal_personal_data search_personal_data
        """,
        "product_admin": """
            admit_partner announce_price change_partner change_product check_prohibition
            check_publicity enter_offer enter_product examine_product grade_product grant_waiver
            import_products introduce_service let_partner_go link_product list_admission_steps
            list_benchmarks list_campaign_refusals list_campaigns list_fee_publications
            list_material_refusals list_material_releases list_materials list_offers
            list_partner_reviews list_partner_steps list_partners list_prices list_product_links
            list_products list_publicity list_relaxations list_rules list_services list_waivers
            name_product_partner propose_benchmark propose_campaign publish_fee_notice
            read_admission read_benchmark read_campaign read_material read_offer read_partner
            read_product read_relaxation read_service read_website_publication readmit_partner
            record_senior_approval release_material report_incident review_partner
            submit_material withdraw_material withdraw_offer withdraw_product
        """,
        "compliance_officer": """
            approve_benchmark approve_campaign approve_material approve_product
            approve_relaxation check_gate check_prohibition close_zone grant_personal_data
            inspect_zone list_admission_steps list_assessments list_attempts list_benchmarks
            list_campaign_refusals list_campaigns list_case_attempts list_cases list_consents
            list_customers list_fee_publications list_incident_steps list_incidents
            list_material_refusals list_material_releases list_materials list_offers
            list_partner_reviews list_partner_steps list_partners list_personal_data_accesses
            list_personal_data_grants list_prices list_product_links list_products
            list_publicity list_quotes list_recording_disposals list_recording_holds
            list_recordings list_relaxations list_rules list_sales list_sellers
            list_service_records list_services list_staff_lists list_unmatched_reports
            list_waivers list_zone_inspections list_zone_orders list_zones place_hold
            read_admission read_attempt read_benchmark read_campaign read_case read_consent
            read_customer read_decision read_disposal read_hold read_incident
            read_incident_reporter read_manifest read_material read_offer read_partner
            read_personal_data read_product read_quote read_recording read_relaxation
            read_retention read_sale read_seller read_seller_register read_service
            read_service_record read_staff_list read_website_publication read_zone
            reject_benchmark reject_campaign reject_material release_hold replay_decision
            report_incident request_disposal reveal_personal_data revoke_relaxation
            search_personal_data suspend_zone take_incident_step verify_recording
            withdraw_material
        """,
        "auditor": """
            check_prohibition list_admission_steps list_assessments list_attempts
            list_benchmarks list_campaign_refusals list_campaigns list_case_attempts list_cases
            list_consents list_customers list_fee_publications list_incident_steps
            list_incidents list_material_refusals list_material_releases list_materials
            list_offers list_partner_reviews list_partner_steps list_partners
            list_personal_data_accesses list_personal_data_grants list_prices list_product_links
            list_products list_publicity list_quotes list_recording_disposals
            list_recording_holds list_recordings list_relaxations list_rules list_sales
            list_sellers list_service_records list_services list_staff_lists
            list_unmatched_reports list_waivers list_zone_inspections list_zone_orders
            list_zones read_admission read_attempt read_benchmark read_campaign read_case
            read_consent read_customer read_decision read_disposal read_hold read_incident
            read_manifest read_material read_offer read_partner read_personal_data read_product
            read_quote read_recording read_relaxation read_retention read_sale read_seller
            read_seller_register read_service read_service_record read_staff_list
            read_website_publication read_zone replay_decision report_incident verify_recording
        """,
        "operator": """
            check_prohibition list_admission_steps list_offers list_partner_reviews
            list_partner_steps list_partners list_prices list_product_links list_products
            list_publicity list_relaxations list_rules list_sellers list_services list_waivers
            read_admission read_offer read_partner read_product read_relaxation read_seller
            read_seller_register read_service report_incident
        """,
        "integration": """
            check_prohibition import_assessment list_admission_steps list_assessments
            list_customers list_offers list_partner_reviews list_partner_steps list_partners
            list_prices list_product_links list_products list_publicity list_relaxations
            list_rules list_services list_waivers read_admission read_customer read_offer
            read_partner read_personal_data read_product read_relaxation read_service
            register_customer report_incident reveal_personal_data search_personal_data
            write_personal_data
        """,
        "customer": """
            answer_consent complete_assessment confirm_level confirm_quote list_assessments
            list_consents list_customers list_rules quote_fee read_case read_consent
            read_customer read_personal_data read_quote report_customer_change report_incident
            withdraw_consent
        """,
    },
    open={
        # Registry and rulebook belong to the bank, and so does a customer to all of its staff.
        "*": """
            admit_partner announce_price approve_benchmark approve_product approve_relaxation
            change_partner change_product check_prohibition check_publicity enter_offer
            enter_product examine_product grade_product grant_waiver import_products
            introduce_service let_partner_go link_product list_admission_steps list_benchmarks
            list_offers list_partner_reviews list_partner_steps list_partners list_prices
            list_product_links list_products list_publicity list_relaxations list_rules
            list_services list_waivers name_product_partner propose_benchmark publish_fee_notice
            read_admission read_benchmark read_offer read_partner read_product read_relaxation
            read_service read_website_publication readmit_partner record_senior_approval
            register_customer reject_benchmark report_incident review_partner revoke_relaxation
            withdraw_offer withdraw_product
        """,
        "seller": """
            list_assessments read_customer read_personal_data report_customer_change
            reveal_personal_data search_personal_data write_personal_data
        """,
        "compliance_officer": """
            grant_personal_data list_assessments list_customers list_personal_data_accesses
            list_personal_data_grants list_unmatched_reports read_customer read_personal_data
            reveal_personal_data search_personal_data
        """,
        "auditor": """
            list_assessments list_customers list_personal_data_accesses
            list_personal_data_grants list_unmatched_reports read_customer read_personal_data
        """,
        "integration": """
            import_assessment list_assessments list_customers read_customer read_personal_data
            reveal_personal_data search_personal_data write_personal_data
        """,
        "complaint_handler": """
            read_personal_data reveal_personal_data search_personal_data
        """,
    },
    public="""
        describe_uploads query_benchmarks query_fee_contact query_partners query_product
        query_products query_service query_staff_list query_tariff
    """,
)
