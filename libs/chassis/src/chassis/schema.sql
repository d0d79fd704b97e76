-- The chassis' own tables, one set in each service's database. Run by a service's first migration.
-- R2: seq is THE order of facts. The payload is stored once, here; outbox rows point to it.
CREATE TABLE fact (
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id          uuid NOT NULL,
    type        text NOT NULL,
    topic       text NOT NULL,
    key         text,
    sequence    bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    headers     jsonb NOT NULL DEFAULT '{}',
    data        text NOT NULL,
    CONSTRAINT pk_fact PRIMARY KEY (recorded_at, seq)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE fact_default PARTITION OF fact DEFAULT;
CREATE INDEX ix_fact_seq ON fact (seq);
CREATE INDEX ix_fact_topic_key ON fact (topic, key, seq);

CREATE TABLE outbox (
    seq         bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- S1: the last fact acknowledged on each partition, kept in the transaction that deletes its outbox row.
CREATE TABLE relay_position (
    topic     text NOT NULL,
    partition integer NOT NULL,
    seq       bigint NOT NULL,
    CONSTRAINT pk_relay_position PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- N3: one row; a durable pause of the relay, set by republish.
CREATE TABLE relay_control (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT ck_relay_control_only_row CHECK (only_row),
    paused   boolean NOT NULL DEFAULT false,
    reason   text,
    CONSTRAINT pk_relay_control PRIMARY KEY (only_row)
);
INSERT INTO relay_control DEFAULT VALUES;

-- N1: what has been consumed, one row per consumer group and fact.
CREATE TABLE inbox (
    consumer    text NOT NULL,
    source      text NOT NULL,
    id          text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_inbox PRIMARY KEY (consumer, source, id)
);
CREATE INDEX ix_inbox_received_at ON inbox USING brin (received_at);

-- N1, S1: how far each partition has been consumed, in the transaction of the effects.
CREATE TABLE consumer_position (
    consumer   text NOT NULL,
    topic      text NOT NULL,
    partition  integer NOT NULL,
    next_offset bigint NOT NULL,
    seq        bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_consumer_position PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);

-- S1: the last heartbeat of each partition of a register.
CREATE TABLE register_heartbeat (
    topic           text NOT NULL,
    partition       integer NOT NULL,
    partition_count integer NOT NULL,
    as_of           timestamptz NOT NULL,
    seq             bigint NOT NULL,
    CONSTRAINT pk_register_heartbeat PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- N2: facts that could not be taken, and the later facts of their keys behind them.
CREATE TABLE parked_key (
    topic text NOT NULL,
    key   text NOT NULL,
    CONSTRAINT pk_parked_key PRIMARY KEY (topic, key)
);
CREATE TABLE parked (
    position  bigint GENERATED ALWAYS AS IDENTITY,
    consumer  text NOT NULL,
    topic     text NOT NULL,
    partition integer NOT NULL,
    "offset"  bigint NOT NULL,
    key       text,
    headers   jsonb NOT NULL,
    value     bytea NOT NULL,
    reason    text NOT NULL,
    attempts  integer NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked PRIMARY KEY (position)
);
CREATE INDEX ix_parked_topic_key ON parked (topic, key, position);
CREATE TABLE parked_dropped (
    position   bigint NOT NULL,
    topic      text NOT NULL,
    key        text,
    headers    jsonb NOT NULL,
    value      bytea NOT NULL,
    reason     text NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_dropped PRIMARY KEY (position)
);

-- C2: answers by key, in the transaction of the effect.
CREATE TABLE idempotency (
    principal   text NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    status      smallint,
    headers     jsonb,
    body        bytea,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_idempotency PRIMARY KEY (principal, route, key)
);
CREATE INDEX ix_idempotency_created_at ON idempotency USING brin (created_at);
