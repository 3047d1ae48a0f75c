extension Layout {
    /// Every layout the schema has had, oldest first, each as its statements. A migration that was released is never
    /// edited: add another.
    ///
    /// Keys compare byte by byte (`COLLATE "C"`), whatever language the database is set to.
    static let migrations: [[String]] = [
        [
            // moved_to says where the stack's state is now, once it was moved away.
            """
            CREATE TABLE stacks (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE,
                lineage text NOT NULL,
                generation bigint NOT NULL,
                revision text,
                moved_to text
            )
            """,
            // deposed_key is '' on the current instance; dependencies are addresses, one a line.
            """
            CREATE TABLE resources (
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                address text COLLATE "C" NOT NULL,
                deposed_key text COLLATE "C" NOT NULL,
                type text NOT NULL,
                provider text NOT NULL,
                recorded text NOT NULL,
                private_data bytea,
                dependencies text NOT NULL,
                status text NOT NULL,
                is_protected boolean NOT NULL,
                creates_before_destroy boolean NOT NULL,
                generation bigint NOT NULL,
                PRIMARY KEY (stack, address, deposed_key)
            )
            """,
            """
            CREATE TABLE resource_history (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                address text COLLATE "C" NOT NULL,
                deposed_key text COLLATE "C" NOT NULL,
                generation bigint NOT NULL,
                run text,
                changed_at double precision NOT NULL,
                before text,
                after text,
                moved_from text
            )
            """,
            "CREATE INDEX resource_history_by_address ON resource_history (stack, address, id)",
            """
            CREATE TABLE runs (
                number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                id text COLLATE "C" NOT NULL,
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                kind text NOT NULL,
                started_by text NOT NULL,
                revision text,
                actor text NOT NULL,
                started_at double precision NOT NULL,
                finished_at double precision,
                outcome text NOT NULL,
                summary text,
                plan text,
                UNIQUE (stack, id)
            )
            """,
            "CREATE INDEX runs_by_stack ON runs (stack, number)",
            // The id is the mark of ownership that providers set; the conclusion is null while the intent is open.
            """
            CREATE TABLE intents (
                number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                id text COLLATE "C" NOT NULL UNIQUE,
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                run text COLLATE "C" NOT NULL,
                address text COLLATE "C" NOT NULL,
                deposed_key text COLLATE "C" NOT NULL,
                provider text NOT NULL,
                action text NOT NULL,
                planned text,
                prior text,
                private_data bytea,
                dependencies text NOT NULL,
                is_protected boolean NOT NULL,
                creates_before_destroy boolean NOT NULL,
                fence bigint NOT NULL,
                opened_at double precision NOT NULL,
                conclusion text,
                concluded_at double precision
            )
            """,
            "CREATE INDEX intents_open ON intents (stack, number) WHERE conclusion IS NULL",
            "CREATE INDEX intents_by_run ON intents (stack, run) WHERE conclusion IS NOT NULL",
            // By name: a lease comes before the stack's first write. The holder is null on a stack that is free.
            """
            CREATE TABLE leases (
                stack text COLLATE "C" PRIMARY KEY,
                fence bigint NOT NULL,
                holder text,
                acquired_at double precision NOT NULL,
                expires_at double precision NOT NULL
            )
            """,
            // One row a transaction, in it: tells a client whose connection broke whether it was committed.
            """
            CREATE TABLE commits (
                token text COLLATE "C" PRIMARY KEY,
                made_at timestamptz NOT NULL
            )
            """,
            "CREATE INDEX commits_by_age ON commits (made_at)",
            """
            CREATE TABLE drift (
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                address text COLLATE "C" NOT NULL,
                path text COLLATE "C" NOT NULL,
                fingerprint text NOT NULL,
                first_seen double precision NOT NULL,
                last_seen double precision NOT NULL,
                occurrences bigint NOT NULL,
                status text NOT NULL CHECK (status IN ('open', 'acknowledged', 'healed', 'contended')),
                PRIMARY KEY (stack, address, path)
            )
            """,
            """
            CREATE TABLE outputs (
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                name text COLLATE "C" NOT NULL,
                value text NOT NULL,
                PRIMARY KEY (stack, name)
            )
            """,
            """
            CREATE TABLE holds (
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                address text COLLATE "C" NOT NULL,
                reason text NOT NULL,
                placed_by text NOT NULL,
                placed_at double precision NOT NULL,
                held_until double precision,
                PRIMARY KEY (stack, address)
            )
            """,
        ],
        [
            // Nothing was ever written to the first one. The path is '' where the resource itself is gone.
            "DROP TABLE drift",
            """
            CREATE TABLE drift (
                stack bigint NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
                address text COLLATE "C" NOT NULL,
                path text COLLATE "C" NOT NULL,
                fingerprint text NOT NULL,
                expected text NOT NULL,
                live text NOT NULL,
                first_seen double precision NOT NULL,
                last_seen double precision NOT NULL,
                occurrences bigint NOT NULL,
                status text NOT NULL
                    CHECK (status IN ('open', 'acknowledged', 'healed', 'contended', 'gone')),
                heals bigint NOT NULL,
                acknowledged_until double precision,
                reason text,
                actor text,
                writer text,
                written_at double precision,
                PRIMARY KEY (stack, address, path)
            )
            """,
        ],
        [
            // What a controller notes beside the states: documents, logs, and who lives.
            "CREATE SEQUENCE controller_versions",
            """
            CREATE TABLE controller_records (
                kind text COLLATE "C" NOT NULL,
                key text COLLATE "C" NOT NULL,
                version bigint NOT NULL,
                body text NOT NULL,
                PRIMARY KEY (kind, key)
            )
            """,
            """
            CREATE TABLE controller_log (
                number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                log text COLLATE "C" NOT NULL,
                subject text COLLATE "C" NOT NULL,
                time double precision NOT NULL,
                body text NOT NULL
            )
            """,
            "CREATE INDEX controller_log_by_log ON controller_log (log, number)",
            "CREATE INDEX controller_log_by_subject ON controller_log (log, subject, number)",
            """
            CREATE TABLE controller_members (
                id text COLLATE "C" PRIMARY KEY,
                name text NOT NULL,
                version text NOT NULL,
                expires_at double precision NOT NULL
            )
            """,
        ],
    ]
}
