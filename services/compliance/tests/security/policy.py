"""Who may call what of compliance, said a second time: by role, in operation ids."""

from tests.security.authorisation import Policy

POLICY = Policy(
    permitted={
        "seller": """
            abandon_case attempt_sale attempt_transaction check_gate check_identity check_permission
            check_prohibition compare_rules create_upload declare_party declare_segment give_opinion
            inspect_recording list_admission_steps list_applications list_assessments list_assistance
            list_attempts list_capability_checks list_case_attempts list_cases list_consents list_debits
            list_disclosures list_entitlements list_fee_publications list_guardian_consents
            list_guardians list_imported_sales list_joint_accounts list_joint_terms list_notice_versions
            list_notices list_offering_windows list_offers list_opinions list_parties
            list_partner_reviews list_partner_steps list_partners list_paying_accounts list_plans
            list_prices list_privacy_consents list_product_links list_product_scripts list_products
            list_proposals list_publicity list_quotes list_recommendable_products list_recorder_runs
            list_recorders list_recordings list_relaxations list_remote_recordings list_resolutions
            list_reversals list_rules list_safeguards list_sales list_sellers list_service_records
            list_services list_staff_lists list_transactions list_waivers list_zone_inspections
            list_zone_orders list_zones look_for_profile make_proposal open_application open_case
            open_recording print_rules quote_fee read_admission read_application read_attempt read_case
            read_consent read_customer read_decision read_disclosure read_imported_sale
            read_joint_account read_notice read_offer read_opinion read_outlet_capabilities read_partner
            read_permit read_permit_of_sale read_personal_data read_plan read_privacy_consent
            read_product read_profile read_proposal read_quote read_recorder read_recording
            read_relaxation read_remote_recording read_reversal_of_sale read_sale read_seller
            read_seller_register read_service read_service_record read_staff_list read_transaction
            read_upload read_website_publication read_zone record_call_back record_elderly_care
            record_guardian record_reading_aloud record_thumbprint register_customer render_service
            renew_plan replay_decision report_customer_change report_incident reveal_personal_data
            seal_recording search_personal_data send_chunk set_up_plan show_disclosure show_notice
            state_paying_account take_application_step write_personal_data write_profile
        """,
        "outlet_head": """
            approve_large_amount check_identity check_prohibition close_zone compare_rules
            decide_application declare_party identify_heir list_admission_steps list_applications
            list_assistance list_attempts list_benchmarks list_campaign_refusals list_campaigns
            list_capability_checks list_case_attempts list_cases list_consents list_debits
            list_disclosures list_entitlements list_fee_publications list_imported_sales
            list_innovations list_material_refusals list_material_releases list_materials
            list_notice_versions list_notices list_offering_windows list_offers list_opinions
            list_parties list_partner_reviews list_partner_steps list_partners list_paying_accounts
            list_plans list_prices list_product_links list_product_scripts list_products list_publicity
            list_quotes list_recorder_runs list_recorders list_recordings list_relaxations
            list_remote_recordings list_reversals list_rules list_safeguards list_sales list_sellers
            list_service_records list_services list_staff_lists list_transactions list_unrecorded_zones
            list_waivers list_zone_inspections list_zone_orders list_zones open_application open_zone
            print_rules propose_campaign propose_innovation publish_staff_list put_up_fee_notice
            quote_fee read_admission read_application read_attempt read_benchmark read_campaign
            read_case read_consent read_decision read_disclosure read_imported_sale read_innovation
            read_material read_notice read_offer read_opinion read_outlet_capabilities read_partner
            read_permit read_permit_of_sale read_plan read_product read_quote read_recorder
            read_recording read_relaxation read_remote_recording read_reversal_of_sale read_sale
            read_seller read_seller_register read_service read_service_record read_staff_list
            read_transaction read_website_publication read_zone record_call_back record_elderly_care
            record_reading_aloud record_thumbprint release_material render_service replay_decision
            report_incident state_paying_account submit_material suspend_zone take_application_step
            withdraw_material
        """,
        "complaint_handler": """
            check_permission check_prohibition compare_rules list_admission_steps list_notice_versions
            list_notices list_offering_windows list_offers list_partner_reviews list_partner_steps
            list_partners list_prices list_product_links list_product_scripts list_products
            list_publicity list_relaxations list_rules list_services list_waivers print_rules
            read_admission read_notice read_offer read_partner read_personal_data read_product
            read_relaxation read_service report_incident reveal_personal_data search_personal_data
        """,
        "product_admin": """
            admit_partner announce_price change_partner change_product check_prohibition check_publicity
            compare_rules count_product_enquiries enter_offer enter_product examine_product
            grade_product grant_waiver import_products introduce_service let_partner_go link_product
            list_admission_steps list_benchmarks list_campaign_refusals list_campaigns
            list_fee_publications list_innovations list_material_refusals list_material_releases
            list_materials list_notice_versions list_notices list_offering_windows list_offers
            list_partner_reviews list_partner_steps list_partners list_prices list_product_links
            list_product_scripts list_products list_publicity list_relaxations list_risk_notices
            list_rules list_services list_waivers name_product_partner print_rules propose_benchmark
            propose_campaign propose_innovation publish_fee_notice publish_form read_admission
            read_benchmark read_campaign read_innovation read_material read_notice read_offer
            read_partner read_product read_relaxation read_risk_notice read_service
            read_website_publication readmit_partner record_senior_approval release_material
            report_incident review_partner set_offering_window set_product_script submit_material
            withdraw_material withdraw_offer withdraw_product
        """,
        "compliance_officer": """
            approve_benchmark approve_campaign approve_innovation approve_material approve_product
            approve_relaxation approve_release approve_remote_recording approve_reversal check_gate
            check_outlet_capability check_permission check_prohibition close_zone compare_rules
            complete_data_request count_product_enquiries decide_sales_scope foresee_rules
            grant_personal_data import_legacy_sales inspect_zone list_admission_steps list_applications
            list_assessments list_assistance list_attempts list_benchmarks list_campaign_refusals
            list_campaigns list_capability_checks list_case_attempts list_cases list_consents
            list_customer_data_requests list_customers list_data_incidents list_data_requests
            list_debits list_differences list_disclosures list_entitlements list_fee_publications
            list_guardian_consents list_guardians list_impact_assessments list_imported_sales
            list_incident_steps list_incidents list_innovations list_inspection_exports
            list_joint_accounts list_joint_terms list_legacy_batches list_legacy_gaps
            list_material_refusals list_material_releases list_materials list_notice_versions
            list_notices list_offering_windows list_offers list_opinions list_parties
            list_partner_reviews list_partner_steps list_partners list_paying_accounts
            list_permission_checks list_personal_data_accesses list_personal_data_grants list_plans
            list_prices list_privacy_consents list_product_links list_product_scripts list_products
            list_profile_endings list_proposals list_publicity list_quotes list_reconciliations
            list_recorder_runs list_recorders list_recording_disposals list_recording_holds
            list_recordings list_relaxations list_releases list_remote_recordings list_resolutions
            list_reversal_requests list_reversals list_risk_notices list_rules list_safeguards
            list_sales list_sales_scopes list_sellers list_service_records list_services
            list_staff_lists list_stated_circumstances list_transactions list_unmatched_reports
            list_unrecorded_zones list_waivers list_zone_inspections list_zone_orders list_zones
            look_for_profile open_data_incident place_hold print_rules propose_remote_recording
            publish_notice publish_notice_version read_admission read_application read_attempt
            read_benchmark read_campaign read_case read_circumstances read_consent read_customer
            read_data_incident read_data_request read_decision read_disclosure read_disposal read_hold
            read_imported_sale read_incident read_incident_reporter read_innovation
            read_inspection_export read_joint_account read_legacy_batch read_manifest read_material
            read_notice read_offer read_opinion read_outlet_capabilities read_partner
            read_permission_check read_permit read_permit_of_sale read_personal_data read_plan
            read_privacy_consent read_product read_proposal read_quote read_recorder read_recording
            read_relaxation read_release read_remote_recording read_retention read_reversal_of_sale
            read_reversal_request read_risk_notice read_sale read_sales_scope read_seller
            read_seller_register read_service read_service_record read_staff_list read_transaction
            read_website_publication read_zone record_call_back record_impact_assessment
            register_recorder reject_benchmark reject_campaign reject_data_request reject_innovation
            reject_material reject_remote_recording reject_reversal release_hold replay_decision
            report_incident request_disposal request_reversal retire_recorder reveal_personal_data
            revoke_relaxation search_personal_data suspend_zone take_data_incident_step
            take_incident_step verify_recording withdraw_material withdraw_remote_recording
        """,
        "auditor": """
            check_prohibition compare_rules count_product_enquiries foresee_rules list_admission_steps
            list_applications list_assessments list_assistance list_attempts list_benchmarks
            list_campaign_refusals list_campaigns list_capability_checks list_case_attempts list_cases
            list_consents list_customer_data_requests list_customers list_data_incidents
            list_data_requests list_debits list_differences list_disclosures list_entitlements
            list_fee_publications list_guardian_consents list_guardians list_impact_assessments
            list_imported_sales list_incident_steps list_incidents list_innovations
            list_inspection_exports list_joint_accounts list_joint_terms list_legacy_batches
            list_legacy_gaps list_material_refusals list_material_releases list_materials
            list_notice_versions list_notices list_offering_windows list_offers list_opinions
            list_parties list_partner_reviews list_partner_steps list_partners list_paying_accounts
            list_permission_checks list_personal_data_accesses list_personal_data_grants list_plans
            list_prices list_privacy_consents list_product_links list_product_scripts list_products
            list_profile_endings list_proposals list_publicity list_quotes list_reconciliations
            list_recorder_runs list_recorders list_recording_disposals list_recording_holds
            list_recordings list_relaxations list_releases list_remote_recordings list_resolutions
            list_reversal_requests list_reversals list_risk_notices list_rules list_safeguards
            list_sales list_sales_scopes list_sellers list_service_records list_services
            list_staff_lists list_stated_circumstances list_transactions list_unmatched_reports
            list_unrecorded_zones list_waivers list_zone_inspections list_zone_orders list_zones
            look_for_profile print_rules read_admission read_application read_attempt read_benchmark
            read_campaign read_case read_circumstances read_consent read_customer read_data_incident
            read_data_request read_decision read_disclosure read_disposal read_hold read_imported_sale
            read_incident read_innovation read_inspection_export read_joint_account read_legacy_batch
            read_manifest read_material read_notice read_offer read_opinion read_outlet_capabilities
            read_partner read_permission_check read_permit read_permit_of_sale read_personal_data
            read_plan read_privacy_consent read_product read_proposal read_quote read_recorder
            read_recording read_relaxation read_release read_remote_recording read_retention
            read_reversal_of_sale read_reversal_request read_risk_notice read_sale read_sales_scope
            read_seller read_seller_register read_service read_service_record read_staff_list
            read_transaction read_website_publication read_zone replay_decision report_incident
            verify_recording
        """,
        "operator": """
            check_prohibition compare_rules list_admission_steps list_notice_versions list_notices
            list_offering_windows list_offers list_partner_reviews list_partner_steps list_partners
            list_prices list_product_links list_product_scripts list_products list_publicity
            list_relaxations list_releases list_rules list_sellers list_services list_waivers
            print_rules read_admission read_notice read_offer read_partner read_product read_relaxation
            read_release read_seller read_seller_register read_service report_incident
        """,
        "integration": """
            announce_debit check_permission check_prohibition compare_rules import_assessment
            list_admission_steps list_assessments list_customers list_debits list_guardian_consents
            list_guardians list_joint_accounts list_joint_terms list_notice_versions list_notices
            list_offering_windows list_offers list_partner_reviews list_partner_steps list_partners
            list_plans list_prices list_privacy_consents list_product_links list_product_scripts
            list_products list_proposals list_publicity list_recommendable_products list_relaxations
            list_resolutions list_risk_notices list_rules list_services list_stated_circumstances
            list_waivers look_for_profile make_proposal open_joint_account print_rules read_admission
            read_circumstances read_customer read_joint_account read_notice read_offer read_partner
            read_permit read_permit_of_sale read_personal_data read_plan read_privacy_consent
            read_product read_proposal read_relaxation read_risk_notice read_service redeem_permit
            register_customer report_heartbeat report_incident report_insurer_acceptance
            report_risk_notice reveal_personal_data search_personal_data show_notice state_circumstances
            state_guardian_consent state_joint_terms state_resolution write_personal_data write_profile
        """,
        "customer": """
            acknowledge_disclosure acknowledge_opinion answer_consent answer_notice answer_rollover
            cancel_contract choose_options compare_rules complete_assessment confirm_level confirm_quote
            copy_personal_data list_assessments list_assistance list_consents
            list_customer_data_requests list_customers list_debits list_disclosures list_entitlements
            list_guardian_consents list_guardians list_joint_accounts list_notice_versions list_notices
            list_opinions list_parties list_paying_accounts list_privacy_consents list_proposals
            list_resolutions list_rules list_safeguards list_stated_circumstances look_for_profile
            open_application open_data_request print_rules quote_fee read_application read_case
            read_circumstances read_consent read_customer read_data_request read_disclosure read_notice
            read_opinion read_personal_data read_plan read_privacy_consent read_proposal read_quote
            report_customer_change report_incident show_notice sign_document withdraw_application
            withdraw_consent withdraw_plan withdraw_privacy_consent
        """,
    },
    open={
        # Registry and rulebook belong to the bank, and so does a customer to all of its staff.
        "*": """
            admit_partner announce_price approve_benchmark approve_product approve_relaxation
            approve_release approve_remote_recording change_partner change_product check_permission
            check_prohibition check_publicity compare_rules complete_data_request
            count_product_enquiries decide_sales_scope enter_offer enter_product examine_product
            foresee_rules grade_product grant_waiver import_products introduce_service let_partner_go
            link_product list_admission_steps list_benchmarks list_data_incidents list_data_requests
            list_impact_assessments list_notice_versions list_notices list_offering_windows list_offers
            list_partner_reviews list_partner_steps list_partners list_permission_checks list_prices
            list_product_links list_product_scripts list_products list_profile_endings list_publicity
            list_relaxations list_releases list_remote_recordings list_risk_notices list_rules
            list_services list_waivers name_product_partner open_data_incident open_joint_account
            print_rules propose_benchmark propose_remote_recording publish_fee_notice publish_form
            publish_notice publish_notice_version read_admission read_benchmark read_data_incident
            read_notice read_offer read_partner read_permission_check read_product read_profile
            read_relaxation read_release read_remote_recording read_risk_notice read_service
            read_website_publication readmit_partner record_impact_assessment record_senior_approval
            register_customer reject_benchmark reject_data_request reject_remote_recording
            report_incident report_risk_notice review_partner revoke_relaxation set_offering_window
            set_product_script take_data_incident_step withdraw_offer withdraw_product
            withdraw_remote_recording write_profile
        """,
        "seller": """
            list_assessments list_guardian_consents list_guardians list_joint_accounts list_joint_terms
            list_privacy_consents list_proposals list_recommendable_products list_resolutions
            look_for_profile make_proposal read_customer read_joint_account read_personal_data
            read_privacy_consent read_proposal record_guardian report_customer_change
            reveal_personal_data search_personal_data show_notice write_personal_data
        """,
        "compliance_officer": """
            grant_personal_data list_assessments list_customer_data_requests list_customers
            list_differences list_guardian_consents list_guardians list_inspection_exports
            list_joint_accounts list_joint_terms list_legacy_batches list_legacy_gaps
            list_personal_data_accesses list_personal_data_grants list_privacy_consents list_proposals
            list_reconciliations list_resolutions list_stated_circumstances list_unmatched_reports
            look_for_profile read_circumstances read_customer read_data_request read_inspection_export
            read_joint_account read_legacy_batch read_personal_data read_privacy_consent read_proposal
            reveal_personal_data search_personal_data
        """,
        "auditor": """
            list_assessments list_customer_data_requests list_customers list_differences
            list_guardian_consents list_guardians list_inspection_exports list_joint_accounts
            list_joint_terms list_legacy_batches list_legacy_gaps list_personal_data_accesses
            list_personal_data_grants list_privacy_consents list_proposals list_reconciliations
            list_resolutions list_stated_circumstances list_unmatched_reports look_for_profile
            read_circumstances read_customer read_data_request read_inspection_export read_joint_account
            read_legacy_batch read_personal_data read_privacy_consent read_proposal
        """,
        "integration": """
            import_assessment list_assessments list_customers list_guardian_consents list_guardians
            list_joint_accounts list_joint_terms list_privacy_consents list_proposals
            list_recommendable_products list_resolutions list_stated_circumstances look_for_profile
            make_proposal read_circumstances read_customer read_joint_account read_personal_data
            read_privacy_consent read_proposal reveal_personal_data search_personal_data show_notice
            state_circumstances state_guardian_consent state_joint_terms state_resolution
            write_personal_data
        """,
        "complaint_handler": """
            read_personal_data reveal_personal_data search_personal_data
        """,
    },
    public="""
        ask_about_product describe_uploads query_benchmarks query_fee_contact query_forms query_partners
        query_permit_keys query_product query_products query_service query_staff_list query_tariff
    """,
)
