-- Records that are mined, confirmed, folded from several sources, anchored to code.
CREATE TABLE held (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    text          TEXT NOT NULL,
    workspace     TEXT NOT NULL,
    sources       TEXT NOT NULL,  -- this and the other lists are JSON arrays
    learned       TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    valid_to      TEXT,
    subject       TEXT,
    attribute     TEXT,
    stance        TEXT,
    globs         TEXT NOT NULL,
    supersedes    TEXT NOT NULL,
    superseded_by TEXT,
    aliases       TEXT NOT NULL,
    related       TEXT NOT NULL,
    anchors       TEXT NOT NULL,
    pinned        INTEGER NOT NULL,
    status        TEXT NOT NULL,
    confidence    REAL NOT NULL,
    origin        TEXT NOT NULL,
    confirmed     INTEGER NOT NULL,
    reason        TEXT,
    number        INTEGER NOT NULL UNIQUE,  -- the row of record_terms and record_vector
    CHECK (json_valid(sources) AND json_valid(globs) AND json_valid(supersedes)
           AND json_valid(aliases) AND json_valid(related) AND json_valid(anchors))
);
INSERT INTO held
    SELECT id, kind, text, workspace, json_array(source), learned, valid_from, valid_to, subject,
           attribute, stance, globs, supersedes, superseded_by, aliases, '[]', '[]', pinned,
           status, confidence, iif(source = 'agent', 'agent', 'user'), source <> 'agent', NULL,
           number
      FROM record;
DROP TABLE record;
ALTER TABLE held RENAME TO record;
CREATE INDEX record_pinned ON record (number) WHERE pinned;
CREATE INDEX record_globs ON record (globs) WHERE globs <> '[]';
CREATE INDEX record_superseded_by ON record (superseded_by) WHERE superseded_by IS NOT NULL;

-- Which source was read, in which state, and which records it gave. A record that no source gives
-- any more is closed, not deleted.
CREATE TABLE mined (source TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE given (
    source TEXT NOT NULL REFERENCES mined (source) ON DELETE CASCADE,
    record TEXT NOT NULL,
    PRIMARY KEY (source, record)
) WITHOUT ROWID;
CREATE INDEX given_record ON given (record);

-- What the user had forgotten stays forgotten though its source still says it: a digest, no text.
CREATE TABLE forgotten (digest BLOB PRIMARY KEY) WITHOUT ROWID;

-- Counts changes of records, and vectors taken out: what is kept in memory is known to be old.
CREATE TABLE generation (records INTEGER NOT NULL, vectors INTEGER NOT NULL);
INSERT INTO generation VALUES (0, 0);

-- Vectors in the order in which they came: a reader takes up only what is new to it.
CREATE TABLE nearness (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL UNIQUE,
    value  BLOB NOT NULL         -- float16, unit length
);
INSERT INTO nearness (number, value) SELECT number, value FROM record_vector ORDER BY number;
DROP TABLE record_vector;
ALTER TABLE nearness RENAME TO record_vector;
