"""Decisions held against the histories that they name: whoever invents a fact has no row that says it.

Those histories can only be added to (D1), and the gate reads them behind their locks: what a decision says is
there, dated before it, and what came before it is not left out. Replicas' clocks differ by as much as a
second, so what was left out must be older than that.
"""

from sqlalchemy import text

#: Of these decisions, each readable, everything that is wrong about it.
#: A birthday on 29 February is reckoned by a rule of its own; a day on either side is let pass here.
UNFOUNDED = text("""
SELECT d.id, wrong.forgery
FROM (SELECT id, case_id, decided_at, decision, decision -> 'inputs' AS i FROM decisions) d
JOIN cases c ON c.id = d.case_id, LATERAL (
    SELECT 'decision_on_altered_case' AS forgery WHERE
    NOT (i ->> 'customer_id' = CAST(c.customer_id AS text) AND i ->> 'session_id' = CAST(c.session_id AS text)
        AND i ->> 'channel' = c.channel AND i ->> 'currency' = c.currency
        AND i ->> 'amount_minor' = CAST(c.amount_minor AS text)
        AND coalesce(i ->> 'entry_mode', c.entry_mode) = c.entry_mode
        AND coalesce(i #>> '{outlet,outlet_id}', CAST(c.outlet_id AS text)) = CAST(c.outlet_id AS text))
    UNION ALL
    SELECT 'decision_on_invented_assessment' WHERE
    i #>> '{assessment,assessment_id}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM assessments a
        WHERE a.id = CAST(i #>> '{assessment,assessment_id}' AS uuid)
            AND a.customer_id = c.customer_id AND a.recorded_at <= d.decided_at
            AND CAST(a.level AS text) = i #>> '{assessment,level}'
            AND a.completed_at = CAST(i #>> '{assessment,completed_at}' AS timestamptz)
            AND coalesce(i #>> '{assessment,place}', a.place, '') = coalesce(a.place, '')
            AND coalesce(CAST(i #>> '{assessment,imported}' AS boolean), a.imported) = a.imported)
    OR i #>> '{assessment,level_confirmed_at}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM level_confirmations l
        WHERE l.assessment_id = CAST(i #>> '{assessment,assessment_id}' AS uuid)
            AND l.confirmed_at = CAST(i #>> '{assessment,level_confirmed_at}' AS timestamptz))
    OR i #>> '{assessment,assessment_id}' IS NOT NULL AND EXISTS (
        SELECT FROM reported_changes r
        WHERE r.customer_id = c.customer_id AND r.reported_at < d.decided_at - interval '1 second'
            AND r.reported_at > coalesce(
                CAST(i #>> '{assessment,change_reported_at}' AS timestamptz), '-infinity'))
    UNION ALL
    SELECT 'decision_on_invented_consent' WHERE
    i #>> '{consent,consent_id}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM consents a LEFT JOIN consent_withdrawals w ON w.consent_id = a.id
        WHERE a.id = CAST(i #>> '{consent,consent_id}' AS uuid)
            AND a.customer_id = c.customer_id AND a.session_id = c.session_id
            AND CAST(a.given AS text) = i #>> '{consent,given}'
            AND a.answered_at = CAST(i #>> '{consent,at}' AS timestamptz)
            AND CASE WHEN i #>> '{consent,withdrawn_at}' IS NOT NULL
                THEN w.withdrawn_at = CAST(i #>> '{consent,withdrawn_at}' AS timestamptz)
                ELSE coalesce(w.withdrawn_at, 'infinity') >= d.decided_at - interval '1 second' END)
    UNION ALL
    SELECT 'decision_on_foreign_hands' WHERE
    i #>> '{hands,assessed}' = 'CUSTOMER' AND EXISTS (
        SELECT FROM assessments a JOIN customers k ON k.id = a.customer_id
        WHERE a.id = CAST(i #>> '{assessment,assessment_id}' AS uuid)
            AND a.recorded_by IS DISTINCT FROM k.subject)
    OR i #>> '{hands,consented}' = 'CUSTOMER' AND EXISTS (
        SELECT FROM consents a JOIN customers k ON k.id = a.customer_id
        WHERE a.id = CAST(i #>> '{consent,consent_id}' AS uuid)
            AND a.answered_by IS DISTINCT FROM k.subject)
    UNION ALL
    SELECT 'decision_on_invented_opinion' WHERE
    i #>> '{opinion,opinion_id}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM matching_opinions o LEFT JOIN acknowledgements k ON k.opinion_id = o.id
        WHERE o.id = CAST(i #>> '{opinion,opinion_id}' AS uuid) AND o.case_id = c.id
            AND o.assessment_id = CAST(i #>> '{opinion,assessment_id}' AS uuid)
            AND CAST(o.product_level AS text) = i #>> '{opinion,product_level}'
            AND CAST(o.customer_level AS text) = i #>> '{opinion,customer_level}'
            AND o.given_at = CAST(i #>> '{opinion,given_at}' AS timestamptz)
            AND (i #>> '{opinion,acknowledged_at}' IS NULL
                OR k.acknowledged_at = CAST(i #>> '{opinion,acknowledged_at}' AS timestamptz)))
    UNION ALL
    SELECT 'decision_on_invented_disclosure' WHERE
    i #>> '{disclosure,disclosure_id}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM risk_disclosures o LEFT JOIN acknowledgements k ON k.disclosure_id = o.id
        WHERE o.id = CAST(i #>> '{disclosure,disclosure_id}' AS uuid) AND o.case_id = c.id
            AND o.shown_at = CAST(i #>> '{disclosure,shown_at}' AS timestamptz)
            AND (i #>> '{disclosure,acknowledged_at}' IS NULL
                OR k.acknowledged_at = CAST(i #>> '{disclosure,acknowledged_at}' AS timestamptz)))
    UNION ALL
    SELECT 'decision_on_invented_safeguard' WHERE
    EXISTS (
        SELECT FROM (VALUES
            ('LARGE_AMOUNT_APPROVAL', i #>> '{safeguards,approved_at}'),
            ('OFF_OUTLET_AGREEMENT', i #>> '{safeguards,agreed_off_outlet_at}'),
            ('CONTRACT', i #>> '{safeguards,signed_at}'),
            ('PREMIUM_DECLARATION', i #>> '{safeguards,premium_declared_at}'),
            ('INSURER_ACCEPTANCE', i #>> '{safeguards,insurer_accepted_at}'),
            ('ELDERLY_CARE', i #>> '{safeguards,care,at}')) AS told (kind, at)
        WHERE told.at IS NOT NULL AND NOT EXISTS (
            SELECT FROM safeguards s WHERE s.case_id = c.id AND s.kind = told.kind
                AND s.recorded_at = CAST(told.at AS timestamptz)
                AND (s.care IS NULL OR i #> '{safeguards,care}' @> s.care)))
    OR i #>> '{safeguards,signed_at}' IS NOT NULL AND EXISTS (
        SELECT FROM safeguards s WHERE s.case_id = c.id AND s.kind = 'CANCELLATION'
            AND s.recorded_at > CAST(i #>> '{safeguards,signed_at}' AS timestamptz)
            AND s.recorded_at < d.decided_at - interval '1 second')
    UNION ALL
    SELECT 'decision_on_invented_circumstance' WHERE
    i #> '{customer,capacity}' <> 'null' AND NOT EXISTS (
        SELECT FROM stated_circumstances s
        WHERE s.customer_id = c.customer_id AND i #>> '{customer,capacity}' = s.capacity
            AND s.stated_at <= d.decided_at AND NOT EXISTS (
            SELECT FROM stated_circumstances n
            WHERE n.customer_id = c.customer_id AND n.customer_version > s.customer_version
                AND n.capacity IS NOT NULL AND n.stated_at < d.decided_at - interval '1 second'))
    OR i #> '{customer,means}' <> 'null' AND NOT EXISTS (
        SELECT FROM stated_circumstances s
        WHERE s.customer_id = c.customer_id AND i #> '{customer,means}' = s.means
            AND s.stated_at <= d.decided_at AND NOT EXISTS (
            SELECT FROM stated_circumstances n
            WHERE n.customer_id = c.customer_id AND n.customer_version > s.customer_version
                AND n.means IS NOT NULL AND n.stated_at < d.decided_at - interval '1 second'))
    OR i #> '{customer,investor}' <> 'null' AND NOT EXISTS (
        SELECT FROM stated_circumstances s
        WHERE s.customer_id = c.customer_id AND i #> '{customer,investor}' = s.investor
            AND s.stated_at <= d.decided_at AND NOT EXISTS (
            SELECT FROM stated_circumstances n
            WHERE n.customer_id = c.customer_id AND n.customer_version > s.customer_version
                AND n.investor IS NOT NULL AND n.stated_at < d.decided_at - interval '1 second'))
    OR i #> '{customer,age}' <> 'null' AND NOT EXISTS (
        SELECT FROM stated_circumstances s
        WHERE s.customer_id = c.customer_id
            AND CAST(i #>> '{customer,age}' AS integer) BETWEEN
                extract(year FROM age(CAST(d.decision ->> 'on' AS date) - 1, s.birth_date))
                AND extract(year FROM age(CAST(d.decision ->> 'on' AS date) + 1, s.birth_date))
            AND s.stated_at <= d.decided_at AND NOT EXISTS (
            SELECT FROM stated_circumstances n
            WHERE n.customer_id = c.customer_id AND n.customer_version > s.customer_version
                AND n.birth_date IS NOT NULL AND n.stated_at < d.decided_at - interval '1 second'))
    OR i #>> '{customer,guardian_consent,consent_id}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM guardian_consents g
        WHERE g.id = CAST(i #>> '{customer,guardian_consent,consent_id}' AS uuid) AND g.given
            AND g.customer_id = c.customer_id AND (g.case_id = c.id OR g.product_id = c.product_id)
            AND g.stated_at = CAST(i #>> '{customer,guardian_consent,at}' AS timestamptz))
    UNION ALL
    SELECT 'decision_on_invented_quote' WHERE
    EXISTS (
        SELECT FROM jsonb_array_elements(
            CASE jsonb_typeof(i -> 'fees') WHEN 'array' THEN i -> 'fees' ELSE '[]' END) fee
        WHERE fee #>> '{quote,quote_id}' IS NOT NULL AND NOT EXISTS (
            SELECT FROM fee_quotes q LEFT JOIN fee_confirmations k ON k.quote_id = q.id
            WHERE q.id = CAST(fee #>> '{quote,quote_id}' AS uuid)
                AND q.service_id = CAST(fee ->> 'service_id' AS uuid) AND q.customer_id = c.customer_id
                AND CAST(q.amount_minor AS text) = fee #>> '{quote,amount_minor}'
                AND q.currency = fee #>> '{quote,currency}'
                AND q.expires_at = CAST(fee #>> '{quote,expires_at}' AS timestamptz)
                AND (fee #>> '{quote,confirmed_at}' IS NULL
                    OR k.confirmed_at = CAST(fee #>> '{quote,confirmed_at}' AS timestamptz))))
    UNION ALL
    SELECT 'decision_on_invented_admission' WHERE
    i #>> '{product,admission,examined_at}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM product_admission_steps e
        WHERE e.kind = 'DILIGENCE' AND e.product_id = c.product_id
            AND e.partner_id = CAST(i #>> '{product,admission,partner_id}' AS uuid)
            AND e.taken_at = CAST(i #>> '{product,admission,examined_at}' AS timestamptz)
            AND NOT EXISTS (
                SELECT FROM jsonb_array_elements_text(i #> '{product,admission,approvals}') level
                WHERE NOT EXISTS (
                    SELECT FROM product_admission_steps a
                    WHERE a.examination_id = e.id AND a.kind = 'APPROVAL' AND a.level = level
                        AND a.taken_at <= d.decided_at))
            AND (i #>> '{product,admission,rejected}' = 'true' OR NOT EXISTS (
                SELECT FROM product_admission_steps a
                WHERE a.examination_id = e.id AND a.kind = 'REJECTION'
                    AND a.taken_at < d.decided_at - interval '1 second')))
    UNION ALL
    SELECT 'decision_on_invented_inspection' WHERE
    i #>> '{zone,checklist,inspected_at}' IS NOT NULL AND NOT EXISTS (
        SELECT FROM zone_inspections z
        WHERE z.zone_id = CAST(i #>> '{zone,zone_id}' AS uuid) AND i #> '{zone,checklist}' @> z.checklist
            AND z.inspected_at = CAST(i #>> '{zone,checklist,inspected_at}' AS timestamptz))
    OR i #>> '{zone,state}' = 'ACTIVE' AND EXISTS (
        SELECT FROM zone_orders z
        WHERE z.zone_id = CAST(i #>> '{zone,zone_id}' AS uuid)
            AND z.ordered_at > CAST(i #>> '{zone,checklist,inspected_at}' AS timestamptz)
            AND z.ordered_at < d.decided_at - interval '1 second')
    UNION ALL
    SELECT 'decision_on_invented_right' WHERE
    EXISTS (
        SELECT FROM jsonb_array_elements(
            CASE jsonb_typeof(i #> '{seller,qualifications}')
                WHEN 'array' THEN i #> '{seller,qualifications}' ELSE '[]' END) told
        WHERE NOT EXISTS (
            SELECT FROM sellers s, jsonb_array_elements(s.qualifications) held
            WHERE s.id = c.seller_id AND held ->> 'qualification_id' = told ->> 'qualification_id'))
    UNION ALL
    SELECT 'decision_on_invented_grade' WHERE
    EXISTS (
        SELECT FROM (
            SELECT CASE WHEN told ? 'product' THEN told -> 'product' ELSE told END AS entry
            FROM (SELECT CAST(f.data AS jsonb) AS told, f.sequence FROM fact f
                WHERE f.topic = 'compliance.products.v1' AND f.key = i #>> '{product,product_id}'
                    AND f.type IN ('compliance.product.listed.v1', 'compliance.product.changed.v1',
                        'compliance.product.risk_changed.v1')
                    AND f.sequence <= CAST(i #>> '{product,version}' AS integer)) facts
            ORDER BY sequence DESC LIMIT 1) last
        WHERE (entry -> 'bank_risk_level', entry -> 'issuer_risk_level')
            IS DISTINCT FROM (i #> '{product,bank_level}', i #> '{product,issuer_level}'))
    UNION ALL
    SELECT 'decision_without_alert' WHERE
    EXISTS (
        SELECT FROM seller_alerts a LEFT JOIN seller_alert_clearances k ON k.alert_id = a.id
        WHERE a.seller_id = c.seller_id AND a.raised_at < d.decided_at - interval '1 second'
            AND coalesce(k.cleared_at, 'infinity') > d.decided_at
            AND jsonb_typeof(i -> 'alerts') = 'array'
            AND NOT i -> 'alerts' @> jsonb_build_array(jsonb_build_object('alert_id', a.id)))
) wrong WHERE d.id = ANY(CAST(:ids AS uuid[]))
""")
