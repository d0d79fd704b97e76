-- Issues tickets, one for each row of the input, in one statement and one commit (docs/adr/0003).
--
-- $1 outlet  $2 service  $3 queue or null  $4 ticket id  $5 fact id  $6 channel  $7 visitor or null
-- $8 principal  $9 route  $10 key  $11 fingerprint  $12 causes of the fact (JSON)   each an array, one entry a request
-- $13 the instant  $14 zone and $15 cut-over hour of outlets that we do not know (N4)
--
-- Answers a row for each request that was issued now (fingerprint null) or before (C2: its stored answer). A request
-- without a row is refused; the caller finds out why. Locks: series by (queue, date), then keys by (principal, route, key),
-- so two statements never wait for each other in a circle. A key that another transaction is just using fails the whole
-- statement (unique violation); repeated, it finds the stored answer. Every table is looked into row by row
-- (LATERAL ... LIMIT): the plan is made once, maybe when the tables are empty, and must be right when they are not.
WITH input AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
        $8::text[], $9::text[], $10::text[], $11::bytea[], $12::text[]
    ) WITH ORDINALITY AS i (
        outlet_id, service_code, queue_id, ticket_id, fact_id, channel, visitor,
        principal, route, key, fingerprint, causes, place
    )
),
known AS MATERIALIZED (
    SELECT i.place, a.fingerprint, a.status, a.headers::text AS headers, a.body
    FROM input i
    CROSS JOIN LATERAL (
        SELECT a.fingerprint, a.status, a.headers, a.body
        FROM idempotency a
        WHERE a.principal = i.principal AND a.route = i.route AND a.key = i.key
        LIMIT 1
    ) a
),
fresh AS MATERIALIZED (
    SELECT i.*, q.id AS queue, q.letter,
           (($13::timestamptz AT TIME ZONE coalesce(o.timezone, $14::text))
               - make_interval(hours => coalesce(o.cutover_hour, $15::integer)))::date AS business_date
    FROM input i
    CROSS JOIN LATERAL (
        SELECT q.id, q.letter
        FROM queues q
        WHERE q.outlet_id = i.outlet_id AND q.service_codes ? i.service_code AND q.accepting
          AND (i.queue_id IS NULL OR q.id = i.queue_id)
        ORDER BY q.letter
        LIMIT 1
    ) q
    LEFT JOIN LATERAL (
        SELECT o.timezone, o.cutover_hour, o.status FROM outlets o WHERE o.id = i.outlet_id LIMIT 1
    ) o ON true
    WHERE i.place NOT IN (SELECT place FROM known) AND o.status IS DISTINCT FROM 'closed'
),
series AS (
    INSERT INTO number_series AS s (queue_id, business_date, outlet_id, issued, last_at, closed)
    SELECT queue, business_date, outlet_id, count(*), $13, false
    FROM fresh
    GROUP BY queue, business_date, outlet_id
    ORDER BY queue, business_date
    ON CONFLICT (queue_id, business_date) DO UPDATE
    SET issued = s.issued + excluded.issued, last_at = greatest(s.last_at, excluded.last_at)
    WHERE NOT s.closed
    RETURNING s.queue_id, s.business_date, s.issued, s.last_at
),
numbered AS MATERIALIZED (
    SELECT f.*, s.last_at AS issued_at, n.serial,
           f.letter || lpad(n.serial::text, greatest(3, length(n.serial::text)), '0') AS number,
           w.waiting + f.nth - 1 AS people_ahead
    FROM (
        SELECT *, row_number() OVER turn AS nth, count(*) OVER (PARTITION BY queue, business_date) AS takers
        FROM fresh
        WINDOW turn AS (PARTITION BY queue, business_date ORDER BY place)
    ) f
    JOIN series s ON s.queue_id = f.queue AND s.business_date = f.business_date
    CROSS JOIN LATERAL (SELECT (s.issued - f.takers + f.nth)::integer AS serial) n
    CROSS JOIN LATERAL (
        SELECT count(*) AS waiting
        FROM tickets t
        WHERE t.queue_id = f.queue AND t.business_date = f.business_date AND t.state = 'waiting'
    ) w
),
ticket AS (
    INSERT INTO tickets (
        id, version, outlet_id, business_date, queue_id, serial, number, service_code, channel, visitor, state, issued_at
    )
    SELECT ticket_id, 1, outlet_id, business_date, queue, serial, number, service_code, channel, visitor, 'waiting',
           issued_at
    FROM numbered
    ORDER BY queue, serial
    RETURNING *
),
archived AS (
    -- R1: the fact stands FROM the row that was written.
    INSERT INTO fact (id, type, topic, key, sequence, occurred_at, headers, data)
    SELECT n.fact_id, 'ticketing.ticket.issued.v1', 'ticketing.tickets.v1', t.id::text, t.version, t.issued_at,
           n.causes::jsonb,
           concat(
               '{"version":', t.version,
               ',"occurred_at":"', to_char(t.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               '","ticket_id":"', t.id, '","outlet_id":"', t.outlet_id, '","business_date":"', t.business_date,
               '","number":"', t.number, '","queue_id":"', t.queue_id, '","service_code":"', t.service_code,
               '","channel":"', t.channel, '","visitor":', coalesce(to_json(t.visitor)::text, 'null'), '}'
           )
    FROM ticket t
    JOIN numbered n ON n.ticket_id = t.id
    ORDER BY t.queue_id, t.serial
    RETURNING seq, recorded_at
),
queued AS (
    INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM archived
),
slip AS MATERIALIZED (
    SELECT place, principal, route, key, fingerprint, 201::smallint AS status,
           concat(
               '{"content-type":"application/json","etag":"\"1\"","location":"/v1/tickets/', ticket_id, '"}'
           ) AS headers,
           convert_to(
               concat(
                   '{"id":"', ticket_id, '","number":"', number, '","queue_id":"', queue, '","business_date":"',
                   business_date, '","issued_at":"',
                   to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '","people_ahead":',
                   people_ahead, '}'
               ),
               'UTF8'
           ) AS body
    FROM numbered
),
answered AS (
    INSERT INTO idempotency (principal, route, key, fingerprint, status, headers, body)
    SELECT principal, route, key, fingerprint, status, headers::jsonb, body
    FROM slip
    ORDER BY principal, route, key
)
SELECT place, NULL::bytea AS fingerprint, status, headers, body FROM slip
UNION ALL
SELECT place, fingerprint, status, headers, body FROM known
