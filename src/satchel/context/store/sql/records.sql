-- The records of one workspace. Precious: nothing else holds them.
CREATE TABLE record (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    text          TEXT NOT NULL,
    workspace     TEXT NOT NULL,
    source        TEXT NOT NULL,
    learned       TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    valid_to      TEXT,
    subject       TEXT,
    attribute     TEXT,
    stance        TEXT,
    globs         TEXT NOT NULL,  -- JSON arrays
    supersedes    TEXT NOT NULL,
    superseded_by TEXT,
    aliases       TEXT NOT NULL,
    pinned        INTEGER NOT NULL,
    status        TEXT NOT NULL,
    confidence    REAL NOT NULL,
    number        INTEGER NOT NULL UNIQUE,  -- the row of record_terms and record_vector
    CHECK (json_valid(globs) AND json_valid(supersedes) AND json_valid(aliases))
);
CREATE VIRTUAL TABLE record_terms USING fts5 (
    text, subject,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE VIRTUAL TABLE record_vocabulary USING fts5vocab (record_terms, 'row');
CREATE TABLE record_vector (number INTEGER PRIMARY KEY, value BLOB NOT NULL);

-- Conversations that `ask --continue` takes up again.
CREATE TABLE turn (
    id           INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    time         TEXT NOT NULL,
    role         TEXT NOT NULL,
    text         TEXT NOT NULL
);
