extension Schema {
    /// Every layout the file has had, oldest first. A migration that was released is never edited: add another.
    static let migrations = [
        """
        CREATE TABLE stacks (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            lineage TEXT NOT NULL,
            generation INTEGER NOT NULL,
            revision TEXT
        ) STRICT;

        -- deposed_key is '' on the current instance; dependencies are addresses, one a line.
        CREATE TABLE resources (
            id INTEGER PRIMARY KEY,
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            deposed_key TEXT NOT NULL,
            type TEXT NOT NULL,
            provider TEXT NOT NULL,
            recorded TEXT NOT NULL,
            private_data BLOB,
            dependencies TEXT NOT NULL,
            status TEXT NOT NULL,
            is_protected INTEGER NOT NULL,
            creates_before_destroy INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            UNIQUE (stack, address, deposed_key)
        ) STRICT;

        CREATE TABLE resource_history (
            id INTEGER PRIMARY KEY,
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            deposed_key TEXT NOT NULL,
            generation INTEGER NOT NULL,
            run TEXT,
            changed_at REAL NOT NULL,
            before TEXT,
            after TEXT
        ) STRICT;
        CREATE INDEX resource_history_by_address ON resource_history (stack, address);

        CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            started_by TEXT NOT NULL,
            revision TEXT,
            actor TEXT NOT NULL,
            started_at REAL NOT NULL,
            finished_at REAL,
            outcome TEXT NOT NULL,
            summary TEXT,
            plan TEXT
        ) STRICT;
        CREATE INDEX runs_by_stack ON runs (stack);

        -- The id is the mark of ownership that providers set; the conclusion is null while the intent is open.
        CREATE TABLE intents (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            run TEXT NOT NULL,
            address TEXT NOT NULL,
            deposed_key TEXT NOT NULL,
            provider TEXT NOT NULL,
            action TEXT NOT NULL,
            planned TEXT,
            prior TEXT,
            private_data BLOB,
            dependencies TEXT NOT NULL,
            is_protected INTEGER NOT NULL,
            creates_before_destroy INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            opened_at REAL NOT NULL,
            conclusion TEXT,
            concluded_at REAL
        ) STRICT;
        CREATE INDEX intents_open ON intents (stack) WHERE conclusion IS NULL;

        -- By name: a lease comes before the stack's first write. The holder is null on a stack that is free.
        CREATE TABLE leases (
            stack TEXT PRIMARY KEY,
            fence INTEGER NOT NULL,
            holder TEXT,
            acquired_at REAL NOT NULL,
            expires_at REAL NOT NULL
        ) STRICT;

        CREATE TABLE drift (
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            path TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            first_seen REAL NOT NULL,
            last_seen REAL NOT NULL,
            occurrences INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'healed', 'contended')),
            PRIMARY KEY (stack, address, path)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE outputs (
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (stack, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE holds (
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            reason TEXT NOT NULL,
            placed_by TEXT NOT NULL,
            placed_at REAL NOT NULL,
            held_until REAL,
            PRIMARY KEY (stack, address)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- The address that a row had before, in the entry of the change that gave it another one.
        ALTER TABLE resource_history ADD COLUMN moved_from TEXT;
        """,
        """
        -- Where the stack's state is now, once it was moved away.
        ALTER TABLE stacks ADD COLUMN moved_to TEXT;
        """,
        """
        -- Nothing was ever written to the first one. The path is '' where the resource itself is gone.
        DROP TABLE drift;
        CREATE TABLE drift (
            stack INTEGER NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            path TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            expected TEXT NOT NULL,
            live TEXT NOT NULL,
            first_seen REAL NOT NULL,
            last_seen REAL NOT NULL,
            occurrences INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'healed', 'contended', 'gone')),
            heals INTEGER NOT NULL,
            acknowledged_until REAL,
            reason TEXT,
            actor TEXT,
            writer TEXT,
            written_at REAL,
            PRIMARY KEY (stack, address, path)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- What a controller notes beside the states: documents, logs, and who lives.
        CREATE TABLE controller_records (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;

        -- A number is never given out twice, even where the newest entries were removed.
        CREATE TABLE controller_log (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            log TEXT NOT NULL,
            subject TEXT NOT NULL,
            time REAL NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX controller_log_by_log ON controller_log (log);
        CREATE INDEX controller_log_by_subject ON controller_log (log, subject);

        CREATE TABLE controller_members (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            expires_at REAL NOT NULL
        ) STRICT;

        -- One row: how often these tables were changed.
        CREATE TABLE controller_changes (number INTEGER NOT NULL) STRICT;
        INSERT INTO controller_changes (number) VALUES (0);
        """,
    ]
}
